"""How problems are written down: for people, for programs, and safely for terminals."""

from __future__ import annotations

import json
import re

import pytest

from post_renderer.console.format import (
    count,
    format_problem,
    format_problems,
    format_table,
    json_text,
    paint,
    problem_data,
)
from post_renderer.problems import (
    CODES,
    OWN_FILE,
    STANDARD_INPUT,
    USER_FILE,
    Problem,
    Problems,
    YamlError,
    promote_warnings,
    quoted,
    sort_problems,
    suggest,
)
from tests.support.paths import ROOT


def make(**fields: object) -> Problem:
    problem = Problem("unknown-volume", 'no data volume "data-fo"', 'did you mean "data-foo"?')
    problem.subject, problem.file, problem.line = "Job/train", "chart/templates/runs.yaml", 41
    problem.about = "polyaxon.com/polyaxonfile"
    for field, value in fields.items():
        setattr(problem, field, value)
    return problem


def test_a_problem_in_two_lines() -> None:
    assert format_problem(make()) == (
        "<stdin>:41: error[unknown-volume] Job/train (chart/templates/runs.yaml), polyaxon.com/polyaxonfile: "
        'no data volume "data-fo"\n'
        '  hint: did you mean "data-foo"?\n'
    )


@pytest.mark.parametrize(
    ("fields", "head"),
    [
        ({"about": ""}, "<stdin>:41: error[unknown-volume] Job/train (chart/templates/runs.yaml): no"),
        ({"file": ""}, "<stdin>:41: error[unknown-volume] Job/train, polyaxon"),
        ({"line": 0}, "error[unknown-volume] Job/train (chart/templates/runs.yaml), polyaxon"),
        ({"file": "", "line": 0}, "error[unknown-volume] Job/train, polyaxon"),
        ({"stream": "a b.yaml"}, "a b.yaml:41: error[unknown-volume] Job/train (chart/templates/runs.yaml), polyaxon"),
        ({"stream": "a.yaml", "line": 0}, "a.yaml: error[unknown-volume] Job/train (chart/templates/runs.yaml), poly"),
        ({"subject": OWN_FILE, "file": "site.yaml"}, "site.yaml:41: error[unknown-volume] polyaxon"),
        ({"subject": OWN_FILE, "file": "site.yaml", "line": 0}, "site.yaml: error[unknown-volume] polyaxon"),
        ({"subject": USER_FILE, "file": "old.yaml"}, "old.yaml:41: error[unknown-volume] polyaxon"),
        ({"subject": USER_FILE, "file": STANDARD_INPUT}, "<stdin>:41: error[unknown-volume] polyaxon"),
        ({"subject": "(input)", "stream": "a.yaml", "file": "", "line": 0}, "a.yaml: error[unknown-volume] polyaxon"),
        ({"subject": "(stream)"}, "<stdin>:41: error[unknown-volume] (chart/templates/runs.yaml), polyaxon"),
        ({"subject": "(stream)", "file": "", "about": ""}, "<stdin>:41: error[unknown-volume] no data volume"),
        ({"subject": "(stream)", "file": "", "line": 0, "about": ""}, "error[unknown-volume] (stream): no data volume"),
        ({"severity": "warning"}, "<stdin>:41: warning[unknown-volume] Job/train"),
    ],
)
def test_what_is_not_known_is_left_out(fields: dict[str, object], head: str) -> None:
    assert format_problem(make(**fields)).startswith(head)


def test_no_hint_no_second_line() -> None:
    assert format_problem(make(hint="")).count("\n") == 1


def test_colour_is_for_the_heads_alone() -> None:
    text = format_problem(make(message="an error[a] in error[b]"))
    painted = text.replace("error[unknown-volume]", "\x1b[31merror[unknown-volume]\x1b[0m")
    assert paint(f"note\n{text}{text}") == f"note\n{painted}{painted}"
    mild = paint(format_problem(make(severity="warning", hint="not warning[this]")))
    assert mild.startswith("<stdin>:41: \x1b[33mwarning[unknown-volume]\x1b[0m ")
    assert mild.count("\x1b") == 2
    whole = format_problem(make(subject="(upgrade)", file="", line=0))
    assert paint(whole).startswith("\x1b[31merror[unknown-volume]\x1b[0m (upgrade)")
    assert paint("polyaxon-persistence: no option error[x]\n") == "polyaxon-persistence: no option error[x]\n"


@pytest.mark.parametrize("field", ["subject", "file", "stream", "about", "message", "hint"])
@pytest.mark.parametrize("char", ["\x1b", "\x07", "\x00", "\n", "\r", "\x9b", "\u202e", "\u2028"])
def test_nothing_from_the_input_steers_a_terminal(field: str, char: str) -> None:
    text = format_problem(make(**{field: f"a{char}b"}))
    assert text.count("\n") == 2
    assert f"a\\u{ord(char):04x}b" in text
    assert char not in text.replace("\n", "")


def test_the_documented_expression_matches_every_form_of_the_line() -> None:
    (pattern,) = re.findall(r"match the line with `(.*?)`", (ROOT / "docs" / "errors.md").read_text())
    forms = [
        (make(), "<stdin>", "41"),
        (make(stream="a: b.yaml", message="an error[a]: error[b]"), "a: b.yaml", "41"),
        (make(subject=OWN_FILE, file="site.yaml", line=0), "site.yaml", None),
        (make(subject="(upgrade)", file="", line=0, message="a: error[b] c"), None, None),
    ]
    for problem, path, line in forms:
        first, hint, _ = format_problem(problem).split("\n")
        match = re.match(pattern, first)
        assert match
        assert match.groups()[:4] == (path, line, "error", "unknown-volume")
        assert not re.match(pattern, hint)


