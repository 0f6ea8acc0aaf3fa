"""The lines that `migrate` writes have exactly the values of the old file, except for the changes that it reports."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from post_renderer.migrate import pairs
from tests.support.cli import run
from tests.support.migrate import migrate, whole

HEAD = "kind: job\nbuild: {image: x}\n"


def migrated(text: str) -> Any:
    """What PyYAML, which Polyaxon used, reads in the result."""
    code, output, error = migrate(text)
    assert code == 0, error
    return yaml.safe_load(output)


# A line of a scalar may begin with #. It is no comment of the pair below it.
@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("key", ["project", "user", "ttl", "logging"])
def test_a_text_with_a_number_sign_above_a_key_that_moves(quote: str, key: str) -> None:
    text = f"{HEAD}description: {quote}nightly run,\n# 3 of 5{quote}\n{key}: 5\nrun: {{cmd: python train.py}}\n"
    ours = migrated(text)["runs"]["job"]["polyaxonfile"]
    assert ours["description"] == "nightly run, # 3 of 5"
    assert ours["run"] == {"cmd": "python train.py"}


def test_a_text_with_a_number_sign_above_data_refs() -> None:
    text = f"{HEAD}run: {{cmd: y}}\nenvironment:\n  labels: {{a: 'b\n  # c'}}\n  data_refs: [d]\n"
    environment = migrated(text)["runs"]["job"]["polyaxonfile"]["environment"]
    assert environment == {"labels": {"a": "b # c"}, "persistence": {"data": ["d"]}}


def test_a_text_with_a_number_sign_above_a_matrix() -> None:
    text = "kind: group\nbuild: {image: x}\nhptuning: {concurrency: 2}\ndescription: 'a\n# b'\n"
    text += "matrix:\n  lr: {values: [1, 2]}\nrun: {cmd: y}\n"
    ours = migrated(text)["runs"]["group"]["polyaxonfile"]
    assert (ours["description"], ours["run"]) == ("a # b", {"cmd": "y"})


def test_a_text_with_a_number_sign_above_extra() -> None:
    text = 'persistence:\n  data:\n    d: {mountPath: /a, hostPath: "/b\n  # c"}\n'
    text += "  extra:\n  - {mountPath: /e, hostPath: /h}\n"
    code, output, _ = migrate(text)
    assert (code, output.count("mountPath: /e")) == (0, 1)
    assert yaml.safe_load(output)["persistence"]["data"] == {
        "d": {"mountPath": "/a", "hostPath": "/b # c"},
        "e": {"mountPath": "/e", "hostPath": "/h"},
    }


def test_a_text_with_a_number_sign_in_a_layer(tmp_path: Any) -> None:
    base, over = tmp_path / "a.yml", tmp_path / "b.yml"
    base.write_text(f"{HEAD}run: {{cmd: y}}\n")
    over.write_text("description: 'a\n# b'\nproject: p\n")
    result = run("migrate", "--as-one", "one", str(base), str(over))
    assert result.exit_code == 0, result.error
    assert yaml.safe_load(result.output)["runs"]["one"] == {
        "polyaxonfile": {"kind": "job", "build": {"image": "x"}, "run": {"cmd": "y"}, "description": "a # b"},
        "project": "p",
    }


def test_a_comment_above_a_key_still_moves_with_it() -> None:
    text = f"{HEAD}description: 'a\n# b'\n# of the project\nproject: p\nrun: {{cmd: y}}\n"
    assert "    # of the project\n    project: p\n" in migrate(text)[1]


CMD = "cat <<E\n\n# head\n#second\nE\n"


def test_each_run_of_a_grid_has_all_lines_of_the_command() -> None:
    """Empty lines and lines that begin with # are text in a block scalar."""
    text = "kind: group\nbuild: {image: x}\nhptuning:\n  matrix: {lr: {values: [1, 2, 3]}}\n  # two\n\n"
    text += "  grid_search: {n_experiments: 2}\n# the program\nrun:\n  cmd: |\n"
    text += "".join(f"    {line}".rstrip() + "\n" for line in CMD.splitlines())
    runs = migrated(text)["runs"]
    assert len(runs) == 2
    for one in runs.values():
        assert one["polyaxonfile"]["run"] == {"cmd": CMD}
    assert migrate(text)[1].count("# the program") == 1


def test_a_grid_in_a_file_without_a_last_newline() -> None:
    text = "kind: group\nproject: p\nhptuning: {matrix: {lr: {values: [1, 2]}}, grid_search: {n_experiments: 1}}\n"
    (run,) = migrated(f"{text}run: {{cmd: z}}\nbuild:\n  image: x")["runs"].values()
    assert run["polyaxonfile"]["build"] == {"image": "x"}


@pytest.mark.parametrize("value", ["1", "\n    1", "   # why\n    1", "1   # why"])
def test_the_number_of_experiments_may_be_on_the_next_line(value: str) -> None:
    text = f"version: 1\nkind: group\nsettings:\n  matrix: {{lr: {{values: [1, 2]}}}}\n  n_experiments: {value}\n"
    code, output, error = migrate(text + "build: {image: x}\nrun: {cmd: y}\n")
    assert code == 0, error
    assert len(yaml.safe_load(output)["runs"]) == 1
    assert ("# why" in output) == ("# why" in value)


