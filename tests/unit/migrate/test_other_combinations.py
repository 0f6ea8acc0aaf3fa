"""One command with the values files of all releases: a combination of some of them keeps its meaning, or gets a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import run
from tests.support.helm_merge import meaning, merge_all

if TYPE_CHECKING:
    from pathlib import Path

Files = dict[str, str]
ON = "nfsProvisioner: {enabled: true}\n"
DATA = "persistence: {data: {images: {mountPath: /i, hostPath: /i}}}\n"
CLAIM = {"outputs": {"mountPath": "/outputs", "existingClaim": "polyaxon-pvc-outputs"}}
O_H = "persistence: {outputs: {o: {mountPath: /o, hostPath: /h}}}\n"
O_DEV = "persistence: {outputs: {o: {existingClaim: dev}}}\n"
ZED = "persistence: {outputs: {Zed: {mountPath: /z, existingClaim: z}, archive: {mountPath: /a, existingClaim: a}}}\n"


def volume(role: str, name: str, **keys: str) -> str:
    return yaml.safe_dump({"persistence": {role: {name: keys}}})


def migrate(directory: Path, files: Files, *options: str) -> tuple[str, dict[str, Any]]:
    for name, text in files.items():
        (directory / name).write_text(text)
    result = run("migrate", "--in-place", *options, *(str(directory / name) for name in files))
    assert result.exit_code == 0, result.error
    error = result.error.replace(f"{directory}/", "")
    return error, {name: yaml.safe_load((directory / name).read_text()) or {} for name in files}


# The files of one command; the combination that gets a warning, and what the warning says.
WARNED: dict[str, tuple[Files, str, str]] = {
    "a directory that only another release's claim replaces": (
        {"values.yaml": O_H, "dev.yaml": O_DEV, "prod.yaml": "persistence: {outputs: {o: {hostPath: /prod}}}\n"},
        "values.yaml and prod.yaml",
        'prod.yaml: warning[changed-meaning] persistence.outputs.o: without the other files, the new {} would have hostPath: "/h" instead of hostPath: "/prod"',
    ),
    "a directory that another release's claim replaces, and no other source": (
        {
            "values.yaml": "persistence: {outputs: {o: {mountPath: /o}}}\n",
            "dev.yaml": O_DEV,
            "prod.yaml": "persistence: {outputs: {o: {hostPath: /prod}}}\n",
        },
        "values.yaml and prod.yaml",
        'the new {} would have no hostPath instead of hostPath: "/prod"',
    ),
    "a default that only another release changes": (
        {
            "values.yaml": ZED,
            "dev.yaml": volume("outputs", "Main", mountPath="/m", existingClaim="m"),
            "prod.yaml": volume("outputs", "Yak", mountPath="/y", existingClaim="y"),
        },
        "values.yaml and prod.yaml",
        'persistence.outputs: without the other files, the new {} would have the default outputs volume "zed" instead of "yak"',
    ),
    "a claim with the name of another release": (
        {
            "values.yaml": DATA,
            "dev.yaml": "nfsProvisioner: {enabled: true, pvc: {outputs: {name: dev}}}\n",
            "prod.yaml": ON,
        },
        "values.yaml and prod.yaml",
        'the new {} would have existingClaim: "dev" instead of existingClaim: "polyaxon-pvc-outputs"',
    ),
    "a volume that only a later file alone has": (
        {"values.yaml": DATA, "prod.yaml": ON},
        "prod.yaml",
        "prod.yaml: warning[changed-meaning] persistence.data.data: without the other files, the new {} would lose this volume",
    ),
}


@pytest.mark.parametrize("case", WARNED)
def test_a_combination_with_another_meaning_is_a_warning(case: str, tmp_path: Path) -> None:
    files, names, message = WARNED[case]
    error, _ = migrate(tmp_path, files)
    assert message.format(names) in error
    hint = "use these files without the others, migrate copies of the old files in a command of their own"
    assert ("  hint: if you " + (hint if " and " in names else "use this file alone, migrate a copy")) in error


@pytest.mark.parametrize("case", WARNED)
def test_the_hint_of_the_warning_leads_to_the_old_meaning(case: str, tmp_path: Path) -> None:
    files, names, _ = WARNED[case]
    some = {name: text for name, text in files.items() if name in names}
    assert f"without the other files, the new {names}" not in migrate(tmp_path, some)[0]


# Files of one command of which each combination with the first file keeps its meaning, and no warning comes.
KEPT: dict[str, Files] = {
    "overlays with parts of a volume": {
        "values.yaml": O_H,
        "dev.yaml": O_DEV,
        "prod.yaml": "persistence: {outputs: {o: {existingClaim: prod}}}\n",
        "more.yaml": "persistence: {outputs: {o: {readOnly: false}}}\n",
    },
    "parts of a volume without a name": {
        "values.yaml": "persistence: {data: {mountPath: /d, existingClaim: d}, outputs: {mountPath: /o, existingClaim: o}}\n",
        "dev.yaml": "persistence: {data: {mountPath: /dev}, outputs: {existingClaim: dev}}\n",
        "prod.yaml": "persistence: {outputs: {existingClaim: prod, accessMode: ReadWriteMany}}\n",
    },
    "a list of volumes that gets other names": {
        "values.yaml": "persistence: {data: {foo: {mountPath: /foo, existingClaim: foo}}}\n",
        "prod.yaml": "persistence: {extra: [{mountPath: /x/foo, existingClaim: x}]}\n",
    },
    "a file without volumes": {"values.yaml": O_H, "dev.yaml": "rbac: {}\n", "prod.yaml": O_DEV},
}


@pytest.mark.parametrize("case", KEPT)
def test_parts_of_volumes_get_no_warning(case: str, tmp_path: Path) -> None:
    assert "without the other files" not in migrate(tmp_path, KEPT[case])[0]


def test_a_difference_is_said_only_for_the_fewest_files(tmp_path: Path) -> None:
    files, *_ = WARNED["a directory that only another release's claim replaces"]
    more = {"more.yaml": "persistence: {outputs: {o: {readOnly: false}}}\n"}
    error, _ = migrate(tmp_path, files | more)
    assert error.count("without the other files") == 1


def test_many_files_are_compared_in_some_combinations(tmp_path: Path) -> None:
    """The first file with each other one is surely among them."""
    overlays = {f"{at}.yaml": f"persistence: {{outputs: {{o: {{subPath: s{at}}}}}}}\n" for at in range(5)}
    prod = {"prod.yaml": "persistence: {outputs: {o: {hostPath: /prod}}}\n"}
    error, _ = migrate(tmp_path, {"values.yaml": O_H, "dev.yaml": O_DEV, **overlays, **prod})
    assert 'the new values.yaml and prod.yaml would have hostPath: "/h" instead of hostPath: "/prod"' in error


def test_a_server_that_two_releases_switch_on_gives_both_its_claim(tmp_path: Path) -> None:
    _, new = migrate(tmp_path, {"values.yaml": DATA, "dev.yaml": ON, "prod.yaml": ON})
    for names in (["values.yaml", "dev.yaml"], ["values.yaml", "prod.yaml"], list(new)):
        assert meaning(merge_all([new[name] for name in names]))["outputs"] == CLAIM


# The first file, a later file, and the outputs volume that the first one alone keeps.
FIRST_ALONE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a name that only a later claim would need": (
        "persistence: {data: {d: {mountPath: /d, hostPath: /d}}, outputs: {mountPath: /o, name: n}}\n",
        ON + "persistence: {outputs: {existingClaim: c}}\n",
        {"mountPath": "/o", "hostPath": "/o"},
    ),
    "a path that a later file changes": (
        "persistence: {outputs: {existingClaim: c}}\n",
        "persistence: {outputs: {mountPath: /later}}\n",
        {"mountPath": "/outputs", "existingClaim": "c"},
    ),
    "a source that a later file changes": (
        "persistence: {outputs: {mountPath: /o}}\n",
        "persistence: {outputs: {existingClaim: c}}\n",
        {"mountPath": "/o", "hostPath": "/o"},
    ),
}


@pytest.mark.parametrize("case", FIRST_ALONE)
def test_the_first_file_does_not_know_the_later_ones(case: str, tmp_path: Path) -> None:
    first, later, expected = FIRST_ALONE[case]
    _, new = migrate(tmp_path, {"values.yaml": first, "later.yaml": later})
    text = (tmp_path / "values.yaml").read_text()  # also the hints in its comments do not know the later file
    assert meaning(merge_all([new["values.yaml"]]))["outputs"] == {"outputs": expected}
    (tmp_path / "alone").mkdir()
    migrate(tmp_path / "alone", {"values.yaml": first})
    assert (tmp_path / "alone" / "values.yaml").read_text() == text


LOOKS = "it looks migrated already, but "
# The files of a first command, and the last file of a second one. The first file is in both.
TWO_COMMANDS: dict[str, tuple[Files, str]] = {
    "a default": ({"values.yaml": ZED}, volume("outputs", "Main", mountPath="/m", existingClaim="m")),
    "the name of a claim": ({"values.yaml": ON}, "nfsProvisioner: {pvc: {outputs: {name: own}}}\n"),
    "a volume beside a claim": ({"values.yaml": ON}, volume("outputs", "f_1", mountPath="/f", existingClaim="f")),
    "a volume without a name": (
        {"values.yaml": "persistence: {outputs: {mountPath: /o, existingClaim: o}}\n"},
        "persistence: {outputs: {mountPath: /p}}\n",
    ),
    "a comment": ({"values.yaml": O_H + "rbac: {}\n"}, "persistence: {outputs: {o: {existingClaim: c, size: 1Gi}}}\n"),
}


@pytest.mark.parametrize("case", TWO_COMMANDS)
def test_a_file_that_another_command_migrated_is_a_warning(case: str, tmp_path: Path) -> None:
    first, prod = TWO_COMMANDS[case]
    assert LOOKS not in migrate(tmp_path, first)[0]
    assert LOOKS not in migrate(tmp_path, {name: (tmp_path / name).read_text() for name in first})[0]
    error, _ = migrate(tmp_path, {"values.yaml": (tmp_path / "values.yaml").read_text(), "prod.yaml": prod})
    assert f"values.yaml: warning[changed-meaning] {LOOKS}prod.yaml is not" in error
    assert "hint: if so, get its old text back, and migrate all values files of all releases in one command" in error


# A file that is migrated alone, and one that the second command names before it. The first one changes again.
CHANGED_TWICE: dict[str, tuple[str, str]] = {
    "a volume that has the name of its role": (
        ON,
        (
            "persistence:\n  data:\n    data_1: {mountPath: /data/1, existingClaim: data-1}\n"
            "  outputs:\n    outputs: {mountPath: /outputs, existingClaim: results-pvc}\n"
        ),
    ),
    "the claims of the server": (
        ON,
        "persistence:\n  data: {mountPath: /data}\n  outputs: {mountPath: /outputs, existingClaim: results-pvc}\n",
    ),
    "parts of volumes": (
        "persistence:\n  outputs: {existingClaim: results-pvc}\n  data: {size: 20Gi}\n",
        "persistence:\n  outputs: {mountPath: /mnt/results}\n  data: {mountPath: /mnt/data}\n",
    ),
}


@pytest.mark.parametrize("case", CHANGED_TWICE)
def test_a_migrated_file_that_changes_again_is_a_warning(case: str, tmp_path: Path) -> None:
    later, base = CHANGED_TWICE[case]
    migrate(tmp_path, {"later.yaml": later})
    error, _ = migrate(tmp_path, {"values.yaml": base, "later.yaml": (tmp_path / "later.yaml").read_text()})
    assert f"later.yaml: warning[changed-meaning] {LOOKS}values.yaml is not" in error


@pytest.mark.parametrize("claim", ["{name: own}", "{mountPath: /p, name: own}"])
def test_the_claim_of_a_server_removes_the_directory_of_an_earlier_file(claim: str, tmp_path: Path) -> None:
    files = {
        "values.yaml": "persistence: {outputs: {mountPath: /outputs}}\n",
        "prod.yaml": f"persistence: {{outputs: {claim}}}\nnfsProvisioner: {{enabled: true}}\n",
    }
    error, new = migrate(tmp_path, files)
    assert "error[" not in error
    path = "/p" if "/p" in claim else "/outputs"
    outputs = meaning(merge_all([new["values.yaml"], new["prod.yaml"]]))["outputs"]
    assert outputs == {"outputs": {"mountPath": path, "existingClaim": "own"}}
    again, same = migrate(tmp_path, {name: (tmp_path / name).read_text() for name in files})
    assert LOOKS not in again
    assert same == new


def test_a_claim_name_without_a_server_is_a_warning(tmp_path: Path) -> None:
    error, _ = migrate(tmp_path, {"prod.yaml": "nfsProvisioner: {pvc: {outputs: {name: own}}}\n"})
    assert "nfsProvisioner: it names claims, but no values file has nfsProvisioner.enabled" in error
    both = {"values.yaml": "nfsProvisioner: {enabled: false}\n", "prod.yaml": "nfsProvisioner: {pvc: {outputs: {name: own}}}\n"}  # fmt: skip
    assert "it names claims" not in migrate(tmp_path, both)[0]


@pytest.mark.parametrize(("base", "name", "is_sure"), [("b-1", "b1", False), ("main", "back_up", False), ("main", "z_1", True), ("b-1", "A_1", True)])  # fmt: skip
def test_an_order_of_names_that_an_old_name_would_change_is_a_warning(
    base: str, name: str, is_sure: bool, tmp_path: Path
) -> None:
    """The first file needs no change. Perhaps, it had names such as b_1 or Main before another command migrated it."""
    files = {
        "values.yaml": volume("outputs", base, mountPath="/b", existingClaim="b"),
        "prod.yaml": volume("outputs", name, mountPath="/p", existingClaim="p", size="1Gi"),
    }
    error, _ = migrate(tmp_path, files)
    said = f'Polyaxon used "{base}" or "{name}", the first one by name: if values.yaml is migrated already'
    assert (said in error) != is_sure
    assert LOOKS not in error


def test_a_volume_that_has_the_name_of_its_role_may_be_an_old_one(tmp_path: Path) -> None:
    """The size says that the file is not migrated."""
    files = {
        "values.yaml": volume("outputs", "outputs", mountPath="/o", existingClaim="o", size="1Gi"),
        "prod.yaml": volume("outputs", "outputs", existingClaim="p", size="1Gi"),
    }
    assert LOOKS not in migrate(tmp_path, files)[0]


def test_a_smaller_difference_of_one_file_does_not_hide_another_place(tmp_path: Path) -> None:
    files = {
        "values.yaml": volume("outputs", "results", mountPath="/results", hostPath="/mnt/base"),
        "dev.yaml": volume("outputs", "results", existingClaim="dev-results"),
        "prod.yaml": volume(
            "outputs", "results", mountPath="/results", hostPath="/mnt/prod", accessMode="ReadWriteMany"
        ),
    }
    error, _ = migrate(tmp_path, files)
    assert (
        'the new values.yaml and prod.yaml would have hostPath: "/mnt/base" instead of hostPath: "/mnt/prod"' in error
    )


def test_a_file_alone_does_not_hide_the_same_difference_with_the_first_file(tmp_path: Path) -> None:
    files = {
        "values.yaml": "persistence:\n  outputs: {mountPath: /outputs, existingClaim: results-pvc}\n",
        "nfs.yaml": ON,
        "prod.yaml": "persistence:\n  data: {mountPath: /mnt/data}\n",
    }
    error, new = migrate(tmp_path, files)
    together = meaning(merge_all([new["values.yaml"], new["prod.yaml"]]))["data"]
    is_right = together == {"data": {"mountPath": "/mnt/data", "hostPath": "/mnt/data"}}
    assert is_right or "without the other files, the new values.yaml and prod.yaml would" in error


def test_alternatives_in_comments_are_no_sign_of_a_migration(tmp_path: Path) -> None:
    images = "  data:\n    images:\n      mountPath: /i\n      # hostPath: /mnt/i\n      # hostPath: /mnt/nfs/i\n"
    files = {
        "values.yaml": f"# outputs: a\n# outputs: b\npersistence:\n{images}      existingClaim: i\n",
        "prod.yaml": volume("data", "more_1", mountPath="/more", existingClaim="m"),
    }
    assert LOOKS not in migrate(tmp_path, files)[0]


def test_a_migrated_file_that_changes_again_is_not_called_an_old_one(tmp_path: Path) -> None:
    comment = "# rbac: it is about Polyaxon's own services: nothing to do\n# rbac:\n#   enabled: true\n"
    files = {
        "values.yaml": volume("outputs", "outputs", mountPath="/o", hostPath="/o"),
        "prod.yaml": comment + volume("outputs", "outputs", existingClaim="p"),
    }
    error, new = migrate(tmp_path, files)
    assert "hostPath" in new["prod.yaml"]["persistence"]["outputs"]["outputs"], "it changes"
    assert LOOKS not in error
