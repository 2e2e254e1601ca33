/*
 * pair.h - the members of an object in the arguments of json_pack(): key and value stand together.
 *
 *     json_pack("{s:s, s:{s:s, s:s}}", PAIR("kind", "Job"), PAIR("metadata", PAIR("name", name), PAIR("namespace", ns)))
 */
#ifndef STASH_PAIR_H
#define STASH_PAIR_H

/** A key and its value; of an object or array what it holds. */
#define PAIR(key, ...) key, __VA_ARGS__

#endif