def test_a_list_of_problems_is_their_texts() -> None:
    assert format_problems([make(), make(line=1)]) == format_problem(make()) + format_problem(make(line=1))
    assert format_problems([]) == ""


def test_problems_as_data() -> None:
    (data,) = json.loads(json_text(problem_data([make()])))
    assert data == {
        "severity": "error",
        "code": "unknown-volume",
        "subject": "Job/train",
        "file": "chart/templates/runs.yaml",
        "line": 41,
        "stream": "",
        "about": "polyaxon.com/polyaxonfile",
        "message": 'no data volume "data-fo"',
        "hint": 'did you mean "data-foo"?',
        "run": "",
        "values": "",
        "valuesFile": "",
        "valuesLine": 0,
    }


def test_problems_are_in_the_order_of_the_files_and_then_of_the_stream() -> None:
    rows = [("Job/b", 9), ("(stream)", 0), ("Job/a", 3), ("first.yaml", 8), ("second.yaml", 2), ("first.yaml", 4)]
    given = [
        make(subject=OWN_FILE, file=name, line=line) if name.endswith(".yaml") else make(subject=name, line=line)
        for name, line in rows
    ]
    found = sort_problems([*given, make(subject="Job/c", line=3)], ["first.yaml", "second.yaml"])
    assert [(problem.file if problem.subject == OWN_FILE else problem.subject, problem.line) for problem in found] == [
        ("first.yaml", 4), ("first.yaml", 8), ("second.yaml", 2), ("Job/a", 3), ("Job/c", 3), ("Job/b", 9), ("(stream)", 0),
    ]  # fmt: skip


def test_a_table_has_columns() -> None:
    rows = [("A", "LONG HEAD", "C"), ("longer", "x", ""), ("y\x1b", "z", "last")]
    assert format_table(rows, "  ") == "  A        LONG HEAD  C\n  longer   x\n  y\\u001b  z          last\n"


@pytest.mark.parametrize(("number", "text"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs")])
def test_counting(number: int, text: str) -> None:
    assert count(number, "run") == text


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("data-fo", ["data1", "data-foo"], 'did you mean "data-foo"? Known: data-foo, data1'),
        ("x", ["data1"], "Known: data1"),
        ("x", [], "None are known."),
        ("x", [f"n{number:02}" for number in range(15)], "Known: n00, n01, n02, n03, n04, n05, n06, n07, n08, n09, n10, n11 and 3 more"),
    ],
)  # fmt: skip
def test_a_suggestion_names_the_nearest_and_all_others(word: str, known: list[str], hint: str) -> None:
    assert suggest(word, known) == hint


@pytest.mark.parametrize(
    ("word", "text"),
    [("a", '"a"'), ("", '""'), ("a\x1bb\n", '"a\\u001bb\\u000a"'), ("ä", '"ä"'), ("a" * 81, '"' + "a" * 80 + '…"')],
)
def test_a_word_is_shown_safely(word: str, text: str) -> None:
    assert quoted(word) == text


def test_every_code_has_a_severity_and_a_sentence() -> None:
    for code, (severity, sentence) in CODES.items():
        assert severity in ("error", "warning")
        assert sentence.endswith(".")
        assert Problem(code, "").severity == severity
        assert code == code.lower().replace("_", "-")


def test_warnings_alone_are_no_errors_until_they_are_taken_for_such() -> None:
    problems = Problems()
    problems.subject = "Job/a"
    problems.add("read-only-outputs", "x")
    assert not problems.has_errors()
    promote_warnings(problems.found)
    assert problems.has_errors()
    assert problems.found[0].subject == "Job/a"


def test_an_unreadable_place_becomes_a_problem_there() -> None:
    problems = Problems()
    YamlError("alias", 7, "an alias", "write it out").report(problems, "x")
    (problem,) = problems.found
    assert (problem.code, problem.offset, problem.message, problem.hint, problem.about) == (
        "alias",
        7,
        "an alias",
        "write it out",
        "x",
    )


def test_long_names_and_messages_are_cut() -> None:
    problem = Problem("invalid-entry", "x" * 200_000, "y" * 200_000, about="z" * 200_000, subject="w" * 200_000)
    text = format_problem(problem)
    assert len(text) < 12_000
    for letter in "wxyz":
        assert f"{letter}…" in text
    short = Problem("invalid-entry", "x" * 4000, "y" * 4000, about="z" * 1500, subject="w" * 1500)
    assert "…" not in format_problem(short)


WIDE = [("NAME", "STORAGE"), ("train", "claim " + "a" * 60), ("[bold]é", "\x1b[31m" + "word " * 20)]


def test_a_table_fits_the_terminal() -> None:
    lines = format_table(WIDE, "  ", 70).splitlines()
    assert max(map(len, lines)) <= 70
    assert all(line.startswith("  ") and line == line.rstrip() for line in lines)
    joined = " ".join("".join(lines).split())
    assert "[bold]é" in joined
    assert "\\u001b[31m" in joined
    assert "".join(lines).replace(" ", "").count("a" * 60) == 1
    assert joined.count("word") == 20


@pytest.mark.parametrize("width", [0, 59, 1000])
def test_a_table_stays_as_it_is_without_a_terminal_and_in_a_very_narrow_or_wide_one(width: int) -> None:
    assert format_table(WIDE, "  ", width) == format_table(WIDE, "  ")
