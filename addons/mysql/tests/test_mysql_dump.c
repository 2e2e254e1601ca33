#include "mysql_dump.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

/* What both families write, and what is meant to mislead a reader. */
static const char full[] =
    "/*M!999999\\- enable the sandbox mode */ \n"
    "-- MariaDB dump 10.19  Distrib 10.11.18-MariaDB, for debian-linux-gnu (x86_64)\n"
    "--\n"
    "-- Host: 127.0.0.1    Database: \n"
    "-- ------------------------------------------------------\n"
    "/*!40101 SET NAMES utf8mb4 */;\n"
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n"
    "SET @@SESSION.SQL_LOG_BIN= 0;\n"
    "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1-5,\nb:1-7';\n"
    "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `empty`;\n\nUSE `empty`;\n"
    "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `sh``op`;\n\nUSE `sh``op`;\n"
    "DROP TABLE IF EXISTS `t`;\n"
    "/*!50001 CREATE TABLE `a view` (`a` tinyint NOT NULL) ENGINE=MyISAM */;\n"
    "CREATE TABLE `t` (\n  `values` int DEFAULT 0 COMMENT 'it''s; (x) -- \\' y',\n  `b` blob\n);\n"
    "LOCK TABLES `t` WRITE;\n"
    "INSERT INTO `t` VALUES (1,'a),(b'),(2,'it\\'s'),\n(3,''),(4,'x''y'),(5,_binary "
    "'\\\\'),(6,0xFF);\n"
    "INSERT  IGNORE INTO `t` (`values`, `b`) VALUES (7,';'),(-8,NULL);\n"
    "UNLOCK TABLES;\n"
    "CREATE TABLE `none` (`a` int);\n"
    "CREATE TABLE plain (a int, b int);\n"
    "REPLACE INTO plain (a, value) VALUES (1, 2);\n"
    "INSERT INTO other.plain VALUES (1, 2) , (3, (4));\n"
    "/*!50003 SET sql_mode              = 'ANSI,NO_BACKSLASH_ESCAPES' */ ;\n"
    "DELIMITER ;;\n"
    "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER `x` BEFORE INSERT ON `t` FOR "
    "EACH ROW BEGIN\n-- it's\n# don't (\nSET NEW.b = 'c:\\';\nINSERT INTO log VALUES (1);\nEND "
    "*/;;\n"
    "DELIMITER ;\n"
    "/*!50003 SET sql_mode              = @saved_sql_mode */ ;\n"
    "DELIMITER //\n"
    "CREATE PROCEDURE `p`()\nBEGIN /* it's */ INSERT INTO t VALUES (1),(2); -- Dump completed\nEND "
    "//\n"
    "DELIMITER ;\n"
    "INSERT INTO `t` VALUES (9,'\\';\\n-- Dump completed\\n');\n"
    "SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;\n"
    "-- Dump completed on 2026-11-29  6:00:00\n";

static const char full_counts[] =
    "{\"empty\": {}, \"sh`op\": {\"t\": 9, \"none\": 0, \"plain\": 1}, \"other\": {\"plain\": 2}}";

static void assert_counts(const struct mysql_dump *dump, const char *expected)
{
    json_auto_t *want = NULL;
    AUTO(mem_free) char *have = jsonx_dump(dump->counts);
    struct error err;

    cr_assert_eq(jsonx_parse(expected, strlen(expected), &want, &err), 0);
    cr_assert(json_equal(want, dump->counts), "%s", have);
}

static void feed_split(struct mysql_dump *dump, const char *text, size_t at, struct buf *out)
{
    mysql_dump_feed(dump, text, at, out);
    mysql_dump_feed(dump, text + at, strlen(text) - at, out);
    mysql_dump_end(dump);
}

Test(mysql_dump, counts_rows_wherever_the_text_is_cut)
{
    for (size_t at = 0; at <= strlen(full); at++) {
        AUTO(mysql_dump_done) struct mysql_dump dump;
        AUTO(buf_done) struct buf out;

        buf_init(&out, LIMIT_MIB);
        mysql_dump_init(&dump, 0);
        feed_split(&dump, full, at, &out);
        assert_counts(&dump, full_counts);
        cr_assert_eq(dump.rows, 12);
        cr_assert(mysql_dump_is_whole(&dump), "cut at %zu", at);
        cr_assert_str_eq(out.data, full);
    }
}

