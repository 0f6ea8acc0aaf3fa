"""The line of a character that YAML does not allow."""

from __future__ import annotations

import pytest

from tests.support.cli import make_catalog, make_job, run


@pytest.mark.parametrize("lead", ["---\n", "a: b\n---\n", "---\na: b\n---\n", "# a\n\n---\n"])
@pytest.mark.parametrize("character", ["\x01", "\x1b", "\x7f"])
def test_the_line_of_a_control_character(lead: str, character: str) -> None:
    text = lead + make_catalog().removeprefix("---\n") + make_job(annotations=f"note: a{character}b\n")
    (line,) = (number for number, content in enumerate(text.split("\n"), 1) if character in content)
    result = run(stdin=text)
    assert (result.exit_code, result.output) == (1, b"")
    assert result.error.startswith(f"<stdin>:{line}: error[invalid-yaml] (unreadable document) ")
