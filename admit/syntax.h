/*
 * syntax.h - what a word must look like to be a name, a URL, a bucket. Pure questions about text.
 */
#ifndef ADMIT_SYNTAX_H
#define ADMIT_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

/** A DNS label of at most 63 characters (a Namespace), or labels joined by dots, at most 253 (most other names). */
bool syntax_is_label(const char *text);
bool syntax_is_subdomain(const char *text);

/** Whether there is a blank or a control character in it. */
bool syntax_has_blank(const char *text);

/** "host", "host:port", with no scheme and no path; a port is from 1 to 65535. [v6] addresses too. */
bool syntax_is_host_port(const char *text, size_t len);

/** "scheme://host[:port][/path]"; the scheme is one of the NULL-ended list. */
bool syntax_is_url(const char *text, const char *const *schemes);

/** Whether some URL in the text has a password ("scheme://user:password@host"); a reference like $(NAME) is none. */
bool syntax_has_password(const char *text);

/** The name of a container port: at most 15 letters, digits and hyphens, with a letter. */
bool syntax_is_port_name(const char *text);

/** ReadWriteOnce and so on. */
bool syntax_is_access_mode(const char *text);

/** Whether ${name} can read a variable of this name. */
bool syntax_is_variable(const char *text);

/** A label's key, "name" or "example.com/name"; its value, which may be empty. */
bool syntax_is_qualified(const char *text);
bool syntax_is_label_value(const char *text);

/** What Kubernetes takes for an environment variable in all versions; for a key in a Secret or ConfigMap. */
bool syntax_is_env_name(const char *text);
bool syntax_is_data_key(const char *text);

/** An HTTP header's name. */
bool syntax_is_header_name(const char *text);

#endif
