#include "stash/holdings.h"

#include <string.h>

#include "stash/adopt.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/path.h"
#include "stash/text.h"

void holdings_init(struct holdings *h, const json_t *incomplete_ids)
{
    *h = (struct holdings){.index = json_object(),
                           .incomplete_ids = incomplete_ids,
                           .unmarked = json_object(),
                           .marked = json_object()};
}

static void holding_done(struct holding *holding)
{
    free(holding->cluster);
    free(holding->target);
    free(holding->invoker);
    free(holding->host);
    free(holding->path);
}

void holdings_done(struct holdings *h)
{
    for (size_t i = 0; i < h->count; i++)
        holding_done(&h->items[i]);
    free(h->items);
    for (size_t i = 0; i < h->wanted_count; i++) {
        free(h->wanted[i].prefix);
        free(h->wanted[i].path);
        free(h->wanted[i].paths);
    }
    free(h->wanted);
    json_decref(h->index);
    json_decref(h->unmarked);
    json_decref(h->marked);
    *h = (struct holdings){0};
}

/* ---- adding -------------------------------------------------------------------------------------- */

static char *holdings_copy(const char *s)
{
    return s ? xstrdup(s) : NULL;
}

/* The parts are joined by a character that no host, path or tag holds. */
static char *holdings_key(const struct restic_snapshot *s)
{
    return xasprintf("%s\n%s\n%s\n%s\n%s", text_or_empty(s->owner.cluster),
                     text_or_empty(s->owner.target), text_or_empty(s->owner.invoker), s->host,
                     text_or_empty(s->path));
}

static struct holding *holdings_row(struct holdings *h, const struct restic_snapshot *s)
{
    AUTO(mem_free) char *key = holdings_key(s);
    const json_t *at = json_object_get(h->index, key);
    struct holding *row;

    if (at)
        return &h->items[json_integer_value(at)];
    json_object_set_new(h->index, key, json_integer((json_int_t)h->count));
    h->items = xrealloc(h->items, (h->count + 1) * sizeof(*h->items));
    row = &h->items[h->count++];
    *row = (struct holding){
        .cluster = holdings_copy(s->owner.cluster),
        .target = holdings_copy(s->owner.target),
        .invoker = holdings_copy(s->owner.invoker),
        .host = xstrdup(s->host),
        .path = holdings_copy(s->path),
    };
    row->owner = (struct owner){row->cluster, row->target, row->invoker};
    return row;
}

/* As what a snapshot is listed: it may have got tags of somebody else since, and with them another id. NULL: it is not. */
static const char *holdings_listed_as(const json_t *ids, const struct restic_snapshot *s)
{
    size_t i;
    json_t *id;

    json_array_foreach (ids, i, id)
        if (restic_snapshot_is(s, json_string_value(id)))
            return json_string_value(id);
    return NULL;
}

static bool begins_with(const char *id, const char *prefix)
{
    return id && strncmp(id, prefix, strlen(prefix)) == 0;
}

/* A snapshot that got other tags has another id; people still know the first one. */
static void holdings_take(struct holdings_wanted *wanted, const struct restic_snapshot *s,
                          bool incomplete, bool former)
{
    wanted->incomplete = incomplete;
    wanted->former = former;
    memcpy(wanted->id, s->id, strlen(s->id) + 1);
    free(wanted->path);
    free(wanted->paths);
    wanted->path = holdings_copy(s->path);
    wanted->paths = restic_snapshot_paths(s);
    wanted->files = s->files;
}

/*
 * After `restic rewrite` and `restic copy` a snapshot lies beside the one that it was made from, and says its id too: an id
 * means the snapshot that has it now, and one that had it before only when there is none.
 */
