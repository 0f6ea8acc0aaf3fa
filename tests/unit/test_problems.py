"""The collection of problems, and the hints that list known names: no work is repeated for each problem."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from post_renderer.problems import COMPARISONS, WARNING, Problem, Problems, flatten, promote_warnings, suggest

if TYPE_CHECKING:
    import pytest


def test_errors_are_counted_once_each() -> None:
    problems = Problems()
    for number in range(100):
        problems.found.append(Problem("conflict", "x"))
        assert problems.count_errors() == number + 1
        problems.found[-1].severity = WARNING  # nothing looks at it again


def test_errors_are_counted_again_after_some_were_taken_out() -> None:
    problems = Problems()
    for code in ("conflict", "request-ignored", "alias"):
        problems.add(code, "x")
    assert problems.count_errors() == 2
    problems.keep(lambda problem: problem.code != "conflict")
    assert [problem.code for problem in problems.found] == ["request-ignored", "alias"]
    assert (problems.has_errors(), problems.count_errors()) == (True, 1)
    problems.add("conflict", "x")
    assert problems.count_errors() == 2


def test_an_entry_that_two_runs_use_has_its_problems_once() -> None:
    first, second = [Problem("invalid-entry", "a"), Problem("invalid-entry", "b")], [Problem("invalid-entry", "a")]
    assert flatten([first, second, first]) == [*first, *second]
    promote_warnings(flatten([first]))


def test_of_many_unknown_words_the_first_ones_are_compared_with_a_large_catalog(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = []
    find = difflib.get_close_matches

    def count(word: str, names: list[str], *more: Any) -> list[str]:
        compared.append(len(names))
        return find(word, names, *more)

    monkeypatch.setattr(difflib, "get_close_matches", count)
    known = {f"data-{number:04}": number for number in range(2000)}
    hints = [suggest(f"data_{number:04}", known) for number in range(1000)]
    assert COMPARISONS <= sum(compared) <= COMPARISONS + len(known)
    listed = "Known: " + ", ".join(f"data-{number:04}" for number in range(12)) + " and 1988 more"
    assert hints[0] == f'did you mean "data-0000"? {listed}'
    assert hints[-1] == listed
    assert suggest("data_1999", dict(known)) == f'did you mean "data-1999"? {listed}'


def test_all_unknown_words_are_compared_with_few_known_ones() -> None:
    known = [f"data-{number}" for number in range(100)]
    assert all(suggest("data_7", known).startswith('did you mean "data-7"?') for _ in range(50))
