#include "resp.h"

#include "stash/text.h"

#define NUMBER_MAX INT64_MAX
#define FEED       2 /* a string's line feed: \r\n */

bool resp_is_between(const struct resp *resp)
{
    return resp->depth == 0 && !resp->in_bulk && resp->line_len == 0;
}

/* One value is complete: so are the arrays of which it is the last. */
static bool close_value(struct resp *resp)
{
    while (resp->depth > 0) {
        if (--resp->open[resp->depth - 1] > 0)
            return false;
        resp->depth--;
    }
    return true;
}

static int resp_fail(const struct resp *resp, struct error *err)
{
    return error_set(err, ERR_INVALID, "not Redis' protocol: \"%.40s\"", resp->line);
}

/* The number of a line, which may be negative. */
static bool read_number(const char *text, int64_t *ret)
{
    bool is_negative = *text == '-';
    const char *at = text + is_negative;

    if (!text_number(&at, NUMBER_MAX, ret) || *at)
        return false;
    *ret = is_negative ? -*ret : *ret;
    return true;
}

static int open_array(struct resp *resp, struct resp_event *ret, struct error *err)
{
    ret->kind = RESP_ARRAY;
    if (ret->number < RESP_NIL || (ret->number > 0 && resp->depth == RESP_DEPTH))
        return resp_fail(resp, err);
    if (ret->number > 0)
        resp->open[resp->depth++] = ret->number;
    else
        ret->last = close_value(resp);
    return 1;
}

static int open_bulk(struct resp *resp, struct resp_event *ret, struct error *err)
{
    ret->kind = RESP_BULK;
    if (ret->number < RESP_NIL || ret->number > NUMBER_MAX - FEED)
        return resp_fail(resp, err);
    if (ret->number == RESP_NIL)
        ret->last = close_value(resp);
    else {
        resp->in_bulk = true;
        resp->left = ret->number + FEED;
    }
    return 1;
}

static int read_line(struct resp *resp, struct resp_event *ret, struct error *err)
{
    *ret = (struct resp_event){.kind = RESP_LINE, .marker = resp->line[0]};
    if (!resp->line[0])
        return resp_fail(resp, err);
    if (strchr("*$:", resp->line[0]) && !read_number(resp->line + 1, &ret->number))
        return resp_fail(resp, err);
    switch (resp->line[0]) {
    case '*':
        return open_array(resp, ret, err);
    case '$':
        return open_bulk(resp, ret, err);
    case '+':
    case '-':
    case ':':
        ret->data = resp->line + 1;
        ret->len = strlen(ret->data);
        ret->last = close_value(resp);
        return 1;
    default:
        return resp_fail(resp, err);
    }
}

/* Lines end with \r\n; a longer one is cut, which only an error's can be. */
static int next_line(struct resp *resp, const char **data, size_t *len, struct resp_event *ret,
                     struct error *err)
{
    while (*len > 0) {
        char c = *(*data)++;

        (*len)--;
        if (c == '\n' && resp->line_len > 0 && resp->line[resp->line_len - 1] == '\r') {
            resp->line[resp->line_len - 1] = '\0';
            resp->line_len = 0;
            return read_line(resp, ret, err);
        }
        if (resp->line_len == RESP_LINE_MAX && resp->line[0] != '-')
            return resp_fail(resp, err);
        if (resp->line_len == RESP_LINE_MAX)
            resp->line_len--;
        resp->line[resp->line_len++] = c ? c : ' ';
        resp->line[resp->line_len] = '\0';
    }
    return 0;
}

static int next_data(struct resp *resp, const char **data, size_t *len, struct resp_event *ret,
                     struct error *err)
{
    static const char feed[] = {'\n', '\r'};

    if (resp->left > FEED && *len > 0) {
        size_t most =
            (uint64_t)*len < (uint64_t)(resp->left - FEED) ? *len : (size_t)(resp->left - FEED);

        *ret = (struct resp_event){.kind = RESP_DATA, .data = *data, .len = most};
        *data += most;
        *len -= most;
        resp->left -= (int64_t)most;
        return 1;
    }
    while (resp->left > 0 && *len > 0) {
        if (**data != feed[resp->left - 1])
            return error_set(err, ERR_INVALID,
                             "not Redis' protocol: a string does not end where it should");
        (*data)++;
        (*len)--;
        resp->left--;
    }
    if (resp->left > 0)
        return 0;
    resp->in_bulk = false;
    *ret = (struct resp_event){.kind = RESP_END, .last = close_value(resp)};
    return 1;
}

int resp_next(struct resp *resp, const char **data, size_t *len, struct resp_event *ret,
              struct error *err)
{
    return (resp->in_bulk ? next_data : next_line)(resp, data, len, ret, err);
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

void resp_put_count(struct buf *out, int64_t count)
{
    buf_addf(out, "*%lld\r\n", (long long)count);
}

void resp_put_word(struct buf *out, struct resp_text word)
{
    buf_addf(out, "$%zu\r\n", word.len);
    buf_add(out, word.data, word.len);
    buf_adds(out, "\r\n");
}

void resp_put(struct buf *out, const struct resp_text *words, size_t count)
{
    resp_put_count(out, (int64_t)count);
    for (size_t i = 0; i < count; i++)
        resp_put_word(out, words[i]);
}
