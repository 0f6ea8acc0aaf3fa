"""Values files that Helm merges: together, the new files mean what the migration of the merged old files means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from post_renderer.migrate.entries import find_entry_edits
from post_renderer.migrate.volume_names import find_default_edits
from tests.support.cli import examples, run
from tests.support.helm_merge import meaning, merge_all
from tests.support.migrate import migrate

if TYPE_CHECKING:
    from pathlib import Path

Files = dict[str, str]


def migrate_all(directory: Path, files: Files) -> tuple[int, str, list[Any]]:
    """Migrate the files in place; return the exit code, the messages and the new values."""
    for name, text in files.items():
        (directory / name).write_text(text)
    result = run("migrate", "--in-place", *(str(directory / name) for name in files))
    if result.exit_code:
        assert {name: (directory / name).read_text() for name in files} == files
    return result.exit_code, result.error, [yaml.safe_load((directory / name).read_text()) for name in files]


def claim(name: str, **more: Any) -> dict[str, Any]:
    return {"mountPath": f"/{name}", "existingClaim": name, **more}


NFS = "nfsProvisioner: {enabled: true, pvc: {data: {name: nfs-data, mountPath: /d}, outputs: {name: nfs-outputs}}}\n"
NFS_DATA = {"data": {"mountPath": "/d", "existingClaim": "nfs-data"}}
NFS_OUTPUTS = {"outputs": {"mountPath": "/outputs", "existingClaim": "nfs-outputs"}}
# Files, and what they mean together.
MEANINGS: dict[str, tuple[Files, dict[str, Any]]] = {
    "the default of all files is the one that counts": (
        {
            "a": "persistence: {outputs: {o_1: {mountPath: /o_1, existingClaim: o_1}, o-2: {mountPath: /o-2, existingClaim: o-2}}}\n",
            "b": "persistence: {outputs: {main: {mountPath: /main, existingClaim: main}}}\n",
        },
        {"outputs": {"o-1": claim("o_1"), "o-2": claim("o-2"), "main": claim("main")}, "default": "main"},
    ),
    "a null removes a volume from the choice": (
        {
            "a": "persistence: {outputs: {a: {mountPath: /a, existingClaim: a}, b_1: {mountPath: /b_1, existingClaim: b_1}, b-2: {mountPath: /b-2, existingClaim: b-2}}}\n",
            "b": "persistence: {outputs: {a: null}}\n",
        },
        {"outputs": {"b-1": claim("b_1"), "b-2": claim("b-2")}, "default": "b-2"},
    ),
    "a default of an old file stays": (
        {
            "a": "persistence: {outputs: {o_1: {mountPath: /o_1, existingClaim: o_1}, o-2: {mountPath: /o-2, existingClaim: o-2}}}\n",
            "b": "persistence: {defaultOutputs: o-1}\n",
        },
        {"outputs": {"o-1": claim("o_1"), "o-2": claim("o-2")}, "default": "o-1"},
    ),
    "a null gets the new name": (
        {
            "base": "persistence: {data: {data_1: {mountPath: /d, existingClaim: c}, e: {mountPath: /e, existingClaim: e}}}\n",
            "prod": "persistence: {data: {data_1: null}}\n",
        },
        {"data": {"e": claim("e")}},
    ),
    "a migrated base has the new names already": (
        {
            "base": "persistence: {data: {d-1: {mountPath: /d, existingClaim: c}, e-1: {mountPath: /e, existingClaim: e}}}\n",
            "prod": "persistence: {data: {d_1: null, e_1: {existingClaim: f}}}\n",
        },
        {"data": {"e-1": {"mountPath": "/e", "existingClaim": "f"}}},
    ),
    "an alias gets the new name": (
        {"a": "persistence: {data: {e: &e {mountPath: /e, existingClaim: e}, f_1: *e}}\n", "b": "persistence: {}\n"},
        {"data": {"e": claim("e"), "f-1": claim("e")}},
    ),
    "null in the first file switches the file server on": (
        {"p": "persistence: {data: null, outputs: null}\n", "nfs": NFS},
        {"data": NFS_DATA, "outputs": NFS_OUTPUTS},
    ),
    "a text is true for Helm": (
        {"nfs": NFS.replace("true", '"true"'), "p": "persistence: {data: {}, outputs: {}}\n"},
        {"data": NFS_DATA, "outputs": NFS_OUTPUTS},
    ),
    "a number is true for Helm": (
        {"nfs": NFS.replace("true", "1"), "p": "persistence: {data: {}, outputs: {}}\n"},
        {"data": NFS_DATA, "outputs": NFS_OUTPUTS},
    ),
    "zero is false for Helm": (
        {"nfs": NFS.replace("true", "0"), "p": "persistence: {data: {}, outputs: {}}\n"},
        {},
    ),
    "the claim of one file beats the name of another": (
        {"c": "persistence: {data: {existingClaim: c1, mountPath: /c}}\n", "d": "persistence: {data: {name: foo, size: 5Gi}}\n"},
        {"data": {"data": {"existingClaim": "c1", "mountPath": "/c"}}},
    ),
    "the name of one file is a claim without a source in another": (
        {"c": "nfsProvisioner: {enabled: true}\npersistence: {data: {mountPath: /c}, outputs: {o: {mountPath: /o, existingClaim: o}}}\n", "d": "persistence: {data: {name: foo, accessMode: ReadWriteOnce}}\n"},
        {"data": {"data": {"existingClaim": "foo", "mountPath": "/c", "accessModes": ["ReadWriteOnce"]}}, "outputs": {"o": claim("o")}},
    ),
    "an empty claim removes the claim of another file": (
        {
            "a": "persistence: {data: {e: {mountPath: /e, existingClaim: e}}}\n",
            "b": "persistence: {data: {e: {existingClaim: ''}}}\n",
        },
        {"data": {"e": {"mountPath": "/e", "volumeSource": {"emptyDir": {}}}}},
    ),
    "a claim beats the directory of another file": (
        {"a": "persistence: {data: {e: {mountPath: /e, existingClaim: e}}}\n", "b": "persistence: {data: {e: {hostPath: /h}}}\n"},
        {"data": {"e": claim("e")}},
    ),
    "a bucket has no path in another file": (
        {"a": "persistence: {data: {e: {store: s3, bucket: 's3://e'}}}\n", "b": "persistence: {data: {e: {mountPath: /e}}}\n"},
        {"data": {"e": {"store": "s3", "bucket": "s3://e"}}},
    ),
    "an extra volume does not get the name of another file's volume": (
        {
            "a": "persistence: {data: {foo: {mountPath: /foo, existingClaim: foo}}}\n",
            "b": "persistence: {extra: [{mountPath: /x/foo, existingClaim: x}]}\n",
        },
        {"data": {"foo": claim("foo"), "x-foo": {"mountPath": "/x/foo", "existingClaim": "x"}}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MEANINGS)
def test_what_files_mean_together_stays(case: str, tmp_path: Path) -> None:
    files, expected = MEANINGS[case]
    exit_code, error, new = migrate_all(tmp_path, files)
    assert exit_code == 0, error
    found = meaning(merge_all(new))
    assert found == {"data": {}, "outputs": {}, "default": found["default"], **expected}


OWN = "persistence: {data: {train_set: {mountPath: /a, existingClaim: c1}}}\n"
EXTRA = "persistence: {extra: [{mountPath: /foo, existingClaim: c1}]}\n"
REFUSED: dict[str, tuple[Files, str]] = {
    "two names become one": (
        {"C": OWN, "D": "persistence: {data: {train-set: {mountPath: /b, existingClaim: c2}}}\n"},
        'C:1: error[not-migratable] persistence.data.train_set: its name as a DNS label is "train-set", but another',
    ),
    "two names become one in one file": (
        {"a": "persistence: {data: {x_1: null, x-1: {mountPath: /b, existingClaim: c}}}\n", "b": "persistence: {}\n"},
        'persistence.data.x_1: its name as a DNS label is "x-1", but another',
    ),
    "a claim of the file server in a merge key": (
        {
            "nfs": "nfsProvisioner: {enabled: true}\npersistence: {outputs: {o: {mountPath: /o, existingClaim: o}}}\n",
            "p": "x-p: &p {outputs: null}\npersistence:\n  <<: *p\n  data: {}\n",
        },
        "p:3: error[alias] the keys of persistence come from an alias or a merge key, and they must change here",
    ),
    "extra is in two files": (
        {"a": EXTRA, "b": EXTRA.replace("foo", "bar")},
        "persistence.extra: ",
    ),
    "extra is removed by another file": ({"a": EXTRA, "b": "persistence: {extra: []}\n"}, "persistence.extra: "),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_be_migrated_together_is_an_error_and_changes_no_file(case: str, tmp_path: Path) -> None:
    files, message = REFUSED[case]
    exit_code, error, _ = migrate_all(tmp_path, files)
    assert exit_code == 1
    assert message in error


def test_a_volume_that_the_files_would_change_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The last check does not trust the rules: it compares the merged new files with the migrated merged values."""
    files, _ = MEANINGS["a claim beats the directory of another file"]

    def forget(entry: Any, role: str, together: Any, path: str, **more: Any) -> Any:
        own = type(together)({path: together.layers[path]}) if path in together.layers else together
        return find_entry_edits(entry, role, own, path, **more)

    monkeypatch.setattr("post_renderer.migrate.values.find_entry_edits", forget)
    exit_code, error, _ = migrate_all(tmp_path, files)
    assert exit_code == 1
    assert (
        'error[not-migratable] persistence.data.e: the new files together would have hostPath: "/h" instead of no hostPath'
        in error
    )
    assert (
        "  hint: merge the files into one and migrate that, or migrate copies of the files that you use together"
        in error
    )


