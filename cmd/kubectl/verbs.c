/* verbs.c - the table of verbs. Adding one is a file, a row here, and its line in CMakeLists.txt. */
#include <string.h>

#include "kubectl.h"

const struct verb verbs[] = {
    {
        .name = "status",
        .arguments = "[NAME...]",
        .most = 1000,
        .summary = "how backups are: configurations, repositories, sessions at work or failed",
        .details = "Exit status 1 when a configuration is not ready, failing or late, or a "
                   "repository is broken. A configuration is late when more than one run has gone "
                   "by since its last success. NEXT is reckoned in UTC.",
        .examples = "# everything, as a cron job would check it\n"
                    "kubectl stash status -A || mail -s backups oncall\n"
                    "# one configuration, with whole sentences\n"
                    "kubectl stash status db -n shop -o wide\n",
        .takes = TAKES_ALL_NAMESPACES | TAKES_OUTPUT,
        .completes = KIND_BACKUP_CONFIGURATION,
        .run = verb_status,
    },
    {
        .name = "trigger",
        .arguments = "[backupconfig/|backupbatch/]NAME",
        .least = 1,
        .most = 1,
        .summary = "back up now",
        .details = "Makes a BackupSession, as the schedule does. With --wait it stays until that "
                   "session has ended: exit status 0 only when it Succeeded, 5 when it Failed or "
                   "was Skipped, 6 when --timeout passed; the session goes on then.",
        .examples = "kubectl stash trigger db -n shop --wait\n"
                    "# from a script, before a migration\n"
                    "kubectl stash trigger db --wait --timeout 1h && ./migrate\n",
        .takes = TAKES_OUTPUT | TAKES_DRY_RUN,
        .flags = trigger_flags,
        .completes = KIND_BACKUP_CONFIGURATION,
        .run = verb_trigger,
    },
    {
        .name = "pause",
        .arguments = "[backupconfig/|backupbatch/]NAME...",
        .most = 1000,
        .summary = "start no more backups by schedule",
        .details = "Sessions at work go on, and one can still be started by trigger. Stash's own "
                   "words are taken too: pause backup --backupconfig=NAME.",
        .examples = "kubectl stash pause db -n shop\n",
        .takes = TAKES_OUTPUT | TAKES_DRY_RUN,
        .flags = pause_flags,
        .completes = KIND_BACKUP_CONFIGURATION,
        .run = verb_pause,
    },
    {
        .name = "resume",
        .arguments = "[backupconfig/|backupbatch/]NAME...",
        .most = 1000,
        .summary = "start backups by schedule again",
        .examples = "kubectl stash resume db -n shop\n",
        .takes = TAKES_OUTPUT | TAKES_DRY_RUN,
        .flags = pause_flags,
        .completes = KIND_BACKUP_CONFIGURATION,
        .run = verb_resume,
    },
    {
        .name = "snapshots",
        .arguments = "[REPOSITORY...]",
        .most = 100,
        .summary = "what the repositories hold",
        .details = "Asks each repository by a short Job in its namespace; its Secret does not "
                   "leave the cluster, and nothing is locked. Oldest first. Ids are those that "
                   "a RestoreSession's rules take.",
        .examples = "kubectl stash snapshots store -n shop\n"
                    "# ids of what was stored of one target\n"
                    "kubectl stash snapshots store -o json | jq -r '.[] | "
                    "select(.target == \"StatefulSet/shop/db\") | .id'\n",
        .takes = TAKES_ALL_NAMESPACES | TAKES_OUTPUT,
        .flags = snapshots_flags,
        .completes = KIND_REPOSITORY,
        .run = verb_snapshots,
    },
    {
        .name = "ls",
        .arguments = "REPOSITORY-ID [PATH]",
        .least = 1,
        .most = 2,
        .summary = "what lies in a snapshot",
        .details =
            "All of it; with a PATH what lies in that folder, with --recursive also below it. "
            "The names of snapshots are those of \"kubectl stash snapshots -o name\". Shows "
            "10,000 at once unless --limit says otherwise, and never more than some 8 MiB: "
            "when there are more, it says with which --skip it goes on.",
        .examples = "kubectl stash ls store-1a2b3c4d -n shop\n"
                    "kubectl stash ls store-1a2b3c4d /data/photos --recursive\n"
                    "# the largest files\n"
                    "kubectl stash ls store-1a2b3c4d -o json | jq -r 'sort_by(-.size)[:10][] | "
                    "\"\\(.size) \\(.path)\"'\n",
        .takes = TAKES_OUTPUT,
        .flags = ls_flags,
        .completes = KIND_UNKNOWN,
        .run = verb_ls,
    },
    {
        .name = "find",
        .arguments = "REPOSITORY PATTERN",
        .least = 2,
        .most = 2,
        .summary = "which snapshots hold a file",
        .details =
            "A pattern is a name, the last parts of a path, or a whole path; * and ? stand for "
            "some characters and for one, [a-z] for one of these, ** for any folders. Newest "
            "snapshots first. With -o name the snapshots alone. Shows 1,000 files unless "
            "--limit says otherwise.",
        .examples = "kubectl stash find store report.pdf -n shop\n"
                    "# where a table's dump is\n"
                    "kubectl stash find store '*.sql' -o name\n",
        .takes = TAKES_OUTPUT,
        .flags = find_flags,
        .completes = KIND_REPOSITORY,
        .run = verb_find_files,
    },
    {
        .name = "dump",
        .arguments = "REPOSITORY-ID PATH",
        .least = 2,
        .most = 2,
        .summary = "write a file of a snapshot to standard output",
        .details =
            "Comes through the API server as kubectl exec does, from a Job that is held open "
            "meanwhile; the repository's Secret stays in the cluster. Exit status 0 only when "
            "all of the file came, by its size and SHA-256; otherwise what was written is not "
            "whole.",
        .examples = "kubectl stash dump store-1a2b3c4d /dumpfile.sql -n shop > dumpfile.sql\n"
                    "kubectl stash dump store-1a2b3c4d /data/notes.txt | less\n",
        .flags = dump_flags,
        .completes = KIND_UNKNOWN,
        .run = verb_dump,
    },
    {
        .name = "download",
        .arguments = "REPOSITORY-ID [PATH...] --to FOLDER",
        .least = 1,
        .most = 100,
        .summary = "bring files and folders of a snapshot to this machine",
        .details =
            "All of it, or these paths, below FOLDER under the paths that they have in the "
            "snapshot. FOLDER must not exist, or be empty. They are put into FOLDER.part, "
            "which gets its name when everything came whole, by size and SHA-256. Files belong "
            "to you; of a file that is named its permissions are only yours. Folders are "
            "unpacked by this machine's tar.",
        .examples =
            "kubectl stash download store-1a2b3c4d --to ./yesterday -n shop\n"
            "kubectl stash download store-1a2b3c4d /data/photos /data/notes.txt --to ./found\n",
        .flags = download_flags,
        .completes = KIND_UNKNOWN,
        .run = verb_download,
    },
    {
        .name = "unlock",
        .arguments = "REPOSITORY",
        .least = 1,
        .most = 1,
        .summary = "remove locks that somebody left behind",
        .details = "Removes the locks that nobody has renewed for half an hour, and shows all that "
                   "there were. Backups remove what their own dead pods left, so this is for the "
                   "locks of others. With --remove-all the living ones go too: whoever holds one "
                   "then works in a repository that changes under it.",
        .examples = "kubectl stash unlock store -n shop\n",
        .takes = TAKES_OUTPUT,
        .flags = unlock_flags,
        .completes = KIND_REPOSITORY,
        .run = verb_unlock,
    },
    {
        .name = "delete",
        .arguments = "snapshot REPOSITORY-ID...",
        .least = 2,
        .most = 101,
        .summary = "remove snapshots from their repository",
        .details = "For good: they and what only they need. The names are those of \"kubectl stash "
                   "snapshots -o name\". Asks, unless --yes is given. Waits two minutes for a "
                   "repository that is locked.",
        .examples = "kubectl stash delete snapshot store-1a2b3c4d -n shop\n",
        .takes = TAKES_OUTPUT,
        .flags = delete_flags,
        .completes = KIND_UNKNOWN,
        .run = verb_delete,
    },
    {
        .name = "completion",
        .arguments = "bash|zsh|fish",
        .least = 1,
        .most = 1,
        .summary = "print a script that completes kubectl-stash in a shell",
        .details = "kubectl itself completes \"kubectl stash\" when this program is also in the "
                   "PATH as kubectl_complete-stash.",
        .examples = "source <(kubectl stash completion bash)\n"
                    "ln -s kubectl-stash /usr/local/bin/kubectl_complete-stash\n",
        .takes = TAKES_NO_CLUSTER,
        .completes = KIND_UNKNOWN,
        .run = verb_completion,
    },
    {
        .name = "man",
        .arguments = "",
        .summary = "print the manual page",
        .examples = "kubectl stash man | man -l -\n",
        .takes = TAKES_NO_CLUSTER,
        .completes = KIND_UNKNOWN,
        .run = verb_man,
    },
    {
        .name = "version",
        .arguments = "",
        .summary = "print the version of this program",
        .examples = "kubectl stash version\n",
        .takes = TAKES_NO_CLUSTER,
        .completes = KIND_UNKNOWN,
        .run = verb_version,
    },
    {0},
};

const struct verb *verb_find(const char *name)
{
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (strcmp(verb->name, name) == 0)
            return verb;
    return NULL;
}
