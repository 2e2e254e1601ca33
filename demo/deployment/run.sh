# shellcheck shell=bash
# A Deployment's volume: a sidecar backs it up, an init container brings it back.

files=500

web() {
    k exec deployment/web -c web -- "$@"
}

# Names, contents and modes of everything on the volume, as one checksum.
data_sum() {
    web sh -c 'cd /data && find . -type f -exec stat -c "%n %a %u" {} + -exec sha256sum {} + | sort | sha256sum | cut -c1-64'
}

containers() {
    k get pods -l app=web --field-selector=status.phase=Running -o jsonpath='{.items[*].spec.containers[*].name}'
}

has_sidecar() {
    case " $(containers) " in *" stash "*) ;; *) return 1 ;; esac
}

begin

step "A Deployment with $files files on a volume"
apply demo/deployment/app.yaml
k rollout status deployment/web --timeout=120s
web sh -c "for i in \$(seq $files); do mkdir -p /data/d\$((i % 10)); echo \"file \$i\" >/data/d\$((i % 10))/f\$i; done; chmod 600 /data/d1/f1"
sum_before=$(data_sum)
printf '    %s files, sha256 %s\n' "$(web sh -c 'find /data -type f | wc -l')" "$sum_before"
template_before=$(k get deployment web -o jsonpath='{.spec.template.spec}')

step "Storage Secret, Repository, BackupConfiguration: the sidecar arrives with a rolling restart"
apply demo/deployment/backup.yaml
wait_for 120 "the sidecar in the pod" has_sidecar
wait_for 60 "BackupConfiguration Ready" has_phase backupconfiguration/web-backup Ready
k rollout status deployment/web --timeout=120s
printf '    containers of the pod now: %s\n' "$(containers)"
[ "$(k get deployment web -o jsonpath='{.spec.template.spec}')" = "$template_before" ] ||
    fail "the Deployment's own pod spec was changed"

scheduled_session web-backup 180

step "Disaster: the files are deleted"
web sh -c 'rm -rf /data/d*'
[ "$(web sh -c 'find /data -type f | wc -l')" = 0 ] || fail "the files are still there"

step "RestoreSession: the pods restart with an init container that brings the files back"
apply demo/deployment/restore.yaml
finish restoresession/web-restore 240
k rollout status deployment/web --timeout=120s

step "Proof: every file is back"
sum_after=$(data_sum)
printf '    before: sha256 %s\n    after:  sha256 %s\n' "$sum_before" "$sum_after"
[ "$sum_after" = "$sum_before" ] || fail "the files differ"

show_result web-backup