static void holdings_notice(struct holdings *h, const struct restic_snapshot *s, bool incomplete)
{
    for (size_t i = 0; i < h->wanted_count; i++) {
        struct holdings_wanted *wanted = &h->wanted[i];
        bool is = begins_with(s->id, wanted->prefix);
        bool was = !is && begins_with(s->original, wanted->prefix);
        bool found = *wanted->id != '\0';

        if ((!is && !was) || (found && was && !wanted->former))
            continue;
        wanted->ambiguous = found && wanted->former == was;
        holdings_take(wanted, s, incomplete, was);
    }
}

void holdings_add(void *holdings, const struct restic_snapshot *snapshot)
{
    struct holdings *h = holdings;
    struct holding *row = holdings_row(h, snapshot);
    const char *listed = holdings_listed_as(h->incomplete_ids, snapshot);

    if (listed && snapshot->incomplete) {
        json_object_set_new(h->marked, listed, json_true());
        listed = NULL;
    }
    holdings_notice(h, snapshot, listed || snapshot->incomplete);
    if (listed)
        json_object_set_new(h->unmarked, snapshot->id,
                            json_pack("{s:s, s:s}", "listed", listed, "target",
                                      text_or_empty(snapshot->owner.target)));
    if (listed || snapshot->incomplete) {
        row->incomplete++;
        return;
    }
    row->complete++;
    row->full += snapshot->files > 0;
    if (*row->newest && snapshot->time < row->time)
        return;
    *row->twin = '\0';
    if (*row->newest && snapshot->time == row->time)
        memcpy(row->twin, row->newest, sizeof(row->twin));
    memcpy(row->newest, snapshot->id, strlen(snapshot->id) + 1);
    row->time = snapshot->time;
    row->files = snapshot->files;
}

/* ---- by id --------------------------------------------------------------------------------------- */

void holdings_want(struct holdings *h, const char *prefix)
{
    h->wanted = xrealloc(h->wanted, (h->wanted_count + 1) * sizeof(*h->wanted));
    h->wanted[h->wanted_count++] = (struct holdings_wanted){.prefix = xstrdup(prefix)};
}

const char *holdings_missing(const struct holdings *h)
{
    for (size_t i = 0; i < h->wanted_count; i++)
        if (!*h->wanted[i].id)
            return h->wanted[i].prefix;
    return NULL;
}

int holdings_found(const struct holdings *h, const char *prefix, const struct holdings_wanted **ret,
                   struct error *err)
{
    for (size_t i = 0; i < h->wanted_count; i++) {
        const struct holdings_wanted *wanted = &h->wanted[i];

        if (strcmp(wanted->prefix, prefix) != 0 || !*wanted->id)
            continue;
        if (wanted->ambiguous)
            return error_set(err, ERR_CONFLICT,
                             "several snapshots begin with \"%s\": give more of the id", prefix);
        *ret = wanted;
        return 0;
    }
    return error_set(err, ERR_NOT_FOUND, "the repository has no snapshot %s", prefix);
}

/* ---- choosing ------------------------------------------------------------------------------------ */

/* The rows that are still in question. */
struct choice {
    const struct holding **rows;
    size_t count;
};

static void choice_done(struct choice *choice)
{
    free(choice->rows);
}
DEFINE_AUTO_VALUE(struct choice, choice_done);

static bool is_same_holding(const char *one, const char *two)
{
    return one == two || (one && two && strcmp(one, two) == 0);
}

typedef bool (*choice_fn)(const struct holding *row, const struct holdings_wish *wish);

static bool fits_source(const struct holding *row, const struct holdings_wish *wish)
{
    return is_same_holding(row->target, wish->source);
}

static bool fits_target(const struct holding *row, const struct holdings_wish *wish)
{
    return wish->target && is_same_holding(row->target, wish->target);
}

static bool fits_cluster(const struct holding *row, const struct holdings_wish *wish)
{
    return wish->cluster && is_same_holding(row->cluster, wish->cluster);
}

