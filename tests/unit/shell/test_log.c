#include "stash/log.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <string.h>
#include <unistd.h>

Test(log, outside_text_cannot_forge_a_line)
{
    char line[4096];
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    log_info("got it", "value", "a\"\nlevel=error msg=x\x1b[2J\xc2\x9b\xc3\xa9");
    ssize_t len = read(ends[0], line, sizeof(line) - 1);
    cr_assert_gt(len, 0);
    line[len] = '\0';
    cr_assert_eq(strchr(line, '\n') - line, len - 1, "one line: %s", line);
    cr_assert(strstr(line, "level=info msg=\"got it\" value=\"a\\\"\\nlevel=error "
                           "msg=x\\x1b[2J\\xc2\\x9b\xc3\xa9\"\n"),
              "%s", line);
}
