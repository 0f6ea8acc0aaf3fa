"""Aliases and merge keys: a file with them must mean what it means with the values in their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run
from tests.support.migrate import migrate, whole

if TYPE_CHECKING:
    from pathlib import Path

RESULTS = """\
persistence:
  outputs:
    r: &r
      mountPath: /r
      existingClaim: c
      size: 1Gi
"""
# Values files, and the line of the alias or of the merge key.
VALUES: dict[str, tuple[str, int]] = {
    "an empty claim that removes an inherited one": (
        """\
persistence:
  outputs:
    shared: &base {mountPath: /outputs/shared, existingClaim: shared-pvc, hostPath: /mnt/outputs}
    local: {<<: *base, mountPath: /outputs/local, existingClaim: ""}
""",
        4,
    ),
    "an inherited key that is weaker in one place only": (
        """\
persistence:
  data:
    a: &x {mountPath: /a, existingClaim: c, hostPath: /h}
    b: {<<: *x, mountPath: /b, existingClaim: null}
""",
        4,
    ),
    "volumes of an alias": (
        "x-vols: &v {Data_1: {mountPath: /d, existingClaim: c, size: 1Gi}}\npersistence: {data: *v}\n",
        2,
    ),
    "old names of an alias": (
        "x-vols: &v {Data_1: {mountPath: /d, existingClaim: c}}\npersistence:\n  data: *v\n",
        3,
    ),
    "old names of outputs of an alias": (
        """\
x-vols: &v {Vol_1: {mountPath: /d, existingClaim: c}, a: {mountPath: /a, existingClaim: a}}
persistence:
  data: {}
  outputs: *v