def test_a_default_that_the_files_would_change_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files, _ = MEANINGS["a null removes a volume from the choice"]

    def forget(persistence: Any, inside: Any, name: str) -> Any:
        is_merged = "a" not in yaml.safe_load(persistence.page.text)["persistence"]["outputs"]
        return find_default_edits(persistence, inside, name) if is_merged else ()

    monkeypatch.setattr("post_renderer.migrate.values.find_default_edits", forget)
    exit_code, error, _ = migrate_all(tmp_path, files)
    assert exit_code == 1
    assert 'the new files together would have the default outputs volume "b-1" instead of "b-2"' in error


def test_notices_are_about_all_files(tmp_path: Path) -> None:
    files = {
        "e": "persistence: {data: {d: {mountPath: /d, existingClaim: d}}, outputs: {o: {mountPath: /o, existingClaim: o}}}\n",
        "f": "rbac: {enabled: false}\npersistence: {outputs: {o: {readOnly: false}}}\n",
    }
    assert "it is empty" not in migrate_all(tmp_path, files)[1]
    error = migrate_all(
        tmp_path, {"a": "persistence: {data: {d: {mountPath: /d, hostPath: /d}}}\n", "b": "rbac: {}\n"}
    )[1]
    assert error.count("persistence.outputs: it is empty. Polyaxon then gave runs a directory of the node") == 1
    assert "persistence.data: it is empty" not in error


