#include "stash/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn_child.h"
#include "spawn_watch.h"
#include "stash/clock.h"
#include "stash/mem.h"

#define GRACE_MS 5000  /* between SIGTERM and SIGKILL */
#define DRAIN_MS 1000  /* how long output may stay open after the last stage has ended */
#define TICK_MS  200   /* how often exits are looked for where the kernel has no pidfd */
#define PIECE    65536 /* that is read at once: as much as a pipe holds */

struct stage {
    pid_t pid;   /* 0: not running (never started, or reaped) */
    int pidfd;   /* -1: not available */
    int errors;  /* read end of standard error, -1: closed */
    size_t used; /* bytes in the ring */
    size_t next; /* where the ring is written next */
    char ring[LIMIT_STDERR_TAIL];
};

struct run {
    const struct spawn_request *request;
    struct spawn_result *result;
    struct stage stages[SPAWN_MAX_STAGES];
    size_t started;
    pid_t group;
    int output; /* read end of the last stage's standard output, -1: closed */
    int64_t deadline;
    int64_t kill_at;  /* SIGKILL is due, 0: nobody was asked to end */
    int64_t drain_at; /* give up on open pipes, 0: stages still run */
    bool killed;
    struct spawn_watch watch;
};

static atomic_int cancelled;
static atomic_int cancel_fd = -1;

/* One eventfd for the process: written once by spawn_cancel(), never read, so it wakes every run.
 */
static int cancel_open(void)
{
    int fd = atomic_load(&cancel_fd);
    int none = -1;

    if (fd >= 0)
        return fd;
    fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return -1;
    if (!atomic_compare_exchange_strong(&cancel_fd, &none, fd)) {
        close(fd);
        return none;
    }
    return fd;
}

void spawn_cancel(void)
{
    int fd = atomic_load(&cancel_fd);
    int saved = errno;
    const unsigned char one[8] = {1};

    atomic_store(&cancelled, 1);
    if (fd >= 0 && write(fd, one, sizeof(one)) < 0)
        errno = saved; /* the flag alone ends the run at its next turn */
    errno = saved;
}

bool spawn_is_cancelled(void)
{
    return atomic_load(&cancelled);
}

bool spawn_sleep_ms(int64_t ms)
{
    int64_t end = clock_mono_ms() + ms;
    int64_t left = ms;

    cancel_open();
    while (!atomic_load(&cancelled) && left > 0) {
        struct pollfd fd = {atomic_load(&cancel_fd), POLLIN, 0};

        poll(&fd, 1, left > 1000 ? 1000 : (int)left);
        left = end - clock_mono_ms();
    }
    return !atomic_load(&cancelled);
}

/* ---- standard error ----------------------------------------------------------------------------
 */

static void stage_keep(struct stage *stage, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        stage->ring[stage->next] = data[i];
        stage->next = (stage->next + 1) % sizeof(stage->ring);
    }
    stage->used = stage->used + len > sizeof(stage->ring) ? sizeof(stage->ring) : stage->used + len;
}

/* The ring in order; NULs become blanks so that the tail is one C string. */
static void stage_tail(const struct stage *stage, char *tail)
{
    size_t from = (stage->next + sizeof(stage->ring) - stage->used) % sizeof(stage->ring);

    for (size_t i = 0; i < stage->used; i++) {
        char c = stage->ring[(from + i) % sizeof(stage->ring)];

        tail[i] = c ? c : ' ';
    }
    tail[stage->used] = '\0';
}

/* A tool that would try for minutes what cannot succeed says so first. */
static bool is_hopeless(const struct run *run, const struct stage *stage)
{
    char tail[LIMIT_STDERR_TAIL + 1];

    if (!run->request->is_hopeless)
        return false;
    stage_tail(stage, tail);
    return run->request->is_hopeless(tail);
}

/* ---- starting ----------------------------------------------------------------------------------
 */

static void close_pair(int fds[2])
{
    fd_close(fds[0]);
    fd_close(fds[1]);
    fds[0] = fds[1] = -1;
}

/* Start stage `i`, reading from `input`; its output pipe's read end is handed back. */
static int start_stage(struct run *run, size_t i, int input, int *ret_output, struct error *err)
{
    const struct spawn_request *request = run->request;
    struct stage *stage = &run->stages[i];
    int output[2] = {-1, -1}, errors[2] = {-1, -1};
    struct spawn_child child;
    int r;

    if (pipe2(output, O_CLOEXEC) < 0)
        return error_set_errno(err, errno, "making a pipe");
    if (pipe2(errors, O_CLOEXEC) < 0) {
        r = error_set_errno(err, errno, "making a pipe");
        close_pair(output);
        return r;
    }
    child = (struct spawn_child){request->stages[i],
                                 request->envs[i] ? request->envs[i] : request->env,
                                 request->cwd,
                                 run->group,
                                 input,
                                 output[1],
                                 errors[1]};
    r = spawn_child_start(&child, &stage->pid, err);
    fd_close(output[1]);
    fd_close(errors[1]);
    if (r < 0) {
        fd_close(output[0]);
        fd_close(errors[0]);
        return r;
    }
    stage->errors = errors[0];
    stage->pidfd = pidfd_open(stage->pid, 0);
    if (stage->pidfd >= 0)
        fcntl(stage->pidfd, F_SETFD, FD_CLOEXEC);
    if (!run->group)
        run->group = stage->pid;
    *ret_output = output[0];
    return 0;
}

