#include "stash/certs.h"

#include <criterion/criterion.h>
#include <string.h>

#define NOW   INT64_C(1800000000)
#define DAY   INT64_C(86400)
#define DNS   "stash-webhook.stash.svc"
#define YEARS (20 * 365 * DAY)

static const char *const names[] = {DNS, NULL};
static const struct cert_policy policy = {365 * DAY, 30 * DAY, 15, 3600};

/* What is stored, and the rounds of whoever keeps it in order. */
struct house {
    struct cert_pair ca, serving;
    char *published;
    int cas, certs; /* issued so far */
};

static void house_done(struct house *house)
{
    cert_pair_done(&house->ca);
    cert_pair_done(&house->serving);
    free(house->published);
}
DEFINE_AUTO_VALUE(struct house, house_done);

static void pair_become(struct cert_pair *pair, struct cert_pair *fresh)
{
    cert_pair_done(pair);
    *pair = *fresh;
    *fresh = (struct cert_pair){0};
}

/* One round at `now`, as the leader goes through it. */
static void round_at(struct house *house, int64_t now, bool settled)
{
    struct cert_view view = {&house->ca, &house->serving, house->published, DNS, now, settled};
    struct cert_pair fresh = {0};
    struct error err;

    if (cert_ca_is_due(&view)) {
        cr_assert_eq(cert_issue_ca("CA", now, policy.ca_lifetime, &fresh, &err), 0);
        pair_become(&house->ca, &fresh);
        house->cas++;
    }
    char *bundle = cert_bundle(&view, &policy);
    free(house->published);
    view.published = house->published = bundle;
    if (!cert_serving_is_due(&view))
        return;
    cr_assert_eq(cert_issue_serving(&house->ca, names, now, policy.cert_lifetime, &fresh, &err), 0);
    pair_become(&house->serving, &fresh);
    house->certs++;
}

static bool works(const struct house *house, int64_t now)
{
    return cert_verifies(house->serving.cert, house->published, DNS, now);
}

static int count_cas(const char *bundle)
{
    int count = 0;

    for (const char *at = bundle; (at = strstr(at, "BEGIN CERTIFICATE")); at++)
        count++;
    return count;
}

Test(cert_renew, an_empty_house_is_furnished_in_one_round)
{
    AUTO(house_done) struct house house = {0};

    round_at(&house, NOW, false);
    cr_assert(works(&house, NOW));
    round_at(&house, NOW + 10, true);
    cr_assert_eq(house.cas, 1);
    cr_assert_eq(house.certs, 1);
}

Test(cert_renew, for_two_years_nobody_is_ever_without_a_good_certificate)
{
    AUTO(house_done) struct house house = {0};

    round_at(&house, NOW, false);
    for (int64_t now = NOW; now < NOW + 730 * DAY; now += 2 * DAY) {
        cr_assert(works(&house, now), "day %ld", (long)((now - NOW) / DAY));
        round_at(&house, now, true);
        cr_assert_leq(count_cas(house.published), 2);
    }
    cr_assert_eq(house.cas, 3, "%d", house.cas);
    cr_assert(house.certs > 33 && house.certs < 42, "%d", house.certs);
}

Test(cert_renew, a_new_ca_is_published_before_it_is_used_and_the_old_one_goes_after_the_overlap)
{
    AUTO(house_done) struct house house = {0};
    const int64_t due = NOW + 244 * DAY;

    for (int64_t now = NOW; now < due; now += 8 * DAY)
        round_at(&house, now, true);
    AUTO(mem_free) char *before = xstrdup(house.published);
    int certs = house.certs;
    round_at(&house, due, false);
    cr_assert_eq(house.certs, certs, "not served before everybody knows it");
    cr_assert_eq(count_cas(house.published), 2);
    cr_assert(cert_verifies(house.serving.cert, before, DNS, due), "a slow reader is served");
    round_at(&house, due + 20, true);
    cr_assert_eq(house.certs, certs + 1);
    round_at(&house, due + 20 + policy.overlap, true);
    cr_assert_eq(count_cas(house.published), 2, "the old CA stays for the overlap");
    round_at(&house, due + 320 + policy.overlap, true);
    cr_assert_str_eq(house.published, house.ca.cert);
}

Test(cert_renew, a_clock_that_jumps_ahead_and_back_is_followed)
{
    AUTO(house_done) struct house house = {0};

    round_at(&house, NOW, false);
    round_at(&house, NOW + YEARS, false);
    cr_assert(works(&house, NOW + YEARS));
    cr_assert_eq(house.certs, 2);
    round_at(&house, NOW + 60, false);
    cr_assert(works(&house, NOW + 60), "what is not valid yet is replaced at once");
    cr_assert_eq(house.cas, 3);
    round_at(&house, NOW + 120, true);
    cr_assert_eq(house.cas, 3, "and then there is peace");
    cr_assert_eq(house.certs, 3);
}

