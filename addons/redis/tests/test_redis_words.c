#include "redis_words.h"

#include <criterion/criterion.h>
#include <string.h>

static const char info_text[] =
    "# Server\r\nredis_version:7.0.15\r\n# Replication\r\nrole:slave\r\n"
    "master_link_status:up\r\nevicted_keys:4\r\ncluster_enabled:0\r\n"
    "# Keyspace\r\ndb0:keys=12,expires=3,avg_ttl=5\r\n"
    "db15:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\n";

Test(redis_words, what_a_server_says_of_itself_is_read)
{
    AUTO(redis_info_done) struct redis_info info = {0};

    redis_info_add(info_text, &info);
    cr_assert_str_eq(info.version, "7.0.15");
    cr_assert(info.is_replica && info.is_linked && !info.is_cluster && !info.has_field_expiry);
    cr_assert_eq(info.evicted, 4);
    cr_assert_eq(info.database_count, 2);
    cr_assert_eq(info.databases[0].keys, 12);
    cr_assert_eq(info.databases[0].expires, 3);
    cr_assert_eq(info.databases[1].number, 15);
}

Test(redis_words, the_keys_of_several_masters_add_up)
{
    AUTO(redis_info_done) struct redis_info info = {0};

    redis_info_add(info_text, &info);
    redis_info_add(info_text, &info);
    cr_assert_eq(info.database_count, 2);
    cr_assert_eq(info.databases[0].keys, 24);
    cr_assert_eq(info.evicted, 8);
}

Test(redis_words, fields_that_expire_are_known_by_both_names)
{
    AUTO(redis_info_done) struct redis_info redis = {0};
    AUTO(redis_info_done) struct redis_info valkey = {0};

    redis_info_add("db0:keys=1,expires=0,avg_ttl=0,subexpiry=2\r\n", &redis);
    redis_info_add("db0:keys=1,expires=0,avg_ttl=0,keys_with_volatile_items=1\r\n", &valkey);
    cr_assert(redis.has_field_expiry && valkey.has_field_expiry);
}

static const char nodes_text[] =
    "a1 127.0.0.1:7001@17001,host-1 myself,master - 0 1 1 connected 0-5460 [93->-b2]\n"
    "b2 10.0.0.2:7002@17002 master - 0 2 2 connected 5461-10922 16383\n"
    "c3 [::1]:7003@17003 slave a1 0 3 3 connected\n"
    "d4 10.0.0.4:7004@17004 master - 0 4 4 connected 10923-16382\n"
    "e5 10.0.0.5:7005@17005 master - 0 5 5 connected\n";

Test(redis_words, the_masters_of_a_cluster_are_those_with_slots)
{
    AUTO(argv_done) struct argv masters = {0};
    struct error err;

    cr_assert_eq(redis_cluster_masters(nodes_text, &masters, &err), 0);
    cr_assert_eq(masters.count, 3);
    cr_assert_str_eq(masters.items[0], "127.0.0.1:7001");
    cr_assert_str_eq(masters.items[2], "10.0.0.4:7004");
}

Test(redis_words, a_master_that_is_down_is_named)
{
    AUTO(argv_done) struct argv masters = {0};
    struct error err;

    cr_assert_eq(redis_cluster_masters("a 10.0.0.1:1@2 master,fail - 0 1 1 connected 0-16383\n",
                                       &masters, &err),
                 -ERR_TRANSPORT);
    cr_assert_not_null(strstr(err.msg, "10.0.0.1:1"), "%s", err.msg);
    cr_assert_eq(redis_cluster_masters("garbage\n\n", &masters, &err), -ERR_TRANSPORT);
}

Test(redis_words, every_slot_has_its_master)
{
    int16_t slots[REDIS_SLOTS];

    redis_cluster_slots(nodes_text, slots);
    cr_assert_eq(slots[0], 0);
    cr_assert_eq(slots[5460], 0);
    cr_assert_eq(slots[5461], 1);
    cr_assert_eq(slots[16382], 2);
    cr_assert_eq(slots[16383], 1);
}

/* What CLUSTER KEYSLOT of a server answers. */
Test(redis_words, keys_have_the_slots_that_servers_give_them)
{
    cr_assert_eq(redis_slot("foo", 3), 12182);
    cr_assert_eq(redis_slot("", 0), 0);
    cr_assert_eq(redis_slot("123456789", 9), 12739);
    cr_assert_eq(redis_slot("x{foo}y", 7), 12182);
    cr_assert_eq(redis_slot("{}foo", 5), 9500);
}

Test(redis_words, an_id_has_a_next_one)
{
    char next[REDIS_ID_SIZE];

    cr_assert(redis_id_after("5-0", next));
    cr_assert_str_eq(next, "5-1");
    cr_assert(redis_id_after("5-18446744073709551615", next));
    cr_assert_str_eq(next, "6-0");
    cr_assert_not(redis_id_after("18446744073709551615-18446744073709551615", next));
    cr_assert_not(redis_id_after("x", next));
}

Test(redis_words, ids_are_compared_as_numbers)
{
    cr_assert(redis_id_is_after("10-0", "9-5"));
    cr_assert(redis_id_is_after("9-10", "9-9"));
    cr_assert_not(redis_id_is_after("9-9", "9-9"));
    cr_assert_not(redis_id_is_after("0-0", "0-0"));
}

Test(redis_words, what_passes_is_told_from_what_does_not)
{
    cr_assert(redis_is_passing("LOADING Redis is loading the dataset in memory"));
    cr_assert_not(redis_is_passing("WRONGPASS invalid username-password pair"));
    cr_assert_not(redis_is_passing("BUSYKEY Target key name already exists."));
}

#define NODE(address, flags, slots) "id " address "@1 " flags " - 0 0 1 connected " slots "\n"

Test(redis_words, slots_that_move_are_seen_and_a_new_master_is_not_one)
{
    static const char before[] =
        NODE("a:1", "master", "0-99") NODE("b:1", "master", "100-199") NODE("c:1", "slave", "");
    static const char failed_over[] = NODE("c:1", "master", "0-99") NODE("a:1", "slave", "")
        NODE("b:1", "myself,master", "100-199");
    static const char moved[] = NODE("a:1", "master", "0-100") NODE("b:1", "master", "101-199");
    static const char moving[] =
        NODE("a:1", "master", "0-99 [100-<-b]") NODE("b:1", "master", "100-199 [100->-a]");
    static const char added[] =
        NODE("a:1", "master", "0-99") NODE("b:1", "master", "100-199") NODE("d:1", "master", "200");

    cr_assert(redis_cluster_is_same(before, failed_over));
    cr_assert_not(redis_cluster_is_same(before, moved));
    cr_assert_not(redis_cluster_is_same(before, moving));
    cr_assert_not(redis_cluster_is_same(before, added));
    cr_assert_not(redis_cluster_is_same(added, before));
}
