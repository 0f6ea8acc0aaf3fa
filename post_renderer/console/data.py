"""Problems as data, for ``--output json``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from post_renderer.problems import Problem

FIELDS = ("severity", "code", "subject", "file", "line", "stream", "about", "message", "hint")


def problem_data(problems: Iterable[Problem]) -> list[dict[str, object]]:
    return [{field: getattr(problem, field) for field in FIELDS} for problem in problems]


def as_json(data: object) -> str:
    from json import dumps

    return dumps(data, indent=2) + "\n"  # ASCII: names may hold what would steer a terminal