static int start_all(struct run *run, struct error *err)
{
    const struct spawn_request *request = run->request;
    int input = request->stdin_fd;
    AUTO(fd_close) int null = -1;

    if (input < 0)
        input = null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0)
        return error_set_errno(err, errno, "opening /dev/null");
    for (size_t i = 0; i < request->count; i++) {
        int output = -1;
        int r = start_stage(run, i, input, &output, err);

        if (i > 0)
            fd_close(input);
        if (r < 0)
            return r;
        run->started++;
        input = output;
    }
    run->output = input;
    return 0;
}

/* ---- running -----------------------------------------------------------------------------------
 */

static void close_stage(struct stage *stage)
{
    fd_close(stage->errors);
    fd_close(stage->pidfd);
    stage->errors = stage->pidfd = -1;
}

static void pipe_drain(int *fd, struct run *run, struct stage *stage)
{
    char data[PIECE];
    ssize_t n = read(*fd, data, sizeof(data));

    if (n > 0)
        spawn_watch_heard(&run->watch);
    if (n > 0 && stage) {
        stage_keep(stage, data, (size_t)n);
        if (run->request->talks && write(STDERR_FILENO, data, (size_t)n) < 0)
            errno = 0; /* nobody listens: the tail is kept all the same */
        if (is_hopeless(run, stage))
            run->result->gave_up = true;
    } else if (n > 0 && run->request->on_stdout)
        run->request->on_stdout(run->request->ctx, data, (size_t)n);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
        fd_close(*fd);
        *fd = -1;
    }
}

/*
 * Note an ended stage. The leader of the group stays a zombie until the end: as long as it is there
 * its number cannot be given to somebody else's group, and the group can be signalled safely.
 */
static void look_at_exit(struct run *run, size_t i)
{
    struct stage *stage = &run->stages[i];
    struct spawn_exit *ended = &run->result->exits[i];
    siginfo_t info = {0};
    int options = WEXITED | WNOHANG | (stage->pid == run->group ? WNOWAIT : 0);

    if (!stage->pid || waitid(P_PID, (id_t)stage->pid, &info, options) < 0 || !info.si_pid)
        return;
    ended->signaled = info.si_code != CLD_EXITED;
    ended->status = ended->signaled ? 128 + info.si_status : info.si_status;
    stage->pid = 0;
    fd_close(stage->pidfd);
    stage->pidfd = -1;
}

static bool any_running(const struct run *run)
{
    for (size_t i = 0; i < run->started; i++)
        if (run->stages[i].pid)
            return true;
    return false;
}

static bool any_pipe(const struct run *run)
{
    bool open = run->output >= 0;

    for (size_t i = 0; i < run->started; i++)
        open = open || run->stages[i].errors >= 0;
    return open;
}

static int64_t earlier_time(int64_t one, int64_t two)
{
    return !one || (two && two < one) ? two : one;
}

