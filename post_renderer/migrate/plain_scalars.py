"""Reads plain scalars as Polyaxon 0.x did, and as Helm 3 and 4 do, because the two read some spellings differently."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from yaml import SafeLoader, ScalarNode, YAMLError

from post_renderer.yamltree.node import FALSE_WORDS, NULLS, TRUE_WORDS

if TYPE_CHECKING:
    from datetime import date

    Plain = str | int | float | bool | date | None

LOADER = SafeLoader("")
LARGEST = 2**64  # whole numbers from here on are floats for Helm
WHOLE = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
PYTHON_NUMBER = re.compile(r"[-+]?\.?[0-9][-+.\w]*", re.ASCII)
PYTHON_FLOAT = re.compile(r"^(?!..?[xX]).*[.eE]")
UNDERSCORE = re.compile(r"(?<=[0-9])_(?=[0-9])")


def read_as_polyaxon(text: str) -> Plain:
    """Return the value of a plain scalar in PyYAML, with which Polyaxon read its files. Raises ValueError."""
    tag: str = LOADER.resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    node = ScalarNode(tag, text)
    try:
        value: Plain = LOADER.construct_object(node)
    except YAMLError:
        raise ValueError(text) from None
    finally:
        LOADER.constructed_objects.clear()
        LOADER.recursive_objects.clear()
    return value


def evaluate(value: Plain) -> Plain:
    """Return the number that Polyaxon made of a text in params and variables, which it evaluated as Python: ``1e3``.

    Return any other value unchanged. Python accepts no number such as ``08``.
    """
    if not isinstance(value, str) or not PYTHON_NUMBER.fullmatch(value):
        return value
    try:
        return float(value) if PYTHON_FLOAT.search(value) else int(value, 0)
    except ValueError:
        return value


def read_as_helm(text: str) -> str | int | float | bool | None:
    """Return the value of a plain scalar in the YAML reader of Helm 3 and 4 (resolve.go of go.yaml.in/yaml/v2)."""
    if text in NULLS:
        return None
    if text in TRUE_WORDS or text in FALSE_WORDS:
        return text in TRUE_WORDS
    if SPECIAL.fullmatch(text):
        return float(text.replace(".", ""))
    if text[0] == ".":
        bare = UNDERSCORE.sub("", text)
    elif text[0] in "+-0123456789":
        bare = text.replace("_", "")
    else:
        return text
    if (whole := WHOLE.fullmatch(bare)) and whole[1]:
        number = _to_int(bare, whole[1])
        if number < LARGEST:
            return number
    if FLOAT.fullmatch(bare) and abs(value := float(bare)) != float("inf"):
        return value
    return text


def _to_int(text: str, digits: str) -> int:
    prefix, sign = digits[:2].lower(), -1 if text[0] == "-" else 1
    if prefix in ("0x", "0b", "0o"):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if digits[0] == "0" else 10)


def is_same(old: Plain, new: Plain) -> bool:
    """Return whether two values have the same meaning for a program. 1 and 1.0 are one number, but 1 is not true."""
    return old == new and (type(old) is type(new) or not (isinstance(old, bool) or isinstance(new, bool)))
