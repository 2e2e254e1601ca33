# shellcheck shell=bash
# MySQL and its relatives: three databases with what breaks dumps (bytes, unicode, 64-bit numbers, large rows, views, triggers, routines,
# events), backed up on a schedule, dropped, restored.

content() {
    addons/mysql/sample/content "${client[@]}"
}

# walk_through NAME SERVER WHAT: NAME is the demo's, SERVER the manifest's and its Pod's; the array `client` calls the client in the Pod, with
# its own user; the rest of the words go to it.
walk_through() {
    local name=$1 server=$2 before after
    begin

    step "$3 and three databases"
    apply "demo/servers/$server.yaml"
    k rollout status "statefulset/$server" --timeout=240s
    wait_for 60 "the server answering" "${client[@]}" -e 'SELECT 1'
    "${client[@]}" --binary-mode <addons/mysql/sample/make.sql
    before=$(content)
    printf '    %s\n    content: sha256 %s\n' "$("${client[@]}" -N -e 'SELECT VERSION()')" "$(sha256sum <<<"$before" | cut -c 1-64)"

    step "Storage Secret, Repository, AppBinding, BackupConfiguration with a one-minute schedule"
    apply "demo/$name/backup.yaml"
    wait_for 60 "BackupConfiguration Ready" has_phase "backupconfiguration/$name-backup" Ready
    show get backupconfiguration "$name-backup"

    scheduled_session "$name-backup" 300

    step "Disaster: the databases are dropped"
    "${client[@]}" -e 'DROP DATABASE shop; DROP DATABASE other; DROP DATABASE vacant'
    "${client[@]}" -e 'USE shop' >/dev/null 2>&1 && fail "the database is still there"

    step "RestoreSession"
    apply "demo/$name/restore.yaml"
    finish "restoresession/$name-restore" 300

    step "Proof: every byte is back"
    after=$(content)
    printf '    before: sha256 %s\n' "$(sha256sum <<<"$before" | cut -c 1-64)"
    printf '    after:  sha256 %s\n' "$(sha256sum <<<"$after" | cut -c 1-64)"
    [ "$after" = "$before" ] || {
        diff <(echo "$before") <(echo "$after") || true
        fail "the contents differ"
    }

    show_result "$name-backup"
}