@pytest.mark.parametrize("header", ["|", ">", "|+", "|2", ">2+", "| # why", "!!str |", "&a |"])
@pytest.mark.parametrize("more", ["", "project: p\n", "environment: {data_refs: [d]}\n"])
def test_a_text_that_ends_the_file_without_a_newline(header: str, more: str) -> None:
    text = f"{HEAD}{more}run:\n  cmd: {header}\n    a\n     b"
    assert migrated(text)["runs"]["job"]["polyaxonfile"]["run"] == yaml.safe_load(text)["run"]
    once = migrate(text)[1]
    assert migrate(once)[1] == once


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_migrated_file_keeps_its_end(end: str) -> None:
    text = f"runs:\n  a:\n    polyaxonfile:\n      kind: job\n      run:\n        cmd: |\n          a{end}"
    assert migrate(text)[:2] == (0, text)


def test_an_alias_keeps_its_value() -> None:
    """``user`` moves behind the second anchor of this name."""
    text = f"{HEAD}name: &p one\nuser: *p\ndescription: &p two\nrun: {{cmd: y}}\n"
    code, output, error = migrate(text)
    assert (code, output) == (1, "")
    assert "error[not-migratable] runs.one.user: migrate can't change this part without the loss of a value" in error


@pytest.mark.parametrize(
    ("text", "line", "path"),
    [
        (f"{HEAD}description: 'a\n# b'\nproject: p\nrun: {{cmd: y}}\n", 3, "runs.job.polyaxonfile.description"),
        (
            "persistence:\n  data:\n    d: {mountPath: /a, hostPath: '/b\n  # c'}\n  extra:\n  - {mountPath: /e}\n",
            0,
            "",
        ),
    ],
)
def test_an_edit_that_takes_too_much_is_an_error(
    text: str, line: int, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last check does not trust the rules: it compares the values of each pass with what its edits mean."""
    monkeypatch.setattr("post_renderer.migrate.source_text.SourceText.is_comment", lambda *_: True)
    code, output, error = migrate(text)
    assert (code, output) == (1, "")
    if line:
        assert f"<stdin>:{line}: error[not-migratable] {path}: migrate can't change this part" in error
    assert "  hint: write this part in a simpler form\n" in error


def test_a_wrong_value_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit of a word that also changes its neighbour."""
    monkeypatch.setattr(pairs.Pair, "behind", property(lambda pair: pair.first + 2))
    code, output, error = migrate(whole("logging: {level: INFO}\nrun: {cmd: y}\ntags: [a]\n"))
    assert (code, output) == (1, "")
    assert "migrate can't change this part without the loss of a value" in error


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line if line.strip() else line for line in text.splitlines(keepends=True))


# Files whose first key is not in the first column.
INDENTED = {
    "an image in run": "run:\n  image: x\n  cmd: y\nkind: job\nenvironment: {persistence: {data: [d]}}\n",
    "no kind": f"{whole('run: {cmd: y}')[17:]}\nproject: p\n",
    "first spellings": "project: {name: p}\nkind: job\nbuild: {image: x}\nrun:\n  envs: {A: b}\n  cmd: |\n    a\n\n    # b\n",
    "matrix": "kind: group\nbuild: {image: x}\nrun: {cmd: y}\nmatrix:\n  lr: {values: [1]}\nhptuning: {concurrency: 2}\n",
    "settings": "settings:\n  logging: {level: INFO}\nkind: job\nbuild: {image: x}\nrun: {cmd: y}\n",
    "data_refs": "kind: job\nbuild: {image: x}\nenvironment:\n  data_refs: [a]\nrun: {cmd: y}\n",
    "written out": "kind: group\nbuild: {image: x}\nhptuning: {matrix: {lr: {values: [1, 2]}}, grid_search: {n_experiments: 1}}\n"
    "run:\n  cmd: |\n    a\n",
    "one volume": "persistence:\n  data:\n    mountPath: /d\n",
    "extra": "persistence:\n  extra:\n  - mountPath: /e\n",
    "claims": "nfsProvisioner:\n  enabled: true\n  pvc: {data: {name: c}}\n",
    "claims and a volume": "nfsProvisioner: {enabled: true, pvc: {data: {name: c}}}\npersistence:\n  outputs: {}\n",
    "services": "persistence: {}\nrbac:\n  enabled: true\n",
}


@pytest.mark.parametrize("by", [1, 2, 5])
@pytest.mark.parametrize("text", INDENTED.values(), ids=INDENTED)
def test_an_indented_file_means_the_same(text: str, by: int) -> None:
    assert migrated(indented(text, by)) == migrated(text)


@pytest.mark.parametrize("count", [1, 999, 1200])
def test_many_extra_volumes_on_one_path(count: int) -> None:
    text = "persistence:\n  extra:\n" + "".join(f"  - {{mountPath: /x, subPath: s{at}}}\n" for at in range(count))
    data = migrated(text)["persistence"]["data"]
    assert sorted(entry["subPath"] for entry in data.values()) == sorted(f"s{at}" for at in range(count))


def test_a_character_that_json_writes_as_a_surrogate_pair() -> None:
    """rhea read .json with Python's json. YAML has no surrogate pairs."""
    text = '{"kind": "job", "build": {"image": "x"}, "run": {"cmd": "\\ud83d\\ude00 \\\\ud83d\\\\ude00"}}'
    assert migrated(text)["runs"]["job"]["polyaxonfile"]["run"]["cmd"] == "\U0001f600 \\ud83d\\ude00"
