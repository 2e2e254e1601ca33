#include "stash/mounts.h"

#include <criterion/criterion.h>
#include <string.h>

/* As a container of containerd sees it; the emptyDir lies on the node's own overlay. */
static const char pod[] =
    "652 520 0:94 / / rw,relatime master:164 - overlay overlay rw,lowerdir=/a\n"
    "653 652 0:96 / /proc rw,nosuid - proc proc rw\n"
    "654 652 0:97 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k\n"
    "660 654 0:92 / /dev/shm rw - tmpfs shm rw\n"
    "661 652 8:1 /var/lib/kubelet/etc-hosts /etc/hosts rw - ext4 /dev/sda1 rw\n"
    "662 652 8:1 /var/lib/kubelet/data /stash-data rw - ext4 /dev/sda1 rw\n"
    "663 652 0:30 /kubelet/pods/x /stash-tmp rw - overlay overlay rw\n"
    "664 662 0:31 / /stash-data/in\\040side rw - tmpfs tmpfs rw\n"
    "665 652 0:32 / /var/run/secrets/kubernetes.io/serviceaccount ro - tmpfs tmpfs rw\n";

static void expect_held(const char *path, const char *point, bool volume)
{
    AUTO(mounts_done) struct mounts mounts = {0};
    struct error err;

    cr_assert_eq(mounts_parse(pod, &mounts, &err), 0, "%s", err.msg);
    const char *found = mounts_find(&mounts, path);
    cr_assert_str_eq(found, point, "%s", path);
    cr_expect_eq(mounts_is_volume(found), volume, "%s", path);
}

Test(mounts, the_longest_mount_point_holds_a_path)
{
    expect_held("/stash-data", "/stash-data", true);
    expect_held("/stash-data/a/b", "/stash-data", true);
    expect_held("/stash-data/in side/x", "/stash-data/in side", true);
    expect_held("/stash-tmp/x", "/stash-tmp", true);
}

Test(mounts, what_every_container_has_is_no_volume)
{
    expect_held("/", "/", false);
    expect_held("/stash-database", "/", false); /* begins like a mount point */
    expect_held("/dev/shm/x", "/dev/shm", false);
    expect_held("/etc/hosts", "/etc/hosts", false);
    expect_held("/proc/1", "/proc", false);
    expect_held("/var/run/secrets/kubernetes.io/serviceaccount/x",
                "/var/run/secrets/kubernetes.io/serviceaccount", false);
}

Test(mounts, volumes_are_named_as_far_as_they_fit)
{
    AUTO(mounts_done) struct mounts mounts = {0};
    AUTO(mounts_done) struct mounts bare = {0};
    struct error err;
    struct text text;

    cr_assert_eq(mounts_parse(pod, &mounts, &err), 0, "%s", err.msg);
    mounts_describe(&mounts, &text);
    cr_expect_str_eq(text.s, "/stash-data, /stash-tmp, /stash-data/in side");
    cr_assert_eq(mounts_parse("1 2 3 / / rw - x y z", &bare, &err), 0, "%s", err.msg);
    mounts_describe(&bare, &text);
    cr_expect_str_eq(text.s, "none");
}

Test(mounts, what_is_no_mountinfo_is_refused)
{
    struct mounts mounts;
    struct error err;

    cr_expect_eq(mounts_parse("1 2 3 4", &mounts, &err), -ERR_INVALID);
    cr_expect_eq(mounts_parse("1 2 3 4 here x", &mounts, &err), -ERR_INVALID);
    cr_expect_eq(mounts_parse("1 2 3 / / rw\n\n", &mounts, &err), -ERR_INVALID);
    cr_expect_not_null(strstr(err.msg, "line 2"), "%s", err.msg);
}
