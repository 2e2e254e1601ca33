#include "spawn_watch.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stash/clock.h"

#define LOOKS     10    /* in the time that may pass quietly */
#define LOOK_MAX  10000 /* ms */
#define CPU_SHARE 50   /* one part in so many of the time is work; a client that waits needs less */
#define BYTES_MIN 4096 /* between two looks; less may be a heartbeat */

void spawn_watch_begin(struct spawn_watch *watch, int64_t quiet_ms)
{
    int64_t now = clock_mono_ms();

    *watch = (struct spawn_watch){.quiet_ms = quiet_ms, .look_at = now, .moved_at = now};
}

void spawn_watch_heard(struct spawn_watch *watch)
{
    if (watch->quiet_ms)
        watch->moved_at = clock_mono_ms();
}

static bool read_proc(const char *pid, const char *name, char *text, size_t size)
{
    char path[64];
    FILE *file;
    size_t len;

    snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, name);
    file = fopen(path, "re");
    if (!file)
        return false;
    len = fread(text, 1, size - 1, file);
    fclose(file);
    text[len] = '\0';
    return len > 0;
}

/* pid (name) state parent group session tty tpgid flags minflt cminflt majflt cmajflt utime stime */
static bool read_cpu(const char *pid, pid_t group, uint64_t *ret_ticks)
{
    char text[1024];
    unsigned long its_group, user, system;
    const char *after;

    if (!read_proc(pid, "stat", text, sizeof(text)))
        return false;
    after = strrchr(text, ')'); /* a name may hold blanks and brackets */
    if (!after || sscanf(after, ") %*c %*d %lu %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &its_group,
                         &user, &system) != 3)
        return false;
    *ret_ticks = user + system;
    return its_group == (unsigned long)group;
}

static uint64_t read_bytes(const char *pid)
{
    char text[512];
    uint64_t in = 0, out = 0;

    if (read_proc(pid, "io", text, sizeof(text)))
        sscanf(text, "rchar: %" SCNu64 " wchar: %" SCNu64, &in, &out);
    return in + out;
}

static void watch_measure(pid_t group, uint64_t *ret_cpu_ms, uint64_t *ret_bytes)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    long ticks = sysconf(_SC_CLK_TCK);
    uint64_t its;

    *ret_cpu_ms = *ret_bytes = 0;
    while (proc && (entry = readdir(proc)))
        if (*entry->d_name >= '1' && *entry->d_name <= '9' &&
            read_cpu(entry->d_name, group, &its)) {
            *ret_cpu_ms += its * 1000 / (uint64_t)(ticks > 0 ? ticks : 100);
            *ret_bytes += read_bytes(entry->d_name);
        }
    if (proc)
        closedir(proc);
}

bool spawn_watch_is_stalled(struct spawn_watch *watch, pid_t group)
{
    int64_t now = clock_mono_ms();
    int64_t pause = watch->quiet_ms / LOOKS < LOOK_MAX ? watch->quiet_ms / LOOKS : LOOK_MAX;
    uint64_t cpu_ms, bytes;

    if (!watch->quiet_ms || now < watch->look_at)
        return false;
    watch->look_at = now + (pause > 0 ? pause : 1);
    watch_measure(group, &cpu_ms, &bytes);
    /* a process that ended takes its numbers away: that is a change too */
    if (cpu_ms < watch->cpu_ms || bytes < watch->bytes ||
        cpu_ms - watch->cpu_ms > (uint64_t)pause / CPU_SHARE || bytes - watch->bytes >= BYTES_MIN)
        watch->moved_at = now;
    watch->cpu_ms = cpu_ms;
    watch->bytes = bytes;
    return now - watch->moved_at >= watch->quiet_ms;
}
