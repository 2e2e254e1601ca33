/*
 * es_files.h - the files of a dump: whose they are, and what is in them. Pure.
 *
 * multielasticdump writes <index>.json (a document a line) and <index>.<type>.json, and guesses the index from the name
 * when it loads. An index whose own name looks like one of these cannot be told from another's file.
 */
#ifndef STASH_ES_FILES_H
#define STASH_ES_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/buf.h"
#include "stash/error.h"
#include "stash/limits.h"

/** Whether the tool would take the files of this index for those of another one. */
bool es_files_is_ambiguous(const char *index);

/** The index that a file belongs to, and whether it holds its documents; NULL: no file of a dump. Heap string. */
char *es_files_index(const char *file, bool *ret_data);

/** Documents in what passes, a line each, and their ids one by one. */
#define ES_LINE_HEAD (4 * LIMIT_KIB) /* the id stands at a line's beginning */
struct es_lines {
    uint64_t count;
    struct buf head; /* of the line that passes */
    int (*on_id)(void *ctx, const char *id,
                 struct error *err); /* NULL: they are not looked for; an id is a JSON string */
    void *ctx;
};
void es_lines_init(struct es_lines *lines);
void es_lines_done(struct es_lines *lines);
DEFINE_AUTO_VALUE(struct es_lines, es_lines_done);
int es_lines_feed(struct es_lines *lines, const char *data, size_t len, struct error *err);
int es_lines_end(struct es_lines *lines, struct error *err);

#endif