static bool fits_path(const struct holding *row, const struct holdings_wish *wish)
{
    return row->path && (is_same_holding(row->path, wish->path) ||
                         (wish->dump && (is_same_holding(row->path, PATH_INTERIM_DATA) ||
                                         is_same_holding(row->path, PATH_TMP_INTERIM))));
}

static bool is_tagged(const struct holding *row, const struct holdings_wish *wish)
{
    (void)wish;
    return row->target != NULL;
}

/* Keep the rows for which `fits` holds, if there are any. */
static bool choice_prefer(struct choice *choice, const struct holdings_wish *wish, choice_fn fits)
{
    size_t kept = 0;

    for (size_t i = 0; i < choice->count; i++)
        kept += fits(choice->rows[i], wish);
    if (kept == 0)
        return false;
    kept = 0;
    for (size_t i = 0; i < choice->count; i++)
        if (fits(choice->rows[i], wish))
            choice->rows[kept++] = choice->rows[i];
    choice->count = kept;
    return true;
}

typedef const char *(*choice_name_fn)(const struct holding *row);

static const char *name_of_target(const struct holding *row)
{
    return row->target;
}

static const char *name_of_cluster(const struct holding *row)
{
    return row->target ? text_or_empty(row->cluster) : "";
}

static const char *name_of_host(const struct holding *row)
{
    return row->host;
}

static const char *name_of_path(const struct holding *row)
{
    return row->path;
}

/* Whether all rows have the same name; else the different ones, as many as fit, in `names`. */
static bool choice_agrees(const struct choice *choice, choice_name_fn name, struct buf *names)
{
    json_auto_t *seen = json_object();

    for (size_t i = 0; i < choice->count; i++) {
        const char *its = text_or_empty(name(choice->rows[i]));

        if (json_object_get(seen, its))
            continue;
        json_object_set_new(seen, its, json_true());
        buf_addf(names, "%s%s", names->len > 0 ? ", " : "", its);
    }
    return json_object_size(seen) <= 1;
}

#define NAMES_MAX 200 /* bytes of candidates in a message */

static int choice_demand(const struct choice *choice, choice_name_fn name, const char *what,
                         const char *remedy, struct error *err)
{
    AUTO(buf_done) struct buf names;

    buf_init(&names, NAMES_MAX);
    if (choice_agrees(choice, name, &names))
        return 0;
    return error_set(err, ERR_CONFLICT, "snapshots of several %s fit (%s%s): %s", what, names.data,
                     names.overflow ? ", …" : "", remedy);
}

/* A database's dump under another path than Stash's: only when there is no other path at all. */
static bool choice_by_path(struct choice *choice, const struct holdings_wish *wish)
{
    AUTO(buf_done) struct buf ignored;

    buf_init(&ignored, 1);
    if (!wish->path || choice_prefer(choice, wish, fits_path))
        return true;
    return wish->dump && choice->count > 0 && choice->rows[0]->path &&
           choice_agrees(choice, name_of_path, &ignored);
}

static void choice_begin(const struct holdings *h, const struct holdings_wish *wish,
                         struct choice *ret)
{
    ret->rows = xcalloc(h->count + 1, sizeof(struct holding *));
    for (size_t i = 0; i < h->count; i++)
        if (*h->items[i].newest && (!wish->host || is_same_holding(h->items[i].host, wish->host)))
            ret->rows[ret->count++] = &h->items[i];
}

static int choice_none(const struct holdings_wish *wish, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "the repository has no complete snapshot of %s%s, %s%s%s",
                     wish->host ? "host " : "any host", text_or_empty(wish->host),
                     wish->dump ? "a dump" : text_or_empty(wish->path), wish->source ? ", of " : "",
                     text_or_empty(wish->source));
}

/* Whether the own target has snapshots here that do not fit: then another's are not what is meant. */
static const struct holding *find_unfit(const struct holdings *h, const struct holdings_wish *wish)
{
    for (size_t i = 0; i < h->count; i++)
        if (fits_target(&h->items[i], wish) && (!wish->cluster || fits_cluster(&h->items[i], wish)))
            return &h->items[i];
    return NULL;
}

