#include "stash/mounts.h"

#include <criterion/criterion.h>

#include "stash/mem.h"

static const char container[] =
    "600 500 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/a\n"
    "601 600 0:53 / /proc rw,nosuid - proc proc rw\n"
    "602 600 0:54 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k\n"
    "603 602 0:55 / /dev/shm rw - tmpfs shm rw\n"
    "604 600 8:1 /var/lib/kubelet/pods/x/volumes/d /data rw,relatime shared:1 - ext4 /dev/sda rw\n"
    "605 604 8:2 / /data/logs rw - xfs /dev/sdb rw\n"
    "606 600 8:1 /v /my\\040data rw - ext4 /dev/sda rw\n"
    "607 600 8:1 /etc-hosts /etc/hosts rw - ext4 /dev/sda rw\n"
    "no mount at all\n"
    "608 600 8:1 / /late rw - ext4 /dev/sda rw";

static void expect(const char *path, const char *point)
{
    AUTO(mem_free) char *volume = mounts_volume_of(container, path);

    if (point)
        cr_assert_str_eq(volume ? volume : "none", point, "%s", path);
    else
        cr_assert_null(volume, "%s: %s", path, volume);
}

Test(mounts, a_path_lies_on_the_innermost_volume)
{
    expect("/data", "/data");
    expect("/data/a/b", "/data");
    expect("/data/logs/x", "/data/logs");
    expect("/my data/x", "/my data");
    expect("/late/x", "/late");
}

Test(mounts, what_goes_with_the_container_is_no_volume)
{
    expect("/", NULL);
    expect("/database", NULL);
    expect("/etc", NULL);
    expect("/proc/x", NULL);
    expect("/dev/x", NULL);
}

Test(mounts, of_two_at_one_point_the_later_one_counts)
{
    AUTO(mem_free)
    char *volume = mounts_volume_of("1 0 8:1 / /data rw - ext4 /dev/sda rw\n"
                                    "2 0 0:5 / /data rw - proc proc rw\n",
                                    "/data/x");

    cr_assert_null(volume);
}

Test(mounts, volumes_are_listed_as_far_as_there_is_room)
{
    AUTO(buf_done) struct buf text;

    buf_init(&text, 1000);
    mounts_list_volumes(container, &text);
    cr_assert_str_eq(text.data, "/dev/shm, /data, /data/logs, /my data, /etc/hosts, /late");
}

Test(mounts, what_every_container_has_is_no_volume_below)
{
    cr_assert(mounts_volume_below(container, "/data"));
    cr_assert(mounts_volume_below(container, "/"));
    cr_assert_not(mounts_volume_below(container, "/dat"));
    cr_assert_not(mounts_volume_below(container, "/etc"));
    cr_assert_not(mounts_volume_below(container, "/dev"));
    cr_assert_not(mounts_volume_below("1 0 0:5 / /stash-tmp rw - ext4 /dev/sda rw\n"
                                      "2 0 0:6 / /run/secrets/x rw - tmpfs tmpfs rw\n",
                                      "/"));
}
