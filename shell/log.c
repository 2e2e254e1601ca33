#include "stash/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "stash/buf.h"
#include "stash/clock.h"
#include "stash/timefmt.h"

#define LOG_LINE_LIMIT 4096

static _Atomic int max_level = LOG_LEVEL_INFO;
static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_set_level(enum log_level level)
{
    atomic_store(&max_level, (int)level);
}

/* U+0080 to U+009F, which terminals obey as they do ESC sequences. */
static bool is_c1_control(const char *at)
{
    return (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] >= 0x80 &&
           (unsigned char)at[1] < 0xa0;
}

/* Quoted, with control characters, quotes and backslashes escaped: nothing in a value can end the line, or speak to
 * the terminal that shows it. */
static void add_value(struct buf *line, const char *value)
{
    buf_addc(line, '"');
    for (const char *p = value ? value : ""; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\')
            buf_addf(line, "\\%c", c);
        else if (c == '\n')
            buf_adds(line, "\\n");
        else if (is_c1_control(p))
            buf_addf(line, "\\xc2\\x%02x", (unsigned char)*++p);
        else if (c < 0x20 || c == 0x7f)
            buf_addf(line, "\\x%02x", c);
        else
            buf_addc(line, (char)c);
    }
    buf_addc(line, '"');
}

void log_write(enum log_level level, const char *msg, ...)
{
    char now[TIMEFMT_SIZE];
    const char *key;
    va_list ap;

    if ((int)level > atomic_load(&max_level))
        return;
    AUTO(buf_done) struct buf line;
    buf_init(&line, LOG_LINE_LIMIT);
    timefmt_micro(clock_now_micros(), now);
    buf_addf(&line, "ts=%s level=%s msg=", now, level_names[level]);
    add_value(&line, msg);
    va_start(ap, msg);
    while ((key = va_arg(ap, const char *))) {
        buf_addf(&line, " %s=", key);
        add_value(&line, va_arg(ap, const char *));
    }
    va_end(ap);
    line.data[line.len] = '\n'; /* in place of the NUL: there is always room */
    ssize_t ignored = write(STDERR_FILENO, line.data, line.len + 1);
    (void)ignored;
}
