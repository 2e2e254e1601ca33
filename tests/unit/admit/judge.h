/* judge.h - one object before the rules, for tests of single rules: what is refused where, and what is warned of. */
#ifndef TEST_JUDGE_H
#define TEST_JUDGE_H

#include "stash/admit.h"

struct judged {
    struct causes causes;
    struct warnings warnings;
};

void judged_done(struct judged *judged);
DEFINE_AUTO_VALUE(struct judged, judged_done);

/** Judge the creation of an object of namespace demo with this spec, in a cluster of these objects (a JSON array). */
struct judged judge(enum kind kind, const char *spec, const char *cluster);

/** The first cause at exactly this path: its text; "" when there is none. */
const char *judged_cause(const struct judged *judged, const char *path);

/** The first warning that begins like this; "" when there is none. */
const char *judged_warning(const struct judged *judged, const char *start);

/** Parts of specs that are good: add members after them. */
#define GOOD_BACKUP                                                                                \
    "'schedule':'@daily','repository':{'name':'store'},"                                           \
    "'retentionPolicy':{'name':'k','keepLast':1,'prune':true},"
#define GOOD_TARGET                                                                                \
    "'ref':{'apiVersion':'apps/v1','kind':'Deployment','name':'web'},"                             \
    "'volumeMounts':[{'name':'d','mountPath':'/data'}],"

#endif
