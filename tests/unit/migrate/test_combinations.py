"""A values file that is used with several other files: each of them keeps what it means with this file alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from post_renderer.migrate.volume_names import find_default_edits
from tests.support.cli import run
from tests.support.helm_merge import meaning, merge_all

if TYPE_CHECKING:
    from pathlib import Path

RESULTS = """\
persistence:
  outputs:
    results:
      mountPath: /outputs
      hostPath: /mnt/results
"""


def migrate(directory: Path, files: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Migrate the files in place in one command; return the messages and the new values."""
    for name, text in files.items():
        (directory / name).write_text(text)
    result = run("migrate", "--in-place", *(str(directory / name) for name in files))
    assert result.exit_code == 0, result.error
    return result.error, {name: yaml.safe_load((directory / name).read_text()) for name in files}


def outputs_of(*values: Any) -> Any:
    return meaning(merge_all(list(values)))["outputs"]


# The keys of one volume in two files; the keys of the first one alone and of both together after the migration.
STRONGER: dict[str, tuple[str, str, dict[str, str], dict[str, str]]] = {
    "a claim beats the directory of an earlier file": (
        "mountPath: /o, hostPath: /h",
        "existingClaim: c",
        {"mountPath": "/o", "hostPath": "/h"},
        {"mountPath": "/o", "existingClaim": "c"},
    ),
    "a claim beats both directories": (
        "mountPath: /o, hostPath: /h",
        "existingClaim: c, hostPath: /i",
        {"mountPath": "/o", "hostPath": "/h"},
        {"mountPath": "/o", "existingClaim": "c"},
    ),
    "a bucket has no path": (
        "mountPath: /o, subPath: s, hostPath: /h",
        "hostPath: null, store: gcs, bucket: 'gs://b'",
        {"mountPath": "/o", "subPath": "s", "hostPath": "/h"},
        {"store": "gcs", "bucket": "gs://b"},
    ),
}


@pytest.mark.parametrize("case", STRONGER)
def test_a_later_file_removes_no_key_of_an_earlier_one(case: str, tmp_path: Path) -> None:
    first, later, alone, both = STRONGER[case]
    texts = [f"persistence: {{outputs: {{o: {{{keys}}}}}}}\n" for keys in (first, later)]
    _, new = migrate(tmp_path, dict(zip(("values.yml", "values-dev.yml"), texts, strict=True)))
    assert outputs_of(new["values.yml"]) == {"o": alone}
    assert outputs_of(*new.values()) == {"o": both}
    _, again = migrate(tmp_path, {name: (tmp_path / name).read_text() for name in new})
    assert again == new


def test_a_file_of_two_sets_keeps_its_source(tmp_path: Path) -> None:
    dev = "persistence: {outputs: {results: {existingClaim: dev-pvc}}}\n"
    prod = "persistence: {data: {images: {mountPath: /i, existingClaim: images}}}\n"
    error, new = migrate(tmp_path, {"values.yml": RESULTS, "values-dev.yml": dev})
    assert (tmp_path / "values.yml").read_text() == RESULTS
    assert new["values-dev.yml"]["persistence"]["outputs"]["results"] == {"existingClaim": "dev-pvc", "hostPath": None}
    where = (
        f"{tmp_path / 'values-dev.yml'}:1: warning[changed-meaning] persistence.outputs.results: hostPath is null now"
    )
    assert where in error
    migrate(tmp_path, {"values.yml": (tmp_path / "values.yml").read_text(), "values-prod.yml": prod})
    assert (tmp_path / "values.yml").read_text() == RESULTS


def test_a_weaker_key_that_only_a_third_file_needs_is_an_error(tmp_path: Path) -> None:
    """The first two files together must not have two sources, so the weaker one gets lost."""
    files = {
        "a.yml": RESULTS,
        "b.yml": "persistence: {outputs: {results: {existingClaim: c}}}\n",
        "c.yml": "persistence: {outputs: {results: {existingClaim: null}}}\n",
    }
    for names in (["a.yml", "b.yml", "c.yml"], ["a-b.yml", "c.yml"]):
        files["a-b.yml"] = RESULTS + "      existingClaim: c\n"
        for name in names:
            (tmp_path / name).write_text(files[name])
        result = run("migrate", "--in-place", *(str(tmp_path / name) for name in names))
        assert (result.exit_code, [(tmp_path / name).read_text() for name in names]) == (1, [files[n] for n in names])
        where = f"{tmp_path / 'c.yml'}: error[not-migratable] persistence.outputs.results: the new files together would"
        assert f'{where} have no hostPath instead of hostPath: "/mnt/results"' in result.error


