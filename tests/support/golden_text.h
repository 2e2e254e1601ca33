/*
 * golden_text.h - documents and patches as YAML that people read: what fits into a line stands in one, and a patch's path
 * of single members is one pointer.
 */
#ifndef TEST_GOLDEN_TEXT_H
#define TEST_GOLDEN_TEXT_H

#include <jansson.h>
#include <stddef.h>

/** The members of a document, or of a patch (golden_patch.h), one after the other. The caller frees the text. */
char *golden_text_document(const json_t *doc);
char *golden_text_patch(const json_t *patch);

/** How long a patch would be: so much for each line, and 1 for each character. */
#define GOLDEN_TEXT_LINE 10000
size_t golden_text_cost(const json_t *patch);

#endif
