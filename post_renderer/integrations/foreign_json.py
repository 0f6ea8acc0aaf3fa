"""Reads JSON that users and other programs write. An error is a text in the result, not an exception."""

from __future__ import annotations

import json

from post_renderer.problems import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn


def read_json(text: str) -> tuple[object, str]:
    """Return the value, and an error message (empty if the text is valid). The caller checks the type of the value.

    Every number is a float, because Python raises ValueError for an integer of some thousands of digits. NaN and
    Infinity, which Python accepts and JSON does not, are an error. A repeated key is an error, too.
    """
    return _read(text, _refuse_repeated)


def read_pairs(text: str) -> tuple[list[tuple[str, object]], str]:
    """Return the keys and values of all objects in the text, at any depth and also of repeated keys, and an error."""
    found: list[tuple[str, object]] = []
    return found, _read(text, found.extend)[1]


def find_texts(value: object) -> list[str]:
    """Return the texts in a value of any form and depth. Keys of an object are names, and left out."""
    found: list[str] = []
    values = [value]
    for item in values:  # it grows
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict | list):
            values += item.values() if isinstance(item, dict) else item
    return found


def _read(text: str, take_pairs: Callable[[list[tuple[str, object]]], object]) -> tuple[object, str]:
    """``take_pairs``: gets the pairs of each object, and returns the value of the object."""
    try:
        value: object = json.loads(text, parse_int=float, parse_constant=_refuse_constant, object_pairs_hook=take_pairs)
    except json.JSONDecodeError as error:  # the text may be secret, so no part of it is quoted
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