# The keys of one volume in three files; the keys that the first and the third one have together.
WITHOUT_THE_SECOND: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "a claim": (
        "mountPath: /o, hostPath: /h",
        "existingClaim: dev",
        "existingClaim: prod",
        {"mountPath": "/o", "existingClaim": "prod"},
    ),
    "a bucket": (
        "mountPath: /o, subPath: s",
        "store: gcs, bucket: 'gs://dev'",
        "store: s3, bucket: 's3://prod'",
        {"store": "s3", "bucket": "s3://prod"},
    ),
    "a directory instead of the name of a claim": (
        "mountPath: /o, name: n",
        "hostPath: /dev",
        "hostPath: /prod",
        {"mountPath": "/o", "hostPath": "/prod"},
    ),
    "a file without the stronger key": (
        "mountPath: /o, hostPath: /h",
        "existingClaim: dev",
        "readOnly: false",
        {"mountPath": "/o", "hostPath": "/h", "readOnly": "false"},
    ),
}


@pytest.mark.parametrize("case", WITHOUT_THE_SECOND)
def test_each_later_file_removes_the_weaker_key_of_the_first_one(case: str, tmp_path: Path) -> None:
    *keys, expected = WITHOUT_THE_SECOND[case]
    texts = [f"persistence: {{outputs: {{o: {{{text}}}}}}}\n" for text in keys]
    _, new = migrate(tmp_path, dict(zip(("values.yml", "dev.yml", "prod.yml"), texts, strict=True)))
    found = outputs_of(new["values.yml"], new["prod.yml"])["o"]
    assert {key: str(value).lower() if value is False else value for key, value in found.items()} == expected
    _, again = migrate(tmp_path, {name: (tmp_path / name).read_text() for name in new})
    assert again == new


def test_the_claim_of_the_second_file_stays_if_the_third_one_has_a_directory(tmp_path: Path) -> None:
    keys = ("mountPath: /o, name: n", "existingClaim: dev", "hostPath: /prod")
    texts = [f"persistence: {{outputs: {{o: {{{text}}}}}}}\n" for text in keys]
    error, new = migrate(tmp_path, dict(zip(("values.yml", "dev.yml", "prod.yml"), texts, strict=True)))
    assert outputs_of(*new.values()) == {"o": {"mountPath": "/o", "existingClaim": "dev"}}
    assert "persistence.outputs.o.hostPath: Polyaxon used existingClaim if both were set" in error


def test_a_stronger_key_of_the_same_or_an_earlier_file_makes_a_comment(tmp_path: Path) -> None:
    files = {
        "a.yml": RESULTS + "      existingClaim: c\n",
        "b.yml": "persistence: {outputs: {results: {hostPath: /h}}}\n",
    }
    _, new = migrate(tmp_path, files)
    assert new["a.yml"]["persistence"]["outputs"]["results"] == {"mountPath": "/outputs", "existingClaim": "c"}
    assert new["b.yml"]["persistence"]["outputs"]["results"] == {}


def outputs(**names: str) -> str:
    """A file with outputs volumes: old name -> claim; without a claim, null."""
    entries = {name: {"mountPath": f"/{pvc}", "existingClaim": pvc} if pvc else None for name, pvc in names.items()}
    return yaml.safe_dump({"persistence": {"outputs": entries}})


MAIN = outputs(Main="m", archive="a")  # Polyaxon's default is Main, because capital letters are first
# The files behind MAIN, and the default outputs of MAIN alone, then with one more file each.
DEFAULTS: dict[str, tuple[list[str], list[str | None]]] = {
    "another volume": ([outputs(backup="b")], ["main", "main"]),
    "a volume that is first": ([outputs(Base="b")], ["main", "base"]),
    "null for the default": ([outputs(Main="")], ["main", "archive"]),
    "null for all": (["persistence: {outputs: null}\n", outputs(x="x")], ["main", None, "x"]),
    "no persistence": (["persistence: null\n", outputs(x="x")], ["main", None, "x"]),
    "a default of a later file": (["persistence: {defaultOutputs: archive}\n"], ["main", "archive"]),
    "a default that a third file removes": (
        ["persistence: {defaultOutputs: archive}\n", "persistence: {defaultOutputs: null}\n"],
        ["main", "archive", "main"],
    ),
    "a file without volumes": (["persistence: {data: {x: {mountPath: /x, hostPath: /x}}}\n"], ["main", "main"]),
}


