/*
 * log.h - one line per event on standard error: ts=… level=info msg="…" key=value.
 *
 * Only cmd/ and the loops (server, worker, watch, agent main) log; everybody else returns an error. Safe from any
 * thread; a line is one write(2). Values are escaped, so outside text cannot forge a line. Never log object bodies or
 * secrets.
 */
#ifndef STASH_LOG_H
#define STASH_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/** Levels above `level` are dropped; the default is info. */
void log_set_level(enum log_level level);

/** A message and then pairs of key and value (strings, NULL prints as empty), ended by NULL. */
void log_write(enum log_level level, const char *msg, ...) __attribute__((sentinel));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__, NULL)
#define log_warn(...)  log_write(LOG_LEVEL_WARN, __VA_ARGS__, NULL)
#define log_info(...)  log_write(LOG_LEVEL_INFO, __VA_ARGS__, NULL)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__, NULL)

#endif
