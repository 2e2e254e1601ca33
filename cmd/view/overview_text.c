/* overview_text.c - the overview for people: one line, then what the eye looks for first. */
#include <stdio.h>
#include <string.h>

#include "stash/ages.h"
#include "stash/jsonx.h"
#include "stash/overview.h"
#include "stash/table.h"
#include "stash/text.h"
#include "stash/timefmt.h"

static void print_counts(const json_t *counts, const char *const *states, struct buf *out)
{
    const char *between = "";

    for (size_t i = 0; states[i]; i++) {
        json_int_t count = jsonx_int(counts, 0, states[i], NULL);
        if (count > 0) {
            buf_addf(out, "%s%d %s", between, (int)count, states[i]);
            between = ", ";
        }
    }
    if (!*between)
        buf_adds(out, "none");
}

/* "configurations: 1 Failing, 12 Ok; repositories: 5 Ok; sessions: 1 Running" */
static void print_summary(const json_t *document, struct buf *out)
{
    static const char *const states[] = {"NotReady", "Failing", "Late", "New",
                                         "Paused",   "Ok",      NULL};
    static const char *const integrities[] = {"Broken", "Unknown", "Ok", NULL};
    static const char *const phases[] = {"Failed",  "Invalid", "Unknown",
                                         "Running", "Pending", NULL};
    const json_t *summary = jsonx_get(document, "summary", NULL);

    buf_adds(out, "configurations: ");
    print_counts(jsonx_get(summary, "configurations", NULL), states, out);
    buf_adds(out, "; repositories: ");
    print_counts(jsonx_get(summary, "repositories", NULL), integrities, out);
    buf_adds(out, "; sessions at work or failed: ");
    print_counts(jsonx_get(summary, "sessions", NULL), phases, out);
    buf_addc(out, '\n');
}

static void print_table(const struct table *table, struct buf *out)
{
    if (table->rows > 0)
        buf_addc(out, '\n');
    table_print(table, out);
}

/* The namespace's column is the first, and can be left out. */
static const char *const *from_namespace(const char *const *cells,
                                         const struct overview_style *style)
{
    return style->namespaces ? cells : cells + 1;
}

/* "3m ago" */
static void put_ago(const char *time, int64_t now, char out[AGES_SIZE + 4])
{
    char span[AGES_SIZE];

    ages_since(time, now, span);
    snprintf(out, AGES_SIZE + 4, "%s%s", span, *span ? " ago" : "");
}

static void put_until(const char *time, int64_t now, char out[AGES_SIZE + 4])
{
    char span[AGES_SIZE];
    int64_t then;

    *out = '\0';
    if (!time || !timefmt_parse(time, &then))
        return;
    ages_span(then - now, span);
    snprintf(out, AGES_SIZE + 4, "in %s", span);
}

static void print_configurations(const json_t *rows, const struct overview_style *style,
                                 struct buf *out)
{
    static const char *const headers[] = {
        "NAMESPACE", "CONFIGURATION", "TARGET",     "STATE",  "LAST SUCCESS",
        "NEXT",      "SCHEDULE",      "REPOSITORY", "REASON", NULL};
    AUTO(table_done) struct table table;

    table_init(&table, from_namespace(headers, style), style->wide);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        char success[AGES_SIZE + 4], next[AGES_SIZE + 4];
        put_ago(jsonx_str(row, "lastSuccess", NULL), style->now, success);
        put_until(jsonx_str(row, "next", NULL), style->now, next);
        const char *cells[] = {
            jsonx_str(row, "namespace", NULL), jsonx_str(row, "name", NULL),
            jsonx_str(row, "target", NULL),    jsonx_str(row, "state", NULL),
            *success ? success : "never",      next,
            jsonx_str(row, "schedule", NULL),  jsonx_str(row, "repository", NULL),
            jsonx_str(row, "reason", NULL)};
        table_add(&table, from_namespace(cells, style));
    }
    print_table(&table, out);
}

static void print_repositories(const json_t *rows, const struct overview_style *style,
                               struct buf *out)
{
    static const char *const headers[] = {"NAMESPACE", "REPOSITORY", "STATE",
                                          "SIZE",      "SNAPSHOTS",  "LAST BACKUP",
                                          "BACKEND",   "REASON",     NULL};
    AUTO(table_done) struct table table;

    table_init(&table, from_namespace(headers, style), style->wide);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const json_t *snapshots = jsonx_get(row, "snapshots", NULL);
        char last[AGES_SIZE + 4], count[24] = "";
        put_ago(jsonx_str(row, "lastBackup", NULL), style->now, last);
        if (json_is_integer(snapshots))
            snprintf(count, sizeof(count), "%" JSON_INTEGER_FORMAT, json_integer_value(snapshots));
        const char *cells[] = {jsonx_str(row, "namespace", NULL),
                               jsonx_str(row, "name", NULL),
                               jsonx_str(row, "state", NULL),
                               jsonx_str(row, "size", NULL),
                               count,
                               *last ? last : "never",
                               jsonx_str(row, "backend", NULL),
                               jsonx_str(row, "reason", NULL)};
        table_add(&table, from_namespace(cells, style));
    }
    print_table(&table, out);
}

static void print_sessions(const json_t *rows, const struct overview_style *style, struct buf *out)
{
    static const char *const headers[] = {"NAMESPACE", "SESSION", "OF",     "PHASE",
                                          "AGE",       "WORK",    "REASON", NULL};
    AUTO(table_done) struct table table;

    table_init(&table, from_namespace(headers, style), style->wide);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *invoker = jsonx_str(row, "invoker", NULL);
        char age[AGES_SIZE];
        ages_since(jsonx_str(row, "since", NULL), style->now, age);
        const char *cells[] = {jsonx_str(row, "namespace", NULL),
                               jsonx_str(row, "name", NULL),
                               invoker ? invoker : "restore",
                               jsonx_str(row, "phase", NULL),
                               age,
                               jsonx_str(row, "work", NULL),
                               jsonx_str(row, "reason", NULL)};
        table_add(&table, from_namespace(cells, style));
    }
    print_table(&table, out);
}

void overview_print(const json_t *document, const struct overview_style *style, struct buf *out)
{
    print_summary(document, out);
    print_configurations(jsonx_get(document, "configurations", NULL), style, out);
    print_repositories(jsonx_get(document, "repositories", NULL), style, out);
    print_sessions(jsonx_get(document, "sessions", NULL), style, out);
}