Test(mysql_dump, counts_rows_byte_by_byte)
{
    AUTO(mysql_dump_done) struct mysql_dump dump;
    AUTO(buf_done) struct buf out;

    buf_init(&out, LIMIT_MIB);
    mysql_dump_init(&dump, 0);
    for (const char *c = full; *c; c++)
        mysql_dump_feed(&dump, c, 1, &out);
    assert_counts(&dump, full_counts);
    cr_assert(mysql_dump_is_whole(&dump));
}

/* Every prefix of a dump is a dump that was cut. Only the last line may lack its end. */
static void check_prefixes(const char *text, size_t len)
{
    const size_t mark = len - strlen("-- Dump completed on 2026-11-29  6:00:00\n");
    AUTO(mysql_dump_done) struct mysql_dump dump;
    AUTO(buf_done) struct buf out;

    buf_init(&out, LIMIT_MIB);
    mysql_dump_init(&dump, 0);
    for (size_t at = 0; at < mark + strlen("-- Dump completed"); at++) {
        struct mysql_dump cut = dump;

        mysql_dump_end(&cut);
        cr_assert_not(mysql_dump_is_whole(&cut), "%zu bytes", at);
        mysql_dump_feed(&dump, text + at, 1, &out);
    }
    mysql_dump_end(&dump);
    cr_assert(mysql_dump_is_whole(&dump));
}

Test(mysql_dump, a_dump_that_is_cut_is_not_whole)
{
    check_prefixes(full, strlen(full));
}

/* What the real tools made of make.sql, with fewer rows. */
static void check_real(const char *path)
{
    static const char counts[] =
        "{\"shop\": {\"large\": 2, \"log\": 0, \"made\": 2, \"many\": 3, \"nothing\": 0,"
        " \"odd`name; \\\"x\\\"\": 4, \"orders\": 3}, \"other\": {\"t\": 2}, \"vacant\": {}}";
    AUTO(mysql_dump_done) struct mysql_dump dump;
    AUTO(mem_free) char *text = NULL;
    AUTO(buf_done) struct buf out;
    struct error err;
    size_t len;

    buf_init(&out, LIMIT_MIB);
    mysql_dump_init(&dump, 0);
    cr_assert_eq(file_read(path, LIMIT_MIB, &text, &len, &err), 0, "%s", err.msg);
    mysql_dump_feed(&dump, text, len, &out);
    assert_counts(&dump, counts);
    check_prefixes(text, len);
}

Test(mysql_dump, what_mysqldump_9_7_writes_is_counted_and_its_end_is_found)
{
    check_real(DATA "mysql.sql");
}

Test(mysql_dump, what_mariadb_dump_10_11_writes_is_counted_and_its_end_is_found)
{
    check_real(DATA "mariadb.sql");
}

/* Without what is left out: the whole statement up to its delimiter, nothing else. */
static void without(const char *text, const char *const *parts, struct buf *ret)
{
    buf_adds(ret, text);
    for (; *parts; parts++) {
        char *at = strstr(ret->data, *parts);

        cr_assert_not_null(at, "%s", *parts);
        memmove(at, at + strlen(*parts), strlen(at + strlen(*parts)) + 1);
        ret->len -= strlen(*parts);
    }
}

static void check_omitted(unsigned omit, const char *const *parts)
{
    AUTO(buf_done) struct buf expected;

    buf_init(&expected, LIMIT_MIB);
    without(full, parts, &expected);
    for (size_t at = 0; at <= strlen(full); at++) {
        AUTO(mysql_dump_done) struct mysql_dump dump;
        AUTO(buf_done) struct buf out;

        buf_init(&out, LIMIT_MIB);
        mysql_dump_init(&dump, omit);
        feed_split(&dump, full, at, &out);
        cr_assert_str_eq(out.data, expected.data, "cut at %zu", at);
        cr_assert_eq(dump.omitted, omit);
        assert_counts(&dump, full_counts);
    }
}