static int choice_unfit(const struct holding *row, const struct holdings_wish *wish,
                        struct error *err)
{
    return error_set(err, ERR_NOT_FOUND,
                     "%s has %s in the repository (host %s, %s), and no complete snapshot of host "
                     "%s, %s",
                     wish->target, row->complete ? "other snapshots" : "only incomplete snapshots",
                     row->host, row->path ? row->path : "several paths",
                     wish->host ? wish->host : "(any)",
                     wish->dump ? "a dump" : text_or_empty(wish->path));
}

#define CHOOSE_TARGET                                                                              \
    "name one in the annotation " ANNOTATION_SOURCE_TARGET                                         \
    " of the RestoreSession, or list snapshot ids in its rules"

/* A target that has only incomplete snapshots could be meant all the same. */
static int choice_alone(const struct holdings *h, const struct choice *choice,
                        const struct holdings_wish *wish, struct error *err)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct holding *row = &h->items[i];

        if (*row->newest || !row->target || is_same_holding(row->target, choice->rows[0]->target) ||
            (wish->host && !is_same_holding(row->host, wish->host)) ||
            (wish->path && !fits_path(row, wish)))
            continue;
        return error_set(err, ERR_CONFLICT,
                         "snapshots of several targets fit (%s, and %s, of which there are only "
                         "incomplete ones): " CHOOSE_TARGET,
                         choice->rows[0]->target, row->target);
    }
    return 0;
}

static int choice_of_target(const struct holdings *h, struct choice *choice,
                            const struct holdings_wish *wish, struct error *err)
{
    const struct holding *unfit;
    int r;

    if (wish->source)
        return choice_prefer(choice, wish, fits_source) ? 0 : choice_none(wish, err);
    if (choice_prefer(choice, wish, fits_target))
        return 0;
    unfit = find_unfit(h, wish);
    if (unfit)
        return choice_unfit(unfit, wish, err);
    if (!choice_prefer(choice, wish, is_tagged))
        return 0;
    r = choice_demand(choice, name_of_target, "targets", CHOOSE_TARGET, err);
    return r < 0 ? r : choice_alone(h, choice, wish, err);
}

/* It may be older than others of the same target: nobody knows which is the latest. */
static int check_date(const struct holding *newest, const struct holdings_wish *wish,
                      struct error *err)
{
    BUG_ON(!newest);
    if (wish->until == 0 || newest->time <= wish->until)
        return 0;
    return error_set(err, ERR_CONFLICT,
                     "snapshot %.8s is dated in the future, so which one is the latest is not "
                     "known: list the id of the one that is meant in the rule's snapshots",
                     newest->newest);
}

static int choose_holding(const struct holdings *h, const struct holdings_wish *wish,
                          const struct holding **ret, struct error *err)
{
    AUTO(choice_done) struct choice choice = {0};
    const struct holding *newest = NULL;
    int r;

    choice_begin(h, wish, &choice);
    if (!choice_by_path(&choice, wish) || choice.count == 0)
        return choice_none(wish, err);
    r = choice_of_target(h, &choice, wish, err);
    if (r < 0)
        return r;
    choice_prefer(&choice, wish, fits_cluster);
    r = choice_demand(&choice, name_of_cluster, "clusters", "list snapshot ids in the rules", err);
    if (r == 0)
        r = choice_demand(&choice, name_of_host, "hosts",
                          "name one as sourceHost of the rule, or list snapshot ids", err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < choice.count; i++)
        if (!newest || choice.rows[i]->time > newest->time)
            newest = choice.rows[i];
    *ret = newest;
    return check_date(newest, wish, err);
}

