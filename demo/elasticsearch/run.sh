# shellcheck shell=bash
# Elasticsearch: two indices, dumped on a schedule, deleted, loaded again.

# shellcheck source=demo/elasticsearch/lib.sh
. demo/elasticsearch/lib.sh

begin

step "An Elasticsearch server with two indices of $documents documents"
apply demo/servers/elasticsearch.yaml
k rollout status statefulset/es --timeout=240s
wait_for 120 "Elasticsearch answering" es GET /
fill books
fill films
books_before=$(index_sum books)
films_before=$(index_sum films)
printf '    books %s\n    films %s\n' "$books_before" "$films_before"

step "Storage Secret, Repository, AppBinding, BackupConfiguration with a one-minute schedule"
apply demo/elasticsearch/backup.yaml
wait_for 60 "BackupConfiguration Ready" has_phase backupconfiguration/es-backup Ready
printf '    the interim volume that the webhook filled in: '
k get backupconfiguration es-backup -o jsonpath='{.spec.interimVolumeTemplate.spec.resources.requests.storage}{"\n"}'

scheduled_session es-backup 300

step "Disaster: the indices are deleted"
es DELETE /books,films >/dev/null
es GET /books >/dev/null 2>&1 && fail "the index is still there"

step "RestoreSession"
apply demo/elasticsearch/restore.yaml
finish restoresession/es-restore 300
es POST /_refresh >/dev/null

step "Proof: every document is back"
books_after=$(index_sum books)
films_after=$(index_sum films)
printf '    before: books %s\n            films %s\n' "$books_before" "$films_before"
printf '    after:  books %s\n            films %s\n' "$books_after" "$films_after"
[ "$books_after" = "$books_before" ] || fail "books differ"
[ "$films_after" = "$films_before" ] || fail "films differ"

show_result es-backup