@pytest.mark.parametrize("case", DEFAULTS)
def test_each_file_keeps_its_default_without_the_later_ones(case: str, tmp_path: Path) -> None:
    later, expected = DEFAULTS[case]
    texts = {f"{at}.yml": text for at, text in enumerate([MAIN, *later])}
    _, new = migrate(tmp_path, texts)
    values = list(new.values())
    assert [meaning(merge_all(values[: at + 1]))["default"] for at in range(len(values))] == expected
    _, again = migrate(tmp_path, {name: (tmp_path / name).read_text() for name in texts})
    assert again == new


def test_a_default_is_written_only_where_it_changes(tmp_path: Path) -> None:
    error, new = migrate(tmp_path, {"values.yml": MAIN, "values-prod.yml": outputs(backup="b")})
    assert new["values.yml"]["persistence"]["defaultOutputs"] == "main"
    assert "defaultOutputs" not in new["values-prod.yml"]["persistence"]
    assert error.count("the default stays") == 1


def test_a_default_of_the_first_file_that_would_change_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The last check does not trust the rules: it compares also each file alone, and all other combinations."""

    def forget(persistence: Any, inside: Any, name: str) -> Any:
        is_file = '"' not in persistence.page.text  # the check writes texts in quotes
        return () if name == "main" and is_file else find_default_edits(persistence, inside, name)

    monkeypatch.setattr("post_renderer.migrate.values.find_default_edits", forget)
    files = {"values.yml": MAIN, "values-prod.yml": outputs(Main="")}
    error, _ = migrate(tmp_path, files)
    path = tmp_path / "values.yml"
    assert f"{path}: warning[changed-meaning] persistence.outputs: without the other files, the new " in error
    assert f'{path} would have the default outputs volume "archive" instead of "main"' in error


# The files of the first command, the last file of the second one, and whether it gets a warning.
TWO_COMMANDS: dict[str, tuple[str, str, str]] = {
    "a name that was first": (outputs(B_x="b", a="a"), outputs(A_0="c"), "A_0"),
    "a name that may have been first": (outputs(B_x="b", a="a"), outputs(B_2="c"), "B_2"),
    "a valid name that was surely first": (outputs(B_x="b", a="a"), outputs(**{"0a": "c"}), "0a"),
    "one volume without a name": (
        outputs(Q_x="b", q="a"),
        "persistence: {outputs: {mountPath: /o, existingClaim: o}}\n",
        "outputs",
    ),
    "a name that was behind it": (outputs(B_x="b", a="a"), outputs(z_0="c"), ""),
    "a default of its own": (outputs(B_x="b", a="a"), outputs(A_0="c") + "  defaultOutputs: a-0\n", ""),
    "a volume that is read-only": (
        outputs(B_x="b", a="a"),
        "persistence: {outputs: {A_0: {mountPath: /o, existingClaim: o, readOnly: true}}}\n",
        "",
    ),
    "a volume of the first file": (
        outputs(B_x="b", a="a"),
        "persistence: {outputs: {B_x: {existingClaim: c}}}\n",
        "",
    ),
}


@pytest.mark.parametrize("case", TWO_COMMANDS)
def test_a_default_of_another_command_is_a_warning(case: str, tmp_path: Path) -> None:
    """The first command wrote defaultOutputs into values.yml. It did not know prod.yml, and the second one does not know
    the old names."""
    first, prod, expected = TWO_COMMANDS[case]
    _, new = migrate(tmp_path, {"values.yml": first, "dev.yml": outputs(z="z")})
    assert new["values.yml"]["persistence"]["defaultOutputs"]
    values = (tmp_path / "values.yml").read_text()
    error, _ = migrate(tmp_path, {"values.yml": values, "prod.yml": prod})
    where = f"{tmp_path / 'prod.yml'}:2: warning[changed-meaning] persistence.outputs: Polyaxon used the first volume"
    assert error.count("Polyaxon used the first volume by name") == bool(expected)
    if expected:
        assert f'perhaps "{expected}", but an earlier file says defaultOutputs: ' in error
        assert where.replace(":2:", ":1:" if case.startswith("one") else ":2:") in error
        assert f'if runs used "{expected}", write defaultOutputs: ' in error


def test_files_of_one_command_get_no_warning_about_the_default_when_they_are_migrated_again(tmp_path: Path) -> None:
    files = {"values.yml": outputs(B_x="b", a="a"), "dev.yml": outputs(**{"a-1": "c"}), "prod.yml": outputs(A_0="d")}
    for _ in range(2):
        error, _ = migrate(tmp_path, files)
        assert "perhaps" not in error
        files = {name: (tmp_path / name).read_text() for name in files}