int holdings_choose(const struct holdings *h, const struct holdings_wish *wish,
                    const struct holding **ret, struct error *err)
{
    AUTO(mem_free) char *path = NULL;
    struct holdings_wish plain = *wish;
    int r = wish->path ? path_clean(wish->path, &path, err) : 0;

    plain.path = path;
    return r < 0 ? r : choose_holding(h, &plain, ret, err);
}

static bool is_rival(const struct holding *row, const struct holding *chosen)
{
    return *row->newest && row->invoker && is_same_holding(row->target, chosen->target) &&
           is_same_holding(row->host, chosen->host) && is_same_holding(row->path, chosen->path) &&
           !holdings_are_of(row, &chosen->owner);
}

const struct holding *holdings_rival(const struct holdings *h, const struct holding *chosen)
{
    const struct holding *newest = NULL;

    for (size_t i = 0; chosen->invoker && i < h->count; i++)
        if (is_rival(&h->items[i], chosen) && (!newest || h->items[i].time > newest->time))
            newest = &h->items[i];
    return newest;
}

/* ---- sums ---------------------------------------------------------------------------------------- */

bool holdings_are_of(const struct holding *row, const struct owner *owner)
{
    return is_same_holding(row->cluster, owner->cluster) &&
           is_same_holding(row->target, owner->target) &&
           is_same_holding(row->invoker, owner->invoker);
}

const struct holding *holdings_later(const struct holdings *h, const struct owner *owner,
                                     int64_t time)
{
    for (size_t i = 0; i < h->count; i++)
        if (holdings_are_of(&h->items[i], owner) && h->items[i].time > time)
            return &h->items[i];
    return NULL;
}

static bool is_history(const struct holding *row, const struct holdings_history *history)
{
    return *row->newest && holdings_are_of(row, &history->owner) &&
           is_same_holding(row->host, history->host) &&
           (!history->path || is_same_holding(row->path, history->path));
}

const struct holding *holdings_newest(const struct holdings *h,
                                      const struct holdings_history *history)
{
    const struct holding *newest = NULL;

    for (size_t i = 0; i < h->count; i++)
        if (is_history(&h->items[i], history) && (!newest || h->items[i].time > newest->time))
            newest = &h->items[i];
    return newest;
}

uint64_t holdings_lost(const struct holdings *h, const struct holdings_history *history)
{
    const struct holding *newest = holdings_newest(h, history);
    uint64_t full = 0;

    if (!newest || newest->files > 0)
        return 0;
    for (size_t i = 0; i < h->count; i++)
        if (is_history(&h->items[i], history))
            full += h->items[i].full;
    return full;
}

struct holdings_sum holdings_of(const struct holdings *h, const struct owner *owner)
{
    struct holdings_sum sum = {0};

    for (size_t i = 0; i < h->count; i++)
        if (holdings_are_of(&h->items[i], owner)) {
            sum.complete += h->items[i].complete;
            sum.incomplete += h->items[i].incomplete;
        }
    return sum;
}

#define EXAMPLES_MAX 3

uint64_t holdings_unowned(const struct holdings *h, const char *cluster, const json_t *invokers,
                          struct text *ret)
{
    AUTO(buf_done) struct buf text;
    uint64_t count = 0;
    size_t rows = 0;

    buf_init(&text, LIMIT_STATUS_TEXT);
    for (size_t i = 0; i < h->count; i++) {
        const struct holding *row = &h->items[i];
        uint64_t its = row->complete + row->incomplete;

        if (adoption_is_owned(&row->owner, cluster, invokers))
            continue;
        count += its;
        if (rows++ < EXAMPLES_MAX)
            buf_addf(&text, "%shost %s, %s%s%s: %llu", rows > 1 ? "; " : "", row->host,
                     row->path ? row->path : "several paths", row->target ? ", of " : "",
                     text_or_empty(row->target), (unsigned long long)its);
    }
    if (rows > EXAMPLES_MAX)
        buf_addf(&text, "; and others");
    format_text(text.data, ret);
    return count;
}
