"""A plugin for the compiled run: a test that patches a function or a class of compiled code fails.

Without it, such a test would pass and show nothing: compiled code does not look these names up.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any
from unittest import mock

import pytest

from tests.support.compiled import COMPILED


def refuse(target: object, name: str) -> None:
    """Fail if ``name`` is a function, a method or a class of compiled code in a compiled module or class."""
    owner = target.__name__ if isinstance(target, ModuleType) else getattr(target, "__module__", "")
    value = getattr(target, name, None)
    source = owner if not isinstance(target, ModuleType) else getattr(value, "__module__", None)
    if owner in COMPILED and source in COMPILED and callable(value):
        pytest.fail(f"{owner} is compiled: a test can't replace its {name}")


def pytest_configure() -> None:
    setattr_, enter = pytest.MonkeyPatch.setattr, mock._patch.__enter__

    def checked_setattr(patcher: pytest.MonkeyPatch, target: Any, name: Any, *words: Any, **options: Any) -> None:
        if isinstance(target, str):
            path, _, attribute = target.rpartition(".")
            if path in COMPILED:
                refuse(import_module(path), attribute)
        else:
            refuse(target, name)
        setattr_(patcher, target, name, *words, **options)

    def checked_enter(patch: Any) -> Any:
        refuse(patch.getter(), patch.attribute)
        return enter(patch)

    pytest.MonkeyPatch.setattr = checked_setattr  # type: ignore[method-assign, assignment] # as the docstring says
    mock._patch.__enter__ = checked_enter  # type: ignore[method-assign]
