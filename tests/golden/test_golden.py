"""Each folder of tests/golden is one case (see its README): a stream, the arguments, and all that must come out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from post_renderer.problems import CODES
from tests.support.cli import run
from tests.support.messages import PLACE, heads
from tests.support.paths import GOLDEN

CASES = sorted(path.name for path in GOLDEN.iterdir() if (path / "input.yaml").exists())
GATE_LINES = ("schedulingGates:", "- name: polyaxon.com/needs-post-renderer")
GATE = {"name": "polyaxon.com/needs-post-renderer"}


def read_arguments(name: str) -> list[str]:
    path = GOLDEN / name / "arguments"
    return path.read_text().splitlines() if path.exists() else []


def read_golden(name: str, file: str) -> str:
    path = GOLDEN / name / file
    return path.read_bytes().decode() if path.exists() else ""


# The cases that write a stream: no verb stands in their arguments.
RENDERED = [
    name
    for name in CASES
    if (GOLDEN / name / "output.yaml").exists()
    and read_arguments(name)[:1] not in (["check"], ["explain"], ["inventory"], ["migrate"], ["verify"])
]
ADDED_TO = [name for name in RENDERED if not (GOLDEN / name / "replaces-text").exists()]
SILENT = [
    name for name in CASES if name not in RENDERED and (not read_arguments(name) or read_arguments(name)[0] == "render")
]


@pytest.mark.parametrize("name", CASES)
def test_golden_case(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN / name)
    for line in read_golden(name, "environment").splitlines():
        monkeypatch.setenv(*line.split("=", 1))
    result = run(*read_arguments(name), stdin=(GOLDEN / name / "input.yaml").read_bytes())
    assert result.error == read_golden(name, "stderr")
    assert result.output.decode() == read_golden(name, "output.yaml")
    assert result.exit_code == int(read_golden(name, "exit") or 0)


@pytest.mark.parametrize("name", RENDERED)
def test_a_second_render_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN / name)
    once = (GOLDEN / name / "output.yaml").read_bytes()
    assert run(*read_arguments(name), stdin=once).output == once


@pytest.mark.parametrize("name", RENDERED)
def test_what_was_rendered_is_verified(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN / name)
    words = [word for word in read_arguments(name) if word != "render"]
    result = run("verify", *words, stdin=(GOLDEN / name / "output.yaml").read_bytes())
    if "kind:" not in read_golden(name, "output.yaml"):
        assert (result.exit_code, "error[no-object]" in result.error) == (1, True)
        return
    assert result.exit_code == 0, result.error
    bare = run("verify", *words, stdin=(GOLDEN / name / "input.yaml").read_bytes())
    unchanged = read_golden(name, "input.yaml") == read_golden(name, "output.yaml")
    assert bare.exit_code == (0 if unchanged else 1)


@pytest.mark.parametrize("name", SILENT)
def test_problems_write_nothing(name: str) -> None:
    assert not (GOLDEN / name / "output.yaml").exists()
    assert "error[" in read_golden(name, "stderr")
    assert read_golden(name, "exit") == "1\n"


@pytest.mark.parametrize("name", ADDED_TO)
def test_block_style_documents_get_added_lines_only(name: str) -> None:
    after = iter(read_golden(name, "output.yaml").splitlines())
    for line in read_golden(name, "input.yaml").splitlines():
        if line.strip() not in GATE_LINES:
            assert any(new == line or is_renamed(line, new) for new in after), line


def is_renamed(line: str, new: str) -> bool:
    """Whether the new line is a Job's name line with a hash behind the name."""
    match = re.fullmatch(r'(\s*(?:- )?name: )"(.+)-[0-9a-f]{10}"', new)
    return match is not None and line == match[1] + match[2]


@pytest.mark.parametrize("name", RENDERED)
def test_the_output_holds_the_input_and_more_to_a_yaml_1_2_reader(name: str) -> None:
    before, after = (split_documents(read_golden(name, file)) for file in ("input.yaml", "output.yaml"))
    if name == "nothing":  # no document, and a comment instead of it
        before, after = before[1:], after[1:]
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        if old != new:
            assert_extends(load(old), load(new), ())


def split_documents(text: str) -> list[str]:
    return re.split(r"^---(?=\s)", text, flags=re.MULTILINE)


def load(text: str) -> Any:
    reader = YAML(typ="safe", pure=True)
    assert (reader.version or "1.2") == "1.2"
    return reader.load(text)


def assert_extends(old: Any, new: Any, path: tuple[object, ...]) -> None:
    """Whether ``new`` is ``old`` plus something, in order, but for the gate, a Job's name and an extended list in text."""
    if isinstance(old, dict) and isinstance(new, dict):
        lost = old.keys() - new.keys()
        assert not lost or (lost == {"schedulingGates"} and old["schedulingGates"] == [GATE]), path
        assert [key for key in new if key in old] == [key for key in old if key in new], path
        for key in old.keys() & new.keys():
            assert_extends(old[key], new[key], (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        kept = [item for item in old if item != GATE]
        extra = len(new) - len(kept)
        assert extra >= 0, path
        # Variables are put first, all other items last.
        there = new[extra:] if path[-1] == "env" else new[: len(kept)]
        for index, item in enumerate(kept):
            assert_extends(item, there[index], (*path, index))
    elif old != new and old not in (None, [], {}):
        renamed = path[-2:] == ("metadata", "name") and re.fullmatch(re.escape(old) + "-[0-9a-f]{10}", new)
        extended = path[-1] in ("argocd.argoproj.io/sync-options", "argocd.argoproj.io/compare-options")
        assert renamed or (extended and new.startswith(f"{old},")), path


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_golden_case(code: str) -> None:
    said = read_golden(f"code-{code}", "stderr")
    assert f"[{code}]" in said
    # What is wrong has a place: a template and a line, but for what is wrong with the stream, the upgrade or an Argo CD
    # Application as a whole.
    for line in said.splitlines():
        if match := PLACE.match(line):
            whole = re.match(r"(?:error|warning)\[[a-z-]+\] \((?:upgrade|application|input|--then)\)[:,]", line)
            assert whole or re.fullmatch(r"(<stdin>|input\.yaml):\d+", match["place"] or ""), line
        else:
            assert line.startswith(("  hint: ", "next: ")), line
    assert said.count("  hint: ") == len(heads(said))
