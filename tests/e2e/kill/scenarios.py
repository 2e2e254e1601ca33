"""What is played in each run, and what must be true at its end whatever was killed meanwhile."""

import time

from run import expect

TARGET = {"ref": {"apiVersion": "appcatalog.appscode.com/v1alpha1", "kind": "AppBinding",
                  "name": "app"}}
FINAL = ("Succeeded", "Failed", "Skipped", "Unknown", "Invalid")


def phase(document):
    return (document or {}).get("status", {}).get("phase")


def condition(document, kind):
    for row in document.get("status", {}).get("conditions", []):
        if row["type"] == kind:
            return row["status"]
    return None


def owners(document):
    return [owner["name"] for owner in document["metadata"].get("ownerReferences", [])]


def make_repository(run):
    run.cluster.create(run.repositories, {
        "apiVersion": "stash.appscode.com/v1alpha1", "kind": "Repository",
        "metadata": {"name": "repo"},
        "spec": {"backend": {"s3": {"endpoint": "http://s3.example.com", "bucket": "backups"},
                             "storageSecretName": "storage"}}})


def references(run):
    status = run.cluster.get(run.repositories + "/repo").get("status", {})
    return [(row["kind"], row["name"]) for row in status.get("references", [])]


def remove(run, path, what):
    """Deleted by the user; it goes when the reconciler has done what the finalizer stands for."""
    run.cluster.delete(path)
    run.wait_for(f"{what} gone", lambda: run.cluster.find(path) is None)


def remove_repository(run):
    run.wait_for("no reference left", lambda: references(run) == [])
    remove(run, run.repositories + "/repo", "the Repository")


# ---- a backup: configuration, a session that fails, its retry, history, removal ----------------------------------

def make_configuration(run):
    run.cluster.create(run.stash + "/backupconfigurations", {
        "apiVersion": "stash.appscode.com/v1beta1", "kind": "BackupConfiguration",
        "metadata": {"name": "bc", "annotations": {"stash.appscode.com/interim-volume": "false"}},
        "spec": {"schedule": "0 0 1 1 *", "repository": {"name": "repo"}, "target": TARGET,
                 "task": {"name": "e2e-kill-backup"}, "backupHistoryLimit": 1,
                 "retryConfig": {"maxRetry": 1, "delay": "1s"},
                 "retentionPolicy": {"name": "keep", "keepLast": 1, "prune": False}}})
    path = run.stash + "/backupconfigurations/bc"
    run.wait_for("the BackupConfiguration Ready", lambda: phase(run.cluster.get(path)) == "Ready")


def trigger(run):
    """A BackupSession as the CronJob's Job makes it."""
    owner = run.cluster.get(run.stash + "/backupconfigurations/bc")
    name = f"bc-{int(time.time())}"
    group = "stash.appscode.com"
    run.cluster.create(run.stash + "/backupsessions", {
        "apiVersion": group + "/v1beta1", "kind": "BackupSession",
        "metadata": {
            "name": name,
            "labels": {"app.kubernetes.io/managed-by": group,
                       "app.kubernetes.io/component": "stash-backup",
                       group + "/invoker-type": "BackupConfiguration",
                       group + "/invoker-name": "bc"},
            "ownerReferences": [{"apiVersion": group + "/v1beta1", "kind": "BackupConfiguration",
                                 "name": "bc", "uid": owner["metadata"]["uid"],
                                 "controller": True, "blockOwnerDeletion": True}]},
        "spec": {"invoker": {"apiGroup": group, "kind": "BackupConfiguration", "name": "bc"},
                 "retryLeft": 1}})
    return name


def check_sessions(run, first):
    """One trigger, one retry, one Job and one Pod for each."""
    sessions = run.sessions.documents()
    expect("sessions that ever were", len(sessions), 2)
    tried, again = sorted(sessions, key=lambda document: document["metadata"]["name"] != first)
    expect("phase of the first session", phase(tried), "Failed")
    expect("phase of the retry", phase(again), "Succeeded")
    expect("retryLeft of the retry", again["spec"]["retryLeft"], 0)
    expect("the retry is never retried", again["status"].get("retried"), None)
    expect("metrics of the retry", condition(again, "MetricsPushed") is not None, True)
    jobs = run.jobs.documents()
    expect("owners of the Jobs that ever were", sorted(name for job in jobs for name in owners(job)),
           sorted(document["metadata"]["name"] for document in sessions))
    expect("owners of the Pods that ever were", sorted(name for pod in run.pods.documents() for name in owners(pod)),
           run.jobs.names())


def check_history(run):
    """backupHistoryLimit 1: only the retry is left."""
    left = [document["metadata"]["name"] for document in run.cluster.items(run.stash + "/backupsessions")]
    return len(left) == 1


def check_belongings(run):
    expect("references", references(run), [("BackupConfiguration", "bc")])
    jobs = [job["metadata"]["name"] for job in run.cluster.items(run.batch + "/cronjobs")]
    expect("CronJobs", jobs, ["stash-trigger-bc"])


def remove_configuration(run):
    remove(run, run.stash + "/backupconfigurations/bc", "the BackupConfiguration")
    run.wait_for("CronJob gone", lambda: run.cluster.items(run.batch + "/cronjobs") == [])


def backup(run):
    make_repository(run)
    make_configuration(run)
    first = trigger(run)
    run.wait_for("the retry over", lambda: sum(phase(document) in FINAL for document in run.sessions.documents()) >= 2)
    run.wait_for("the history cleaned", lambda: check_history(run))
    run.settled()
    check_belongings(run)
    remove_configuration(run)
    remove_repository(run)
    check_sessions(run, first)


# ---- a restore -----------------------------------------------------------------------------------------------------

def make_restore(run):
    run.cluster.create(run.stash + "/restoresessions", {
        "apiVersion": "stash.appscode.com/v1beta1", "kind": "RestoreSession",
        "metadata": {"name": "rs", "annotations": {"stash.appscode.com/interim-volume": "false"}},
        "spec": {"repository": {"name": "repo"}, "task": {"name": "e2e-kill-restore"},
                 "target": {**TARGET, "rules": [{"snapshots": ["latest"]}]}}})


def restore(run):
    path = run.stash + "/restoresessions/rs"
    make_repository(run)
    make_restore(run)
    run.wait_for("the restore over", lambda: phase(run.cluster.get(path)) in FINAL)
    expect("phase of the restore", phase(run.cluster.get(path)), "Succeeded")
    run.settled()
    expect("references", references(run), [("RestoreSession", "rs")])
    expect("owners of the Jobs that ever were", [owners(job) for job in run.jobs.documents()], [["rs"]])
    expect("Pods that ever were", len(run.pods.documents()), 1)
    remove(run, path, "the RestoreSession")
    remove_repository(run)


SCENARIOS = {"backup": backup, "restore": restore}
