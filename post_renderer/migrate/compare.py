"""Compares merged new values files with the migration of the merged old ones, which must mean the same.

Each file is migrated by itself, but Helm merges the files. This check finds each rule that forgets another file. A file
may also be used without some of the others, so it compares the files of the command in many combinations.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from post_renderer.catalog.entry import OUTPUTS
from post_renderer.migrate.buckets import VOLUMES, is_bucket
from post_renderer.migrate.file import MigratedFile
from post_renderer.migrate.file_text import file_problem
from post_renderer.migrate.merged_values import MergedValues
from post_renderer.migrate.value_layers import MERGED, ROLES, as_mapping, read_layers
from post_renderer.problems import ERROR, LISTED_NAMES, Problem, escape_control, quoted
from post_renderer.yamledit.emit import block_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from post_renderer.migrate.merged_values import Volume
    from post_renderer.yamltree.node import Value

    Paths = tuple[str, ...]
    Difference = tuple[str, str]  # the path of the keys that are different, and a sentence without its subject

HINT = (
    "merge the files into one and migrate that, or migrate copies of the files that you use together in a command of "
    "their own"
)
ALONE = "if you use this file alone, migrate a copy of the old file in a command of its own"
SOME = "if you use these files without the others, migrate copies of the old files in a command of their own"
LOST = "would lose this volume"
ADDED = "would have this volume, which the old ones do not have"
POD_DIRECTORY: Value = {"emptyDir": {}}
PLACES = (*VOLUMES, "mountPath", "store", "bucket")
ALL_OF = 5  # the most files that are compared in all combinations
SMALL = 10_000  # characters of their merged volumes: about a hundred volumes


def find_differences(files: list[MigratedFile], before: MergedValues) -> Iterator[Problem]:
    """Yield an error for each difference of all files together, or else a warning for each other combination.

    ``files``: migrated without an error. ``before``: the values files among them.
    """
    first = next(iter(before.layers), "")
    paths = tuple(path for path, layer in before.layers.items() if not layer.names.isdisjoint(MERGED))
    if len(paths) < 2:
        return
    check = _Check(files, before, len(paths))
    different = False
    for about, said in check.find_differences(paths):
        different = True
        path = check.last_holder(about, paths)
        yield file_problem("not-migratable", f"the new files together {said}", HINT, path, about)
    if different:
        return
    is_small = len(block_yaml(before.tree, 0, 2, "\n")) <= SMALL
    shown: dict[Difference, list[Paths]] = {}
    for some in _choose(paths, is_small=is_small):
        is_used = some[0] == first or first not in paths
        for difference in check.find_differences(some, is_used=is_used):
            # A combination without the first file, which perhaps nobody uses, hides none that has it.
            shorter = [fewer for fewer in shown.get(difference, ()) if fewer[0] == first or some[0] != first]
            if any(set(fewer) <= set(some) for fewer in shorter):
                continue
            shown.setdefault(difference, []).append(some)
            about, said = difference
            new = "new " + " and ".join(map(escape_control, some))
            if len(some) > LISTED_NAMES:
                new = f"first {len(some)} new files"
            hint = SOME if len(some) > 1 else ALONE
            message = f"without the other files, the {new} {said}"
            yield file_problem("changed-meaning", message, hint, some[-1], about)
            break


def _choose(paths: Paths, *, is_small: bool) -> Iterator[Paths]:
    """Yield combinations of some of the files, the shorter ones first."""
    if len(paths) <= ALL_OF and is_small:
        for count in range(1, len(paths)):
            yield from combinations(paths, count)
        return
    yield from ((path,) for path in paths)
    yield from ((paths[0], path) for path in paths[1:])
    yield from (paths[:count] for count in range(3, len(paths)))


class _Check:
    """The old and the new values files."""

    def __init__(self, files: list[MigratedFile], before: MergedValues, count: int) -> None:
        """``count``: how many of the files are about volumes."""
        self._before, self._count = before, count
        self._after = MergedValues(read_layers({file.path: file.new for file in files if file.path in before.layers}))

    def find_differences(self, paths: Paths, *, is_used: bool = True) -> Iterator[Difference]:
        """Yield what changes for runs if Helm gets only these files.

        ``is_used``: the first file is one of them. Else they may have only parts of volumes, which mean nothing alone.
        """
        old, found = self._before.of(paths), self._after.of(paths)
        expected = MigratedFile(paths[0], block_yaml(_as_files_have_it(old), 0, 2, "\n").encode())
        error = next((problem for problem in expected.problems if problem.severity == ERROR), None)
        if error:
            if is_used:
                yield error.about, f"can't keep what the old ones have together: {error.message}"
            return
        wanted = MergedValues(read_layers({paths[0]: expected.new}))
        is_all = len(paths) == self._count
        for role in ROLES:
            ones, others = dict(wanted.volumes[role]), dict(found.volumes[role])
            _remove_other_names(ones, others, old.volumes[role])
            for name in sorted(ones.keys() | others.keys()):
                one, other = ones.get(name), others.get(name)
                said = _compare(one, other)
                # The chart refuses a part of a volume, so a change of it is not silent.
                is_part = other is not None and not _is_whole(other) and _is_part(old, role, name)
                counts = _is_whole(one) or _is_whole(other) if is_used else _is_whole(one) and not is_part
                if said and (is_all or counts):
                    yield f"persistence.{role}.{name}", said
        default, new = wanted.find_default(), found.find_default()
        counts = _is_whole(wanted.volumes[OUTPUTS].get(default)) and (is_used or not _is_part(old, OUTPUTS, default))
        if default != new and (is_all or counts):
            said = f"would have the default outputs volume {quoted(new)} instead of {quoted(default)}"
            yield f"persistence.{OUTPUTS}", said

    def last_holder(self, about: str, paths: Paths) -> str:
        """Return the path of the last file that has a volume, perhaps with null; else the last path."""
        _, role, name = (*about.split(".", 2), "", "")[:3]
        return ((self._before.holders(role, name) if role in ROLES and name else []) or paths)[-1]


def _as_files_have_it(before: MergedValues) -> dict[str, Value]:
    """Return the merged values. A single volume that is the only one has no name, as in the files.

    A role that is null in a file is empty: Polyaxon's chart then made a claim on its file server.
    """
    persistence = dict(before.persistence())
    for role in ROLES:
        if before.has_role(role):
            persistence.setdefault(role, {})
        entries = as_mapping(persistence.get(role))
        if list(entries) == [role] and before.is_single(role):
            persistence[role] = entries[role] or {"mountPath": f"/{role}"}
    return before.tree | {"persistence": persistence}


def _remove_other_names(ones: dict[str, Volume], others: dict[str, Volume], named: Collection[str]) -> None:
    """Remove equal volumes of the list ``extra``, which got another name beside the volumes of other files."""
    for name in [name for name in ones if name not in named and name not in others]:
        same = next((other for other in others if other not in ones and others[other] == ones[name]), None)
        if same is not None:
            del ones[name], others[same]


def _is_whole(volume: Volume | None) -> bool:
    """Return whether a volume is a bucket, or has a path and a source that outlives the pod."""
    if volume is None:
        return False
    has_source = any(volume.get(key, POD_DIRECTORY) != POD_DIRECTORY for key in (*VOLUMES, "name"))
    return (is_bucket(volume) and "bucket" in volume) or ("mountPath" in volume and has_source)


def _is_part(old: MergedValues, role: str, name: str) -> bool:
    """Return whether files have only some keys of a volume. Polyaxon's chart may have given it the others."""
    lacking = old.lacking[role] if name == role else {}
    return name in old.volumes[role] and not _is_whole(
        {key: value for key, value in old.volume(role, name).items() if key not in lacking}
    )


def _compare(wanted: Volume | None, found: Volume | None) -> str:
    """Return a sentence about the first key that is different, or an empty text. Where the data is comes first."""
    if wanted is None or found is None:
        return "" if wanted == found else LOST if found is None else ADDED
    for key in sorted(wanted.keys() | found.keys(), key=lambda key: (key not in PLACES, key)):
        one, other = wanted.get(key), found.get(key)
        # Only a file without keys of this chart gets the source that Polyaxon gave. Without a source, check reports it.
        if one != other and not (key == "volumeSource" and one == POD_DIRECTORY and other is None):
            return f"would have {_shown(key, other)} instead of {_shown(key, one)}"
    return ""


def _shown(key: str, value: Value | None) -> str:
    if value is None:
        return f"no {key}"
    return f"{key}: {quoted(value) if isinstance(value, str) else 'another value'}"
