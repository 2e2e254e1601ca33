#include "nats_args.h"

#include <criterion/criterion.h>
#include <string.h>

#include "secret_of.h"
#include "stash/buf.h"
#include "stash/limits.h"

static json_t *app(void)
{
    return json_pack("{s:{s:s, s:s}, s:{s:{s:s, s:s}}}", "metadata", "name", "db", "namespace", "n",
                     "spec", "clientConfig", "url", "nats://h:4222", "caBundle", "UEVN");
}

static void make_nats(const char *const *pairs, struct child_env *ret)
{
    json_auto_t *binding = app();
    json_auto_t *secret = secret_of(pairs);
    struct error err;

    child_env_init(ret, NULL, "/s");
    cr_assert_eq(nats_env(binding, secret, ret, &err), 0);
}

Test(nats, user_and_password_override_a_token)
{
    AUTO(child_env_done) struct child_env env = {0};
    const char *const pairs[] = {"token", "t", "username", "u", "password", "p \"q\"", NULL};

    make_nats(pairs, &env);
    cr_assert_str_eq(argv_env_get(&env.env, "NATS_URL"), "h:4222");
    cr_assert_str_eq(argv_env_get(&env.env, "NATS_USER"), "u");
    cr_assert_str_eq(argv_env_get(&env.env, "NATS_PASSWORD"), "p \"q\"");
    cr_assert_str_eq(argv_env_get(&env.env, "NATS_CA"), "/s/ca.crt");
    cr_assert_str_eq(argv_env_get(&env.env, "HOME"), "/s");
    cr_assert_str_eq(argv_env_get(&env.env, "NATS_TIMEOUT"), "30s");
}

Test(nats, a_token_alone_is_the_user)
{
    AUTO(child_env_done) struct child_env env = {0};
    const char *const pairs[] = {"token", "t", "username", "u", NULL};

    make_nats(pairs, &env);
    cr_assert_str_eq(argv_env_get(&env.env, "NATS_USER"), "t");
    cr_assert_null(argv_env_get(&env.env, "NATS_PASSWORD"));
}

Test(nats, keys_and_certificates_are_files)
{
    AUTO(child_env_done) struct child_env env = {0};
    const char *const pairs[] = {"nkey", "SU",    "tls.crt", "c", "tls.key",
                                 "k",    "creds", "jwt",     NULL};

    make_nats(pairs, &env);
    cr_assert_str_eq(argv_env_get(&env.env, "NATS_NKEY"), "/s/user.nk");
    cr_assert_str_eq(argv_env_get(&env.env, "NATS_CERT"), "/s/tls.crt");
    cr_assert_str_eq(argv_env_get(&env.env, "NATS_KEY"), "/s/tls.key");
    cr_assert_str_eq(argv_env_get(&env.env, "NATS_CREDS"), "/s/user.creds");
    cr_assert_eq(env.file_count, 5);
}

static int parse(const char *text, size_t *ret_count, struct error *err)
{
    json_auto_t *names = NULL;
    int r = nats_streams_parse(text, strlen(text), &names, err);

    *ret_count = json_array_size(names);
    return r;
}

Test(nats, no_streams_may_be_said_in_three_ways)
{
    struct error err;
    size_t count;

    cr_assert_eq(parse("null\n", &count, &err), 0);
    cr_assert_eq(count, 0);
    cr_assert_eq(parse("  null", &count, &err), 0);
    cr_assert_eq(parse("[]", &count, &err), 0);
    cr_assert_eq(parse("[\n \"A\",\n \"KV_b\"\n]", &count, &err), 0);
    cr_assert_eq(count, 2);
    cr_assert_eq(parse("", &count, &err), -ERR_INVALID);
    cr_assert_eq(parse("{}", &count, &err), -ERR_INVALID);
}

Test(nats, a_name_that_is_a_path_or_an_option_is_refused)
{
    const char *const bad[] = {"[\"..\"]", "[\"a/b\"]", "[\"-f\"]", "[\"\"]", "[1]", "[\"a b\"]"};
    struct error err;
    size_t count;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_eq(parse(bad[i], &count, &err), -ERR_INVALID, "%s", bad[i]);
    json_auto_t *names = NULL;
    cr_assert_eq(nats_streams_split("A,../B", &names, &err), -ERR_INVALID);
    cr_assert_eq(nats_streams_lines("A\n../B\n", &names, &err), -ERR_INVALID);
    cr_assert_eq(nats_streams_split("A,B", &names, &err), 0);
    cr_assert_eq(json_array_size(names), 2);
}

Test(nats, words_that_lead_elsewhere_are_refused)
{
    const char *const bad[] = {"--server=x", "-s x",      "-sx",    "--js-domain hub",
                               "--version",  "--context", "@words", "--no-progress --"};
    const char *const good[] = {"",           "--no-consumers", "--chunk-size 1MB", "--check",
                                "--progress", "--tag -s",       "--cluster=east"};
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_eq(nats_args_check_words(bad[i], &err), -ERR_INVALID, "%s", bad[i]);
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        cr_assert_eq(nats_args_check_words(good[i], &err), 0, "%s", good[i]);
}

static void check_backup(const char *args, const char *expected)
{
    AUTO(argv_done) struct argv argv = {0};
    AUTO(buf_done) struct buf line;

    buf_init(&line, LIMIT_KIB);
    nats_args_backup(args, "S", "/f", &argv);
    for (size_t i = 0; i < argv.count; i++)
        buf_addf(&line, "%s%s", i ? " " : "", argv.items[i]);
    cr_assert_str_eq(line.data, expected);
}

Test(nats, a_progress_bar_is_there_when_it_is_asked_for)
{
    check_backup("", "nats stream backup --no-progress S /f");
    check_backup("--progress", "nats stream backup --progress S /f");
    check_backup("--no-progress", "nats stream backup --no-progress S /f");
    check_backup("--tag progress", "nats stream backup --no-progress --tag progress S /f");
}
