"""Makes the picture and the tables of `inventory`."""

from __future__ import annotations

from post_renderer.commands.inventory_text import (
    JOB_COLUMNS,
    STORAGE_COLUMNS,
    job_row,
    storage_title,
    user_row,
    user_title,
)
from post_renderer.pages.view import Group, Line, Table, View, tell_apart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from post_renderer.inventory.kept_jobs import KeptJob
    from post_renderer.inventory.objects import FoundObject
    from post_renderer.inventory.pod_usage import Storage
    from post_renderer.inventory.storage import User
    from post_renderer.problems import Problem


def make_view(
    storage: dict[Storage, list[User]],
    jobs: list[KeptJob],
    problems: list[Problem],
    summary: str,
    wrong: dict[int, list[Problem]],
    locate: Callable[[FoundObject], tuple[str, int]],
) -> View:
    """Return the view. ``wrong``: id() of a kept Job -> its errors. ``locate``: an object -> its file and line."""
    placed = {id(problem) for job in jobs for problem in wrong.get(id(job.item), ())}
    others = [problem for problem in problems if id(problem) not in placed]

    def title(user: User) -> tuple[str, str]:
        return user_title(user), locate(user.item)[0]

    titles = tell_apart(title(user) for users in storage.values() for user in users)
    lines = [
        Line(titles[title(user)], use.volume, storage_title(one), use.writes)
        for one, users in storage.items()
        for user in users
        for use in user.uses
    ]
    used = [
        Group(storage_title(one), storage_title(one), (), [user_row(user) for user in users])
        for one, users in storage.items()
    ]
    kept = [Group(job.item.subject(), "", (), [job_row(job)], wrong.get(id(job.item), ())) for job in jobs]
    commands = [job.line() for job in jobs if job.command]
    tables = [Table("Storage", STORAGE_COLUMNS, used), Table("Kept Jobs", JOB_COLUMNS, kept, commands)]
    return View("Inventory of the storage", summary, lines, [table for table in tables if table.groups], others)