def test_notices_need_no_change_of_the_file() -> None:
    text = "persistence: {data: {d: {mountPath: /d, hostPath: /d}}, outputs: {o: {mountPath: /o, existingClaim: o, subPath: a}}}\n"
    code, output, error = migrate(text)
    assert (code, output) == (0, text)
    assert "persistence.outputs.o.subPath: Polyaxon mounted the whole volume in runs" in error
    assert "subPath" not in migrate(text + "runs: {}\n")[2]
    error = migrate("rbac: {}\nserviceType: ClusterIP\n")[2]
    assert "<stdin>:1: warning[changed-meaning] persistence.outputs: it is empty." in error


NAMES = st.sampled_from(["a", "b_1", "b-2", "Zed", "main", "o_x", "o-y"])


@st.composite
def entries(draw: Any) -> Any:
    """A volume: often a whole one, sometimes some keys of one, null, or one with an empty key."""
    if draw(st.integers(0, 5)) == 0:
        return None
    entry = {"mountPath": draw(st.sampled_from(["/p", "/q", "//r"]))} if draw(st.booleans()) else {}
    for key, found in (
        ("existingClaim", ["c1", "c2", "", None]),
        ("hostPath", ["/h", "", None]),
        ("name", ["n1", "n2"]),
        ("size", ["1Gi"]),
        ("accessMode", ["ReadWriteMany"]),
        ("readOnly", [True, False]),
        ("subPath", ["s"]),
    ):
        if draw(st.integers(0, 3)) == 0:
            entry[key] = draw(st.sampled_from(found))
    return entry


