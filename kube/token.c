#include "token.h"

#include <string.h>

#include "stash/clock.h"
#include "stash/file.h"
#include "stash/limits.h"
#include "stash/mem.h"

#define REREAD_MS 60000

void token_init(struct token *token, const char *file, const char *value)
{
    *token = (struct token){.file = file, .value = value ? xstrdup(value) : NULL};
    pthread_mutex_init(&token->lock, NULL);
}

void token_done(struct token *token)
{
    free(token->value);
    token->value = NULL;
    pthread_mutex_destroy(&token->lock);
}

static int read_file(struct token *token, struct error *err)
{
    char *text = NULL;
    size_t len = 0;
    int r = file_read(token->file, 64 * LIMIT_KIB, &text, &len, err);
    if (r < 0)
        return error_wrap(err, "reading the token");
    text[strcspn(text, " \t\r\n")] = '\0';
    if (!*text) {
        free(text);
        return error_set(err, ERR_INVALID, "reading the token: %s is empty", token->file);
    }
    free(token->value);
    token->value = text;
    return 0;
}

int token_get(struct token *token, bool reload, char **ret, struct error *err)
{
    struct error failure = {0};
    int r = 0;
    pthread_mutex_lock(&token->lock);
    int64_t now = clock_mono_ms();
    bool is_old = !token->value || now - token->read_ms >= REREAD_MS;
    if (token->file && (reload || is_old)) {
        r = read_file(token, &failure);
        token->read_ms = now;
    }
    if (r == 0 || token->value)
        *ret = token->value ? xstrdup(token->value) : NULL;
    bool has_none = r < 0 && !token->value;
    pthread_mutex_unlock(&token->lock);
    if (!has_none)
        return 0;
    *err = failure;
    return -(int)failure.kind;
}