/* How long poll() may sleep: to the next of our own deadlines. */
static int poll_timeout(const struct run *run)
{
    int64_t at = earlier_time(run->kill_at && !run->killed ? run->kill_at : 0, run->drain_at);
    int64_t left;

    if (!run->kill_at)
        at = earlier_time(earlier_time(at, run->deadline),
                          run->watch.quiet_ms ? run->watch.look_at : 0);
    for (size_t i = 0; i < run->started; i++)
        if (run->stages[i].pid && run->stages[i].pidfd < 0)
            at = earlier_time(at, clock_mono_ms() + TICK_MS);
    if (!at)
        return -1;
    left = at - clock_mono_ms();
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static void wait_for_something(struct run *run, int cancel)
{
    struct pollfd fds[2 + 2 * SPAWN_MAX_STAGES];
    struct stage *of[2 + 2 * SPAWN_MAX_STAGES] = {NULL};
    nfds_t n = 0;

    fds[n++] = (struct pollfd){run->output, POLLIN, 0};
    fds[n++] = (struct pollfd){run->kill_at ? -1 : cancel, POLLIN, 0};
    for (size_t i = 0; i < run->started; i++) {
        fds[n++] = (struct pollfd){run->stages[i].pidfd, POLLIN, 0};
        of[n] = &run->stages[i];
        fds[n++] = (struct pollfd){run->stages[i].errors, POLLIN, 0};
    }
    if (poll(fds, n, poll_timeout(run)) <= 0)
        return;
    if (fds[0].revents)
        pipe_drain(&run->output, run, NULL);
    for (nfds_t i = 2; i < n; i++)
        if (of[i] && fds[i].revents)
            pipe_drain(&of[i]->errors, run, of[i]);
}

/* A terminal listens to one group at a time: to `to` instead of `from`, if it is `from`'s turn at all. */
static bool terminal_hand(const struct spawn_request *request, pid_t from, pid_t to)
{
    sigset_t output, before;
    bool handed;

    if (!request->talks || request->stdin_fd < 0 || !to || tcgetpgrp(request->stdin_fd) != from)
        return false;
    sigemptyset(&output);
    sigaddset(&output, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &output, &before);
    handed = tcsetpgrp(request->stdin_fd, to) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return handed;
}

static void signal_group(struct run *run, int signum)
{
    if (run->group)
        kill(-run->group, signum);
}

/* A client that waits for its server moves nothing and computes nothing. */
static bool is_stalled(struct run *run)
{
    const struct spawn_request *request = run->request;

    if (!spawn_watch_is_stalled(&run->watch, run->group))
        return false;
    if (!request->is_working || !request->is_working(request->watched))
        return true;
    spawn_watch_heard(&run->watch);
    return false;
}

/* Ask everybody to end when the deadline or a cancellation says so; insist after the grace. */
static void limits_enforce(struct run *run)
{
    int64_t now = clock_mono_ms();
    bool late = run->deadline && now >= run->deadline;
    bool stalled = !run->kill_at && is_stalled(run);

    if (!run->kill_at && (late || stalled || run->result->gave_up || atomic_load(&cancelled))) {
        run->result->stalled = stalled && !late && !atomic_load(&cancelled);
        run->result->timed_out = late || stalled || atomic_load(&cancelled);
        run->kill_at = now + (run->request->grace_ms ? run->request->grace_ms : GRACE_MS);
        signal_group(run, SIGTERM);
    }
    if (run->kill_at && !run->killed && now >= run->kill_at) {
        run->killed = true;
        signal_group(run, SIGKILL);
    }
}

static void run_loop(struct run *run)
{
    int cancel = atomic_load(&cancel_fd);

    while (any_running(run) || any_pipe(run)) {
        limits_enforce(run);
        wait_for_something(run, cancel);
        for (size_t i = 0; i < run->started; i++)
            look_at_exit(run, i);
        if (!any_running(run) && !run->drain_at)
            run->drain_at = clock_mono_ms() + DRAIN_MS;
        if (run->drain_at && clock_mono_ms() >= run->drain_at)
            break; /* a grandchild holds the pipes open */
    }
}

/* Nothing of the group survives; orphans that became our children (we may be PID 1) are reaped. */
static void spawn_finish(struct run *run)
{
    if (run->group) {
        kill(-run->group, SIGKILL);
        while (waitpid(-run->group, NULL, 0) > 0 || errno == EINTR)
            ;
    }
    fd_close(run->output);
    for (size_t i = 0; i < run->started; i++) {
        close_stage(&run->stages[i]);
        stage_tail(&run->stages[i], run->result->exits[i].stderr_tail);
    }
}

int spawn_run(const struct spawn_request *request, struct spawn_result *ret, struct error *err)
{
    AUTO(mem_free) struct run *run = xcalloc(1, sizeof(*run));
    int r;

    BUG_ON(request->count == 0 || request->count > SPAWN_MAX_STAGES);
    memset(ret, 0, sizeof(*ret));
    *run = (struct run){.request = request, .result = ret, .output = -1};
    ret->count = request->count;
    for (size_t i = 0; i < SPAWN_MAX_STAGES; i++)
        run->stages[i].errors = run->stages[i].pidfd = -1;
    if (cancel_open() < 0)
        return error_set_errno(err, errno, "making an eventfd");
    if (atomic_load(&cancelled))
        return error_set(err, ERR_TIMEOUT, "%s: not started: told to stop", request->stages[0][0]);
    if (request->timeout_ms > 0)
        run->deadline = clock_mono_ms() + request->timeout_ms;
    spawn_watch_begin(&run->watch, request->quiet_ms);
    r = start_all(run, err);
    if (terminal_hand(request, getpgrp(), run->group))
        kill(-run->group, SIGCONT); /* who read before it was his turn was stopped */
    if (r == 0)
        run_loop(run);
    terminal_hand(request, run->group, getpgrp());
    spawn_finish(run);
    if (r == 0 && ret->timed_out)
        r = error_set(err, ERR_TIMEOUT, "%s: %s", request->stages[0][0],
                      ret->stalled              ? "nothing moved any more"
                      : atomic_load(&cancelled) ? "told to stop"
                                                : "not done before its deadline");
    return r;
}

int spawn_first_failure(const struct spawn_result *result)
{
    for (size_t i = 0; i < result->count; i++)
        if (result->exits[i].status != 0)
            return (int)i;
    return -1;
}