""",
        4,
    ),
    "an empty mapping of an alias": (
        "x-none: &none {}\nnfsProvisioner: {enabled: true}\npersistence: {data: *none, outputs: *none}\n",
        3,
    ),
    "a key that another program needs": (RESULTS + "backup: {source: *r}\n", 7),
    "a merge key of another program": (RESULTS + "backup:\n  path: /b\n  <<: *r\n", 9),
    "a key of a single volume from a merge key": (
        "x-o: &o {hostPath: /h}\npersistence:\n  outputs: {<<: *o, mountPath: /o}\n",
        3,
    ),
    "a catalog of a merge key at the top": (
        "x-p: &p {persistence: {data: {Data_1: {mountPath: /d, existingClaim: c}}}}\n<<: *p\nrbac: {}\n",
        2,
    ),
    "services of a merge key at the top": (
        "x-p: &p {rbac: {enabled: true}}\n<<: *p\npersistence: {data: {a: {mountPath: /d, existingClaim: c}}}\n",
        2,
    ),
}


@pytest.mark.parametrize("case", VALUES)
def test_values_that_an_alias_keeps_from_changing_are_an_error(case: str, tmp_path: Path) -> None:
    text, line = VALUES[case]
    path, other = tmp_path / "values.yaml", tmp_path / "other.yaml"
    path.write_text(text)
    other.write_text("persistence: {data: {z: {mountPath: /z, existingClaim: z, size: 1Gi}}}\n")
    for files in ([path], [path, other]):
        result = run("migrate", "--in-place", *map(str, files))
        assert (result.exit_code, result.output) == (1, b""), result.error
        lines = [int(found) for found in re.findall(rf"{path}:([0-9]+): error\[alias\]", result.error)]
        assert lines in ([line], [line - 1])  # the alias, or the anchor
        assert re.search("  hint: write the .* instead of ", result.error)
        assert "nothing to migrate" not in result.error
        assert path.read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        "persistence: {data: {a: &a {mountPath: /a, existingClaim: a}, b: {<<: *a, mountPath: /b}}}\n",
        "persistence: {data: {a: &a {mountPath: /a, existingClaim: a}}, outputs: {b_1: *a, c: *a}}\nrbac: {}\n",
        "x-a: &a {mountPath: /a, existingClaim: a}\n<<: {global: {a: b}}\npersistence: {data: {a: *a}}\n",
        "persistence: {data: {a: {mountPath: &m /a, existingClaim: &c a}, b_1: {mountPath: *m, existingClaim: *c}}}\n",
        "runs: {a: &a {image: x, command: [y]}, b: *a}\npersistence: {data: {a: {mountPath: /a, hostPath: /a}}}\n",
    ],
)
def test_aliases_of_values_that_stay_are_no_error(text: str) -> None:
    exit_code, _, error = migrate(text)
    assert exit_code == 0, error


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("tags: &none []\nenvironment:\n  persistence: {data: *none, outputs: o2}\n", 3),
        ("tags: &none []\nenvironment:\n  data_refs: *none\n", 3),
        ("tags: &names [Data_1]\nenvironment:\n  data_refs: *names\n", 3),
        ("tags: &names [Data_1]\nenvironment:\n  persistence:\n    data: *names\n", 4),
        ("params: &p {data_refs: [a]}\nenvironment:\n  <<: *p\n", 3),
        ("params: &p {outputs: Out_1}\nenvironment:\n  persistence:\n    <<: *p\n    data: [a]\n", 4),
        ("params: &p {jobs: [a/b/Job_1]}\nenvironment:\n  outputs: *p\n", 3),
    ],
)
def test_an_alias_of_a_request_that_must_change_is_an_error(text: str, line: int) -> None:
    """Polyaxon read an empty list as all data."""
    kind = "version: 1\nkind: experiment\nbuild: {image: x}\nrun: {cmd: a}\n"
    exit_code, output, error = migrate(kind + text)
    assert (exit_code, output) == (1, ""), output
    assert f"<stdin>:{line + 4}: error[alias]" in error
    assert "  hint: write the value instead of the alias or the merge key\n" in error


@pytest.mark.parametrize(
    ("param", "hptuning", "path"),
    [
        ("[1, 2]", "{matrix: {lr: {values: *v}}, grid_search: {n_experiments: 1}}", "matrix.lr"),
        ("{values: [1, 2]}", "{matrix: {lr: *v}, grid_search: {n_experiments: 1}}", "matrix.lr"),
        ("{values: [1, 2]}", "{matrix: {lr: {<<: *v}}, grid_search: {n_experiments: 1}}", "matrix.lr"),
        ("'0:1:3'", "{matrix: {lr: {logspace: *v}}}", "matrix.lr.logspace"),
        ("1", "{matrix: {lr: {geomspace: [*v, 2, 3]}}}", "matrix.lr.geomspace"),
        ("{matrix: {lr: {values: [1, 2]}}}", "*v", ""),
        ("{matrix: {lr: {values: [1, 2]}}}", "{<<: *v}", ""),
    ],
)
def test_an_alias_that_hides_values_of_a_grid_is_an_error(param: str, hptuning: str, path: str) -> None:
    text = f"kind: group\nbuild: {{image: x}}\nrun: {{cmd: a}}\nparams: {{v: &v {param}}}\nhptuning: {hptuning}\n"
    exit_code, _, error = migrate(text)
    assert exit_code == 1
    path = f"hptuning.{path}".rstrip(".")
    message = f"migrate must read the values of {path}, but an alias or a merge key has them"
    assert f"<stdin>:5: error[alias] {message}\n  hint: write the values instead of the alias" in error


def test_an_alias_of_a_request_that_stays_is_no_error() -> None:
    exit_code, output, error = migrate(whole("tags: &t [a]\nenvironment: {persistence: {data: *t}}\nrun: {cmd: a}\n"))
    assert exit_code == 0, error
    assert "data: *t" in output


def test_an_error_in_a_value_of_an_alias_is_reported() -> None:
    exit_code, output, error = migrate(whole("params: {a: &a {name: b}}\ninputs: [*a]\nrun: {cmd: a}\n"))
    assert (exit_code, output) == (1, "")
    message = 'with the values of aliases and merge keys: the input "b" has no value'
    assert f"<stdin>:4: error[not-migratable] inputs: {message}\n  hint: write the value under params" in error


def test_an_alias_in_a_section_of_polyaxons_services_is_no_error() -> None:
    text = "persistence: {data: {a: {mountPath: /a, existingClaim: &c a}}}\nrepos: {claim: *c}\nbackup: {claim: *c}\n"
    exit_code, output, error = migrate(text)
    assert exit_code == 0, error
    assert output.endswith("# repos: {claim: *c}\nbackup: {claim: *c}\n")


def test_many_volumes_with_a_merge_key_are_migrated() -> None:
    """With the values in their places, the file has more than 1 MiB."""
    text = (
        f"x-b: &b {{existingClaim: c, readOnly: true, description: '{'b' * 300}'}}\nrbac: {{}}\npersistence:\n  data:\n"
    )
    text += "".join(f"    v{number}: {{<<: *b, mountPath: /data/{number}}}\n" for number in range(3_000))
    exit_code, output, error = migrate(text)
    assert exit_code == 0, error
    assert output.count("<<: *b") == 3_000


@pytest.mark.parametrize("head", ["", "kind: experiment\nbuild: {image: x}\n"])
def test_an_alias_of_a_large_text_is_an_error(head: str) -> None:
    text = f"{head}x: &x {'a' * 500_000}\ny: [{', '.join(['*x'] * 5_000)}]\n"
    exit_code, output, error = migrate(text + ("run: {cmd: a}\n" if head else "persistence: {}\n"))
    assert (exit_code, output) == (1, "")
    assert "error[alias]" in error


def test_aliases_that_become_too_large_are_an_error() -> None:
    big = ", ".join(f"a{number}" for number in range(1_000))
    text = f"tags: &t [{big}]\nparams: {{{', '.join(f'p{number}: *t' for number in range(300))}}}\n"
    exit_code, output, error = migrate(whole(text + "run: {cmd: a}\n"))
    assert (exit_code, output) == (1, "")
    assert "error[" in error
