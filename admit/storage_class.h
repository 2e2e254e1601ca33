/* storage_class.h - which StorageClass a claim gets that names none. */
#ifndef ADMIT_STORAGE_CLASS_H
#define ADMIT_STORAGE_CLASS_H

#include <jansson.h>

/**
 * The name of the newest default class that can provision, borrowed from `classes` (an array of StorageClasses); NULL
 * when there is none.
 */
const char *storage_class_default(const json_t *classes);

#endif