Test(cert_renew, clients_whose_clock_did_not_jump_keep_the_ca_that_they_need)
{
    AUTO(house_done) struct house house = {0};

    round_at(&house, NOW, false);
    AUTO(mem_free) char *old = xstrdup(house.serving.cert);
    round_at(&house, NOW + YEARS, false);
    cr_assert(cert_verifies(old, house.published, DNS, NOW), "a webhook may serve it for a moment");
}

Test(cert_renew, a_step_back_of_minutes_changes_nothing)
{
    AUTO(house_done) struct house house = {0};

    round_at(&house, NOW, false);
    round_at(&house, NOW - 240, true);
    cr_assert_eq(house.cas + house.certs, 2);
    cr_assert(works(&house, NOW - 240));
}

Test(cert_renew, secrets_that_were_deleted_leave_a_bundle_for_the_pair_in_memory)
{
    AUTO(house_done) struct house house = {0};

    round_at(&house, NOW, false);
    AUTO(mem_free) char *in_memory = xstrdup(house.serving.cert);
    cert_pair_done(&house.ca);
    cert_pair_done(&house.serving);
    round_at(&house, NOW + DAY, true);
    cr_assert(works(&house, NOW + DAY));
    cr_assert(cert_verifies(in_memory, house.published, DNS, NOW + DAY));
}

Test(cert_renew, a_ca_secret_that_was_deleted_is_replaced_without_haste)
{
    AUTO(house_done) struct house house = {0};

    round_at(&house, NOW, false);
    cert_pair_done(&house.ca);
    round_at(&house, NOW + DAY, false);
    cr_assert_eq(house.certs, 1, "the pair in service is good");
    cr_assert(works(&house, NOW + DAY));
    round_at(&house, NOW + DAY + 20, true);
    cr_assert_eq(house.certs, 2);
}

static void corrupt(struct cert_pair *pair, int how)
{
    AUTO(cert_pair_done) struct cert_pair other = {0};
    struct error err;

    cr_assert_eq(cert_issue_ca("stranger", NOW, DAY, &other, &err), 0);
    char **field = how % 2 ? &pair->key : &pair->cert;
    free(*field);
    *field = how < 2   ? NULL
             : how < 4 ? xstrdup("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
             : how % 2 ? TAKE(other.key)
                       : TAKE(other.cert);
}

Test(cert_renew, whatever_is_broken_by_hand_is_repaired)
{
    for (int how = 0; how < 12; how++) {
        AUTO(house_done) struct house house = {0};
        round_at(&house, NOW, false);
        corrupt(how < 6 ? &house.ca : &house.serving, how % 6);
        round_at(&house, NOW + DAY, true);
        cr_assert(works(&house, NOW + DAY), "%d", how);
        cr_assert_eq(house.certs, 2, "%d", how);
        cr_assert_eq(house.cas, how < 6 ? 2 : 1, "%d", how);
    }
}

Test(cert_renew, a_serving_pair_in_the_place_of_the_ca_is_no_ca)
{
    AUTO(house_done) struct house house = {0};
    struct error err;

    round_at(&house, NOW, false);
    struct cert_pair leaf = {0};
    cr_assert_eq(cert_issue_serving(&house.ca, names, NOW, 300 * DAY, &leaf, &err), 0);
    pair_become(&house.ca, &leaf);
    round_at(&house, NOW + DAY, true);
    cr_assert_eq(house.cas, 2);
    cr_assert(works(&house, NOW + DAY));
}

Test(cert_renew, a_bundle_does_not_grow_without_end)
{
    AUTO(house_done) struct house house = {0};

    for (int i = 0; i < 20; i++) {
        cert_pair_done(&house.ca);
        round_at(&house, NOW + i * 60, true);
    }
    cr_assert_leq(count_cas(house.published), 8);
    cr_assert(works(&house, NOW + 20 * 60));
}

Test(cert_renew, lifetimes_that_do_not_fit_are_refused)
{
    const struct {
        struct cert_policy policy;
        const char *flag;
    } rows[] = {{{365 * DAY, 29, 0, 0}, "--cert-lifetime"},
                {{89, 30, 0, 0}, "--ca-lifetime"},
                {{365 * DAY, 30, 11, 0}, "--ca-settle"},
                {{365 * DAY, 30, 0, -1}, "--ca-overlap"}};
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(cert_policy_check(&rows[i].policy, &err), -ERR_INVALID);
        cr_assert(strstr(err.msg, rows[i].flag), "%s", err.msg);
    }
    cr_assert_eq(cert_policy_check(&policy, &err), 0);
    cr_assert_eq(cert_policy_check(&(struct cert_policy){90, 30, 10, 0}, &err), 0);
}
