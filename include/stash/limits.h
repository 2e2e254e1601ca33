/*
 * limits.h - the ceiling of every buffer and queue that outside input can fill.
 */
#ifndef STASH_LIMITS_H
#define STASH_LIMITS_H

#include <stddef.h>

#define LIMIT_KIB ((size_t)1024)
#define LIMIT_MIB (1024 * LIMIT_KIB)

/* AdmissionReviews: the body, two 3 MB objects and 1 MB around them; what parsing one may take, estimated before */
#define LIMIT_REVIEW_BODY   (7 * LIMIT_MIB)
#define LIMIT_REVIEW_MEMORY (48 * LIMIT_MIB)

/* what all requests in flight may take together; of what others leave, those of one client, and with its small ones */
#define LIMIT_REVIEW_IN_FLIGHT      (64 * LIMIT_MIB)
#define LIMIT_REVIEW_CLIENT(others) ((LIMIT_REVIEW_IN_FLIGHT - (others)) / 4 * 3)
#define LIMIT_REVIEW_SMALL(others)  ((LIMIT_REVIEW_IN_FLIGHT - (others)) / 8 * 7)

/* what the API server sends */
#define LIMIT_HTTP_RESPONSE (64 * LIMIT_MIB) /* one answer: a page of 500 objects */
#define LIMIT_WATCH_LINE    (4 * LIMIT_MIB) /* one watch event: etcd's 1.5 MiB object and overhead */
#define LIMIT_LIST_PAGE     500             /* objects asked for in one list page */

/* objects that people write, of kinds that are read as a whole */
#define LIMIT_OBJECT     (256 * LIMIT_KIB) /* one of them */
#define LIMIT_ELEMENTS   1000              /* of a list or map in its spec */
#define LIMIT_CAUSES     100               /* mistakes reported for it */
#define LIMIT_TEMPLATE   (256 * LIMIT_KIB) /* a Task or Function after substitution */
#define LIMIT_HOSTS      1000              /* hosts of one target that a session can wait for */
#define LIMIT_CLAIM_SETS 100 /* sets of claims that one restore makes: a Job for each */
#define LIMIT_CLAIMS     500 /* and all of these claims: each is looked up by its name */

/* what a process keeps or looks at */
#define LIMIT_NAMESPACE  (64 * LIMIT_MIB) /* all objects of one namespace that it keeps */
#define LIMIT_DOCUMENT   (32 * LIMIT_MIB) /* memory that one object may take when it is parsed */
#define LIMIT_LIST       (512 * LIMIT_MIB) /* and all of a list that is kept, where nobody says less */
#define LIMIT_LOOK       (128 * LIMIT_MIB) /* and all that a worker looks at: ten thousand sessions */
#define LIMIT_LOOK_SMALL (16 * LIMIT_MIB) /* of larger looks there is one at a time */
#define LIMIT_QUEUE_KEYS 200000 /* keys waiting in a work queue; a namespace has half of them */

/* pods: keys and values of annotations, as the API server counts; etcd's 1.5 MiB less the pod's node and status */
#define LIMIT_ANNOTATIONS (256 * LIMIT_KIB)
#define LIMIT_POD         (1472 * LIMIT_KIB)

/* programs and files */
#define LIMIT_RESTIC_LINE (1 * LIMIT_MIB)  /* one line of restic --json */
#define LIMIT_STDERR_TAIL (4 * LIMIT_KIB)  /* what is kept of a child's standard error */
#define LIMIT_INPUT_FILE  (64 * LIMIT_MIB) /* a file named on the command line */
#define LIMIT_STATUS_TEXT 1024             /* an error text in a status, condition or event */

#endif
