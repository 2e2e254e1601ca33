/* The program's own command line, as a Function writes it, down to what restic is called with. */
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "stage.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

/* The command line of a step with these flags beside the usual ones. Heap string. */
static char *command_line(const struct stage *stage, const char *step, const char *flags)
{
    return xasprintf(
        "exec %s %s --kubeconfig=%s --provider=s3 --bucket=b --endpoint=http://127.0.0.1:1 "
        "--storage-secret-name=repo-secret --storage-secret-namespace=demo --scratch-dir=%s "
        "--namespace=demo --backupsession=s-1 --output-dir=%s %s 2>%s/said",
        STASH, step, fake_kubeconfig(stage->fake), stage->folder, stage->output_dir, flags,
        stage->folder);
}

/* Run a backup of a volume; its exit code. */
static int run(const struct stage *stage, const char *flags)
{
    AUTO(mem_free)
    char *all = xasprintf("--invoker-kind=BackupConfiguration --invoker-name=bc "
                          "--target-kind=PersistentVolumeClaim --target-name=data "
                          "--target-namespace=demo %s",
                          flags);
    AUTO(mem_free) char *command = command_line(stage, "backup-pvc", all);
    int status = system(command);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(command, a_list_that_stands_twice_has_all_its_items)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    stage_restic(&stage, "backup", stage_summary);
    cr_assert_eq(run(&stage, "--backup-paths=/one --backup-paths=/two,/three --exclude='*.tmp' "
                             "--exclude=cache --args=--tag=first --args='--tag second'"),
                 0);
    json_auto_t *stat = stage_stat(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    const char *const words[] = {"backup /one ",    "backup /two ",    "backup /three ",
                                 "--exclude *.tmp", "--exclude cache", "--tag=first",
                                 "--tag second"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        cr_assert(strstr(calls, words[i]), "no %s in %s", words[i], calls);
}

Test(command, a_value_that_stands_twice_is_refused_by_name_and_told)
{
    const struct {
        const char *flags, *why;
    } rows[] = {{"--hostname=a --hostname=b", "flag --hostname stands twice"},
                {"--wait-timeout=-5", "flag --wait-timeout: \"-5\" is not a number"},
                {"--wait-timeout=9223372036854775807",
                 "flag --wait-timeout: \"9223372036854775807\" is not a number"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(stage_done) struct stage stage;

        stage_open(&stage, "session.yaml");
        cr_assert_eq(run(&stage, rows[i].flags), 0);
        json_auto_t *stat = stage_stat(&stage);
        cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
        cr_assert(strstr(jsonx_str(stat, "error", NULL), rows[i].why), "%s",
                  jsonx_str(stat, "error", NULL));
    }
}

/* ---- a server that takes connections and says nothing ----------------------------------------------------------- */

/* Listen, and have the AppBinding es point there. */
static int open_silent(struct stage *stage)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    stage_open(stage, "session.yaml");
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    cr_assert_eq(listen(fd, 16), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    AUTO(mem_free)
    char *edit = xasprintf("sed -i s/127.0.0.1:19200/127.0.0.1:%d/ %s/script.yaml",
                           ntohs(address.sin_port), stage->folder);
    AUTO(mem_free) char *script = xasprintf("%s/script.yaml", stage->folder);
    cr_assert_eq(system(edit), 0);
    fake_restart(stage->fake, script);
    return fd;
}

static pid_t start_backup(const struct stage *stage, const char *wait_timeout)
{
    AUTO(mem_free)
    char *flags =
        xasprintf("--appbinding=es --appbinding-namespace=demo --interim-data-dir=%s/interim "
                  "--wait-timeout=%s",
                  stage->folder, wait_timeout);
    AUTO(mem_free) char *command = command_line(stage, "backup-es", flags);
    pid_t pid = child_fork();

    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void check_failed_before(const struct stage *stage, pid_t pid, int64_t end, const char *why)
{
    int status = -1;

    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_lt(clock_mono_ms(), end, "it ended %lld ms too late",
                 (long long)(clock_mono_ms() - end));
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    json_auto_t *stat = stage_stat(stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert(strstr(jsonx_str(stat, "error", NULL), why), "%s", jsonx_str(stat, "error", NULL));
}

Test(command, a_silent_server_holds_nobody_who_is_told_to_stop)
{
    AUTO(stage_done) struct stage stage;
    AUTO(fd_close) int fd = open_silent(&stage);
    pid_t pid = start_backup(&stage, "300");
    AUTO(fd_close) int asked = accept(fd, NULL, NULL);

    cr_assert_geq(asked, 0);
    clock_sleep_ms(500);
    kill(pid, SIGTERM);
    check_failed_before(&stage, pid, clock_mono_ms() + 10000, "told to stop");
}

Test(command, a_silent_server_is_waited_for_as_long_as_was_said)
{
    AUTO(stage_done) struct stage stage;
    AUTO(fd_close) int fd = open_silent(&stage);

    check_failed_before(&stage, start_backup(&stage, "3"), clock_mono_ms() + 30000,
                        "the server is not ready");
}
