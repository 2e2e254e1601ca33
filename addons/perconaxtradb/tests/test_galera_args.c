/* How a copy of a whole cluster is asked for. */
#include <criterion/criterion.h>
#include <string.h>

#include "galera_args.h"
#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

static json_t *binding_with(const char *parameters)
{
    json_t *parsed = NULL;
    struct error err;

    cr_assert_eq(jsonx_parse(parameters, strlen(parameters), &parsed, &err), 0, "%s", err.msg);
    return json_pack("{s:{s:s}, s:{s:o}}", "metadata", "name", "pxc", "spec", "parameters", parsed);
}

static void expect_line(const struct argv *args, const char *expected)
{
    AUTO(buf_done) struct buf line;

    buf_init(&line, LIMIT_KIB);
    for (size_t i = 0; i < args->count; i++)
        buf_addf(&line, "%s%s", i > 0 ? " " : "", args->items[i]);
    cr_assert_str_eq(line.data, expected);
}

static void expect_join(const char *parameters, const char *own, const char *expected)
{
    json_auto_t *app = binding_with(parameters);
    AUTO(argv_done) struct argv args = {0};
    struct galera_group group;
    struct error err;

    cr_assert_eq(galera_group_read(app, &group, &err), 0, "%s", err.msg);
    galera_args_join(&group, own, &args);
    expect_line(&args, expected);
}

Test(galera_args, joins_as_stash_does)
{
    expect_join("{\"address\":\"gcomm://pxc.demo:4567\", \"group\":\"pxc\", "
                "\"sstMethod\":\"xtrabackup-v2\"}",
                "10.0.0.7",
                "garbd --address gcomm://pxc.demo:4567?gmcast.listen_addr=tcp://10.0.0.7:4567 "
                "--group pxc --sst=xtrabackup-v2:10.0.0.7:4444/xtrabackup_sst//1");
}

Test(galera_args, what_the_address_says_already_stays)
{
    expect_join("{\"address\":\"a,b?gmcast.segment=1\", \"group\":\"pxc\"}", "[fd00::7]",
                "garbd --address "
                "gcomm://a,b?gmcast.segment=1&gmcast.listen_addr=tcp://[fd00::7]:4567 --group pxc "
                "--sst=xtrabackup-v2:[fd00::7]:4444/xtrabackup_sst//1");
    expect_join("{\"address\":\"gcomm://a?gmcast.listen_addr=tcp://0.0.0.0:4568\", "
                "\"group\":\"pxc\", \"sstMethod\":\"mariabackup\"}",
                "10.0.0.7",
                "garbd --address gcomm://a?gmcast.listen_addr=tcp://0.0.0.0:4568 --group pxc "
                "--sst=mariabackup:10.0.0.7:4444/xtrabackup_sst//1");
}

Test(galera_args, a_group_needs_an_address_and_its_absence_means_one_server)
{
    json_auto_t *lacking = binding_with("{\"group\":\"pxc\"}");
    json_auto_t *single = binding_with("{\"address\":\"gcomm://a\", \"group\":\"\"}");
    struct galera_group group;
    struct error err;

    cr_assert_eq(galera_group_read(lacking, &group, &err), -ERR_INVALID);
    cr_assert(strstr(err.msg, "parameters.address"));
    cr_assert_eq(galera_group_read(single, &group, &err), 0);
    cr_assert_null(group.name);
}

static void expect_node(const char *address, const char *host, const char *port)
{
    AUTO(mem_free) char *got_host = NULL;
    AUTO(mem_free) char *got_port = NULL;
    struct error err;

    cr_assert_eq(galera_first_node(address, &got_host, &got_port, &err), 0, "%s", err.msg);
    cr_assert_str_eq(got_host, host);
    cr_assert_str_eq(got_port, port);
}

Test(galera_args, the_first_node_is_found)
{
    char *none;
    struct error err;

    expect_node("gcomm://pxc.demo.svc:4568,other", "pxc.demo.svc", "4568");
    expect_node("pxc?gmcast.segment=1", "pxc", "4567");
    expect_node("gcomm://[fd00::7]:4568", "fd00::7", "4568");
    expect_node("gcomm://[fd00::7]", "fd00::7", "4567");
    cr_assert_eq(galera_first_node("gcomm://", &none, &none, &err), -ERR_INVALID);
}

Test(galera_args, each_method_has_its_tools)
{
    AUTO(argv_done) struct argv unpack = {0};
    AUTO(argv_done) struct argv prepare = {0};

    galera_args_unpack(galera_tools_of("mariabackup"), "/var/lib/mysql", &unpack);
    expect_line(&unpack, "mbstream -x -C /var/lib/mysql");
    galera_args_prepare(galera_tools_of("xtrabackup-v2"), "/var/lib/mysql", "--use-memory=1G",
                        &prepare);
    expect_line(&prepare,
                "xtrabackup --no-defaults --prepare --target-dir=/var/lib/mysql --use-memory=1G");
}

Test(galera_args, a_copy_is_made_ready_where_it_lies)
{
    static const char *const bad[] = {"--target-dir=/x", "--target_d=/x",  "--copy-back",
                                      "--apply-log",     "--loose-backup", "-v"};
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_eq(galera_args_check_prepare(bad[i], &err), -ERR_INVALID, "%s", bad[i]);
    cr_assert_eq(galera_args_check_prepare("--use-memory=1G --export", &err), 0);
}
