"""Writes the tables of `inventory` as text, and the stale Jobs as lines for a shell."""

from __future__ import annotations

from post_renderer.console.format import count, format_table
from post_renderer.inventory.manifests import UNKNOWN
from post_renderer.inventory.pod_usage import BUCKET, CLAIM, HOST_PATH, NFS
from post_renderer.problems import escape_control, suggest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.inventory.kept_jobs import KeptJob
    from post_renderer.inventory.objects import FoundObject
    from post_renderer.inventory.pod_usage import Storage
    from post_renderer.inventory.storage import User

TYPE_WORDS = {CLAIM: "claim", HOST_PATH: "node", NFS: "nfs", BUCKET: "bucket"}
UNKNOWN_NAMESPACE = "unknown"
NO_RUN = "no run"
WHOLE = "(all)"
STORAGE_COLUMNS = ("ACCESS", "NAMESPACE", "RELEASE", "OBJECT", "DIRECTORY", "RESULTS")
JOB_COLUMNS = ("NAMESPACE", "RELEASE", "KEPT JOB", "STATUS", "CONTENT")


def storage_title(storage: Storage) -> str:
    title = f"{TYPE_WORDS[storage.type]} {storage.name}"
    return f"{title}, namespace {storage.namespace or UNKNOWN_NAMESPACE}" if storage.type == CLAIM else title


def user_title(user: User) -> str:
    """Return the title of an object in the picture."""
    item = user.item
    notes = ["" if item.is_run else NO_RUN, f"release {item.release}" if item.release else "", item.namespace]
    notes = [note for note in notes if note]
    return f"{item.subject()} ({', '.join(notes)})" if notes else item.subject()


def user_row(user: User) -> tuple[str, ...]:
    """Return the cells below STORAGE_COLUMNS."""
    item = user.item
    return (
        user.access(),
        item.namespace or UNKNOWN_NAMESPACE,
        item.release or "-",
        item.subject() if item.is_run else f"{item.subject()} ({NO_RUN})",
        ", ".join(user.directories()) or WHOLE,
        "" if user.results is None else user.results or WHOLE,
    )


def job_row(job: KeptJob) -> tuple[str, ...]:
    """Return the cells below JOB_COLUMNS."""
    item = job.item
    reason = f": {job.reason}" if job.state == UNKNOWN else ""
    return item.namespace or UNKNOWN_NAMESPACE, item.release or "-", item.name, item.status, job.state + reason


def storage_text(storage: Storage, users: list[User]) -> str:
    return (
        f"{escape_control(storage_title(storage))}\n"
        + format_table([STORAGE_COLUMNS, *map(user_row, users)], "  ")
        + "\n"
    )


def claim_text(claim: str, known: list[str], mentions: list[FoundObject], gap: str, *, is_used: bool) -> str:
    """Return what the table of a claim does not say: who else may use it.

    ``known``: all claims. ``mentions``: objects that have its name in their text, in namespaces where no pod uses it.
    ``gap``: a place that was not read. ``is_used``: a pod uses a claim of this name.
    """
    text = ""
    if mentions:
        text = "In other namespaces, these" if is_used else f"No pod of the input uses the claim {claim}, but these"
        text += " objects have its name in their text:\n"
        for item in mentions:
            text += f"  {escape_control(item.subject())}, namespace "
            text += f"{escape_control(item.namespace) or UNKNOWN_NAMESPACE}\n"
    elif not is_used:
        text = f"Nothing in the {'part of the input that was read' if gap else 'input'} uses the claim {claim}.\n"
        text += f"  hint: {suggest(claim, known)}\n"
    if gap:
        text += f"The input may have more users of the claim: {escape_control(gap)}.\n"
    return text and text + "\n"


def claim_note(claim: str, mentions: int, *, is_used: bool, has_gaps: bool) -> str:
    """Return the same for a page: only numbers, because text of the input could be markup."""
    text = "" if is_used else f"No pod of the input uses the claim {claim}. "
    text += f"Its name is in the text of {count(mentions, 'other object')}. " if mentions else ""
    return text + ("A part of the input was not read, so the claim may have more users. " if has_gaps else "")


def jobs_text(jobs: list[KeptJob]) -> str:
    if not jobs:
        return ""
    text = format_table([JOB_COLUMNS, *map(job_row, jobs)]) + "\n"
    lines = [job.line() for job in jobs if job.command]
    if lines:
        text += "To delete the stale Jobs that are finished:\n\n" + "".join(f"  {line}\n" for line in lines) + "\n"
    return text


def stale_text(jobs: list[KeptJob], unknown: list[KeptJob]) -> str:
    """Return lines for a shell: commands, and comments about everything else.

    ``jobs``: the stale Jobs. ``unknown``: the Jobs of which it is not known whether they are stale.
    """
    finished = [job for job in jobs if job.is_finished()]
    going_on = [job for job in jobs if not job.is_finished()]
    text = f"# {count(len(finished), 'stale Job')}, finished\n" + "".join(
        f"{job.line()}\n" for job in finished if job.command
    )
    if going_on:
        text += f"# {count(len(going_on), 'stale Job')}, not finished\n"
        text += "".join(
            f"# {escape_control(f'{job.item.namespace}/{job.item.name}')} is {job.item.status}\n" for job in going_on
        )
    reasons: dict[str, int] = {}
    for job in unknown:
        reasons[job.reason] = reasons.get(job.reason, 0) + 1
    for reason, number in reasons.items():
        text += f"# {count(number, 'Job')}, not known whether stale: {escape_control(reason)}\n"
    return text
