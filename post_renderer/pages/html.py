"""Writes the view as a web page: one file that loads nothing from a network.

Jinja escapes all text of the input. The policy of the page allows only its own style and its own script, by their
hashes. So a script in the input could not run, even if an escape were missing.
"""

from __future__ import annotations

import os
from base64 import b64encode
from hashlib import sha256
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from post_renderer.console.format import join_members
from post_renderer.pages.drawing import draw
from post_renderer.pages.picture import arrange
from post_renderer.problems import ERROR, escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from post_renderer.pages.view import View

TEMPLATE, STYLE, SCRIPT = "page.html.jinja", "page.css", "page.js"


class CodeText(NamedTuple):
    """What the page says about a code: sentences, and an example of what to write."""

    code: str
    severity: str
    meaning: str
    remedy: str
    example: str


def write_html(view: View, explain: Callable[[str], CodeText]) -> str:
    """Return the page. ``explain``: returns what to say about the code of a problem."""
    environment = Environment(
        loader=FileSystemLoader(os.path.dirname(__file__)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = escape_control
    style, script = (_read(environment, name) for name in (STYLE, SCRIPT))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    problems = [problem for problem, _ in join_members(view.all_problems())]  # counted as in the summary
    page = environment.get_template(TEMPLATE).render(
        view=view,
        drawing=draw(arrange(view.lines), _find_targets(view)) if view.lines else None,
        ids=_number_groups(view),
        errors=sum(problem.severity == ERROR for problem in problems),
        warnings=sum(problem.severity != ERROR for problem in problems),
        codes=[explain(code) for code in sorted({problem.code for problem in problems})],
        policy=policy,
        style=style,
        script=script,
    )
    return page + "\n"


def _read(environment: Environment, name: str) -> Markup:
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, name)[0])  # noqa: S704 - a file of this package


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _number_groups(view: View) -> dict[tuple[int, int], str]:
    """Return the id of each group, by the numbers of its table and of the group in the table."""
    return {
        (number, row): f"g{number}-{row}"
        for number, table in enumerate(view.tables)
        for row in range(len(table.groups))
    }


def _find_targets(view: View) -> dict[str, str]:
    ids = _number_groups(view)
    return {
        view.tables[table].groups[row].node: name
        for (table, row), name in ids.items()
        if view.tables[table].groups[row].node
    }