ROLE = st.one_of(
    st.none(), st.dictionaries(NAMES, entries(), max_size=4), st.dictionaries(NAMES, entries(), max_size=4)
)
SINGLE = entries()
EXTRA_LIST = st.lists(st.sampled_from([{"mountPath": "/x/a", "existingClaim": "x"}, {"mountPath": "/y", "hostPath": "/y"}]), max_size=2)  # fmt: skip
SERVER = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.sampled_from([True, False, "true", 1]),
        "pvc": st.dictionaries(st.sampled_from(["data", "outputs"]), st.fixed_dictionaries({}, optional={"name": st.just("nfs")}), max_size=2),
    },
)  # fmt: skip


@st.composite
def layered(draw: Any) -> list[Any]:
    """Two or three values files. A single volume without a name is in all of them or in none."""
    roles = {role: SINGLE if draw(st.integers(0, 3)) == 0 else ROLE for role in ("data", "outputs")}
    has = {key: draw(st.integers(0, 3)) == 0 for key in ("extra", "nfsProvisioner", "rbac")}
    files = []
    for _ in range(draw(st.integers(2, 3))):
        persistence = {role: draw(shape) for role, shape in roles.items() if draw(st.booleans())}
        if has["extra"] and draw(st.booleans()):
            persistence["extra"] = draw(EXTRA_LIST)
        values: dict[str, Any] = {"persistence": persistence} if draw(st.integers(0, 4)) else {"rbac": {}}
        if has["nfsProvisioner"] and draw(st.booleans()):
            values["nfsProvisioner"] = draw(SERVER)
        if has["rbac"]:
            values["rbac"] = {"enabled": True}
        files.append(values)
    return files


@given(files=layered())
@settings(
    deadline=None,
    derandomize=True,
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_layers_and_merged_values_become_the_same(files: list[Any], tmp_path: Path) -> None:
    texts = {f"{at}.yml": yaml.safe_dump(values) for at, values in enumerate(files)}
    exit_code, error, new = migrate_all(tmp_path, texts)
    merged = merge_all(files)
    for role in {role for values in files for role in values.get("persistence", {})} & {"data", "outputs"}:
        merged["persistence"].setdefault(role, {})  # null, for which Polyaxon's file server made a claim
    one = migrate(yaml.safe_dump(merged))
    if exit_code == 0:
        assert one[0] == 0, one[2]
        assert meaning(merge_all(new)) == meaning(merge_all([yaml.safe_load(one[1])]))
    else:
        assert (exit_code, "error[" in error) == (1, True)


def test_aliases_that_are_too_large_are_an_error() -> None:
    levels = "".join(f"  l{at}: &l{at} [{', '.join([f'*l{at - 1}'] * 9)}]\n" for at in range(1, 8))
    code, output, error = migrate(f"persistence:\n  l0: &l0 [a]\n{levels}  data: {{a_1: {{mountPath: /a}}}}\n")
    assert (code, output) == (1, "")
    assert "error[alias] the aliases of the file are too large" in error
