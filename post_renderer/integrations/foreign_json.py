"""Reads JSON that users and other programs write, and returns what is wrong with it. Nothing else reads JSON."""

from __future__ import annotations

import json

from post_renderer.problems import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def read_json(text: str) -> tuple[object, str]:
    """The value, and what is wrong with the text (empty: nothing). The caller checks the value's shape.

    Every number is a float: nobody needs one, and Python refuses to read an integer of some thousands of digits. What
    Python accepts and JSON does not (NaN, Infinity) is an error, and so is a repeated key.
    """
    try:
        value: object = json.loads(
            text, parse_int=float, parse_constant=_refuse_constant, object_pairs_hook=_refuse_repeated
        )
    except json.JSONDecodeError as error:  # its message quotes nothing of the text, which may be secret
        return None, f"not valid JSON at line {error.lineno}, column {error.colno}"
    except ValueError as error:
        return None, str(error)
    except RecursionError:
        return None, "nested too deeply"
    return value, ""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse_repeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {quoted(key)} is repeated")
        found[key] = value
    return found