Test(mysql_dump, leaves_out_what_a_server_with_gtids_would_refuse)
{
    check_omitted(MYSQL_OMIT_GTIDS,
                  (const char *const[]){"SET @@SESSION.SQL_LOG_BIN= 0;",
                                        "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1-5,\nb:1-7';",
                                        "SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;",
                                        NULL});
}

Test(mysql_dump, leaves_out_locks_for_a_strict_cluster)
{
    check_omitted(MYSQL_OMIT_LOCKS,
                  (const char *const[]){"LOCK TABLES `t` WRITE;", "UNLOCK TABLES;", NULL});
}

Test(mysql_dump, leaves_out_the_sandbox_for_clients_that_do_not_know_it)
{
    check_omitted(MYSQL_OMIT_SANDBOX,
                  (const char *const[]){"/*M!999999\\- enable the sandbox mode */ \n", NULL});
}

Test(mysql_dump, dumps_one_after_the_other_have_a_mark_each)
{
    AUTO(mysql_dump_done) struct mysql_dump dump;
    AUTO(buf_done) struct buf out;

    buf_init(&out, LIMIT_MIB);
    mysql_dump_init(&dump, 0);
    mysql_dump_feed(&dump, full, strlen(full), &out);
    mysql_dump_feed(&dump, full, strlen(full), &out);
    cr_assert(mysql_dump_is_whole(&dump));
    cr_assert_eq(dump.ends, 2);
    cr_assert_eq(dump.rows, 24);
    mysql_dump_feed(&dump, full, 200, &out);
    cr_assert_not(mysql_dump_is_whole(&dump));
}

Test(mysql_dump, a_row_of_any_size_takes_no_memory)
{
    AUTO(mysql_dump_done) struct mysql_dump dump;
    AUTO(mem_free) char *piece = xmalloc(LIMIT_MIB);
    AUTO(buf_done) struct buf out;

    buf_init(&out, LIMIT_MIB);
    mysql_dump_init(&dump, 0);
    memset(piece, '(', LIMIT_MIB);
    mysql_dump_feed(&dump, "INSERT INTO `t` VALUES ('", 25, &out);
    for (int i = 0; i < 64; i++) {
        buf_reset(&out);
        mysql_dump_feed(&dump, piece, LIMIT_MIB, &out);
    }
    buf_reset(&out);
    mysql_dump_feed(&dump, "'),(1);", 7, &out);
    assert_counts(&dump, "{\"\": {\"t\": 2}}");
}

Test(mysql_dump, more_tables_than_it_counts_are_said_to_be_more)
{
    AUTO(mysql_dump_done) struct mysql_dump dump;
    AUTO(buf_done) struct buf out;

    buf_init(&out, LIMIT_MIB);
    mysql_dump_init(&dump, 0);
    for (int i = 0; i < MYSQL_TABLES_MAX + 5; i++) {
        AUTO(mem_free) char *text = xasprintf("INSERT INTO `t%d` VALUES (1);\n", i);
        buf_reset(&out);
        mysql_dump_feed(&dump, text, strlen(text), &out);
        cr_assert_eq(dump.uncounted, i >= MYSQL_TABLES_MAX - 1); /* the database counts too */
    }
    cr_assert_eq(dump.rows, MYSQL_TABLES_MAX + 5);
}

Test(mysql_dump, a_dump_without_comments_has_no_marks)
{
    AUTO(mysql_dump_done) struct mysql_dump dump;
    AUTO(buf_done) struct buf out;

    buf_init(&out, LIMIT_MIB);
    mysql_dump_init(&dump, 0);
    feed_split(&dump, "CREATE TABLE `t` (a int);\nINSERT INTO `t` VALUES (1);\n", 0, &out);
    cr_assert_not(mysql_dump_has_marks(&dump));
    assert_counts(&dump, "{\"\": {\"t\": 1}}");
}
