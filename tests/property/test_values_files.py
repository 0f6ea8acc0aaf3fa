"""Random values files of Polyaxon in one command: Helm's merge of any of the new ones means what the old ones meant.

The reference of some files is the migration of one file: of what Helm makes of their old texts. All files together must
mean the same, or migrate refuses them. Other combinations mean the same, or a warning names their files.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.cli import examples, run
from tests.support.helm_merge import meaning, merge_all
from tests.support.migrate import migrate

if TYPE_CHECKING:
    from pathlib import Path

ROLES = ("data", "outputs")
NAMES = st.sampled_from(["a", "b_1", "b-2", "Zed", "main", "o_x", "outputs"])
KEYS: dict[str, list[Any]] = {
    "mountPath": ["/p", "/q"],
    "existingClaim": ["c1", "c2", ""],
    "hostPath": ["/h", "/i", ""],
    "name": ["n1", "n2"],
    "size": ["1Gi"],
    "accessMode": ["ReadWriteMany"],
    "readOnly": [True, False],
    "subPath": ["s"],
}


@st.composite
def parts(draw: Any, *, is_named: bool) -> dict[str, Any]:
    """The keys of a volume, or some of them. Only a volume with a name has null: it may remove the last key."""
    keys = draw(st.lists(st.sampled_from(list(KEYS)), min_size=not is_named, max_size=4, unique=True))
    entry = {key: draw(st.sampled_from([*KEYS[key], None] if is_named else KEYS[key])) for key in keys}
    if is_named and draw(st.integers(0, 11)) == 0:
        entry |= {"store": "s3", "bucket": draw(st.sampled_from(["b", "s3://c"]))}
    if is_named and draw(st.booleans()):
        entry["mountPath"] = "/p"
    return entry


NAMED = st.dictionaries(NAMES, st.one_of(parts(is_named=True), parts(is_named=True), st.none()), max_size=2)
SERVER = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.sampled_from([True, True, False]),
        "pvc": st.dictionaries(st.sampled_from(ROLES), st.sampled_from([{"name": "nfs"}, {"mountPath": "/n"}]), max_size=1),
    },
)  # fmt: skip


@st.composite
def layers(draw: Any) -> list[Any]:
    """Two or three values files. The volume of a role has no name in all of them or in none."""
    roles = {role: parts(is_named=False) if draw(st.integers(0, 2)) == 0 else NAMED for role in ROLES}
    has_server = draw(st.integers(0, 2)) == 0
    files = []
    for _ in range(draw(st.sampled_from([2, 3, 3]))):
        values = {"persistence": {role: draw(shape) for role, shape in roles.items() if draw(st.integers(0, 2))}}
        if has_server and draw(st.booleans()):
            values["nfsProvisioner"] = draw(SERVER)
        files.append(values)
    return files


def what_one_file_means(olds: list[Any]) -> dict[str, Any] | None:
    """The meaning of the migration of the merged files; None if it is refused."""
    merged = merge_all(olds)
    for role in {role for values in olds for role in values["persistence"]}:
        merged.setdefault("persistence", {}).setdefault(role, {})
    code, text, _ = migrate(yaml.safe_dump(merged))
    return None if code else meaning(merge_all([yaml.safe_load(text)]))


def is_whole(entry: Any) -> bool:
    """Whether a volume is a bucket, or has a path and a place that outlives the pod."""
    has_source = entry and any(entry.get(key) for key in ("existingClaim", "hostPath"))
    return bool(entry and (entry.get("mountPath") if has_source else entry.get("bucket")))


def without_pod_directory(entry: Any) -> Any:
    return entry and {key: value for key, value in entry.items() if key != "volumeSource"}


def is_silent_change(wanted: dict[str, Any], found: dict[str, Any], *, is_used: bool) -> bool:
    """Whether runs get something else than before, and the chart does not refuse it.

    ``is_used``: the first file is there. Other files alone may be parts of volumes, which the chart refuses.
    """
    for role in ROLES:
        for name in wanted[role].keys() | found[role].keys():
            one, other = (without_pod_directory(meant[role].get(name)) for meant in (wanted, found))
            may_be_part = not is_used and name in found[role] and not is_whole(other)
            was_there = is_whole(one) or (is_used and is_whole(other))
            if one != other and was_there and not may_be_part:
                return True
    default = wanted["default"]
    is_there = is_whole(wanted["outputs"].get(default)) and (is_used or is_whole(found["outputs"].get(default)))
    return bool(default != found["default"] and is_there)


@given(files=layers())
@settings(
    deadline=None,
    derandomize=True,
    max_examples=examples(150),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_no_combination_of_the_files_changes_in_silence(files: list[Any], tmp_path: Path) -> None:
    paths = [tmp_path / f"{at}.yml" for at in range(len(files))]
    for path, values in zip(paths, files, strict=True):
        path.write_text(yaml.safe_dump(values))
    result = run("migrate", "--in-place", *map(str, paths))
    if result.exit_code:
        assert (result.exit_code, "error[" in result.error) == (1, True)
        assert [yaml.safe_load(path.read_text()) for path in paths] == files
        return
    new = [yaml.safe_load(path.read_text()) for path in paths]
    assert meaning(merge_all(new)) == what_one_file_means(files)
    warned: list[set[int]] = []
    for count in range(1, len(files)):
        for some in combinations(range(len(files)), count):
            names = " and ".join(str(paths[at]) for at in some)
            if f"without the other files, the new {names} " in result.error:
                warned.append(set(some))
            wanted = what_one_file_means([files[at] for at in some])
            found = meaning(merge_all([new[at] for at in some]))
            if wanted is not None and not any(fewer <= set(some) for fewer in warned):
                assert not is_silent_change(wanted, found, is_used=some[0] == 0), (some, wanted, found, result.error)
