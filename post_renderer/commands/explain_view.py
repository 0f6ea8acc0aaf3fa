"""Makes the picture and the tables of `explain` from its data."""

from __future__ import annotations

from post_renderer.commands.explained_runs import describe_params, format_place, member_name
from post_renderer.commands.object_keys import ObjectFinder, ObjectKey, outer_subject
from post_renderer.pages.view import Group, Line, Table, View, tell_apart
from post_renderer.problems import ERROR, list_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from post_renderer.problems import Problem

    ExplainedRun = dict[str, object]

COLUMNS = ("CONTAINER", "VOLUME", "MOUNT PATH", "MODE", "WHY", "STORAGE")
NO_VOLUMES = "no volumes, because of the errors"
SOURCES = {"claim": "claim", "hostPath": "node", "bucket": "bucket"}


def make_view(
    rows: list[list[ExplainedRun]],
    problems: list[Problem],
    summary: str,
    cells_of: Callable[[ExplainedRun], tuple[str, ...]],
) -> View:
    """Return the view. ``rows``: lists of runs that are shown as one. ``cells_of``: returns the cells of one mount."""
    finder = ObjectFinder()
    placed: dict[ObjectKey, list[Problem]] = {}
    for problem in problems:
        placed.setdefault(finder.find(problem), []).append(problem)
    with_rows = {_key(row) for same in rows for row in same}
    failed = [key for key in placed if key not in with_rows and not key.subject.startswith("(")]
    titles = tell_apart([(key.title(), key.stream) for key in failed] + [(_title(same), _file(same)) for same in rows])
    lines: list[Line] = []
    groups: list[Group] = []
    for same in rows:
        row = same[0]
        title = titles[_title(same), _file(same)]
        mounts = row["mounts"]
        notes = row["notes"]
        assert isinstance(mounts, list)
        assert isinstance(notes, list)
        lines += [
            Line(title, str(mount["volume"]), _storage(mount["source"], row["namespace"]), not mount["readOnly"])
            for mount in mounts
        ]
        results = f"results: {row['results']}" if row["results"] else "no results"
        details = [f"{row['kind']}; {format_place(same)}", *describe_params(same), results, *map(str, notes)]
        own = [problem for member in same for problem in placed.pop(_key(member), [])]
        groups.append(Group(title, title if mounts else "", details, [cells_of(mount) for mount in mounts], own))
    for key in reversed(failed):
        found = placed.pop(key)
        details = [NO_VOLUMES] if any(problem.severity == ERROR for problem in found) else []
        groups.insert(0, Group(titles[key.title(), key.stream], "", details, [], found))
    alone = [problem for problem in problems if problem.subject.startswith("(")]
    return View("Volumes of the runs", summary, lines, [Table("Runs", COLUMNS, groups)], alone)


def _key(row: ExplainedRun) -> ObjectKey:
    return ObjectKey(str(row["stream"]), str(row["namespace"] or ""), outer_subject(str(row["object"])))


def _file(same: list[ExplainedRun]) -> str:
    return str(same[0]["stream"])


def _title(same: list[ExplainedRun]) -> str:
    row = same[0]
    if len(same) > 1:
        names = list(map(member_name, same))
        title = f"group {row['group']}, {len(same)} runs: {list_names(names)}"
    else:
        title = str(row["object"])
        if row["name"] and not title.endswith(f"/{row['name']}"):
            title = f"{title} as {row['name']}"
    return f"{title}, namespace {row['namespace']}" if row["namespace"] else title


def _storage(source: dict[str, str], namespace: object) -> str:
    kind = SOURCES.get(source["type"], source["type"])
    name = source["name"] or (source["path"] if source["type"] == "hostPath" else "")
    title = f"{kind} {name}".rstrip()
    return f"{title}, namespace {namespace}" if kind == "claim" and namespace else title
