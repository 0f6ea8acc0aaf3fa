"""A plugin of pytest for `make mutation`: writes how long each test takes, or runs chosen tests only."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

SECONDS = "MUTATION_SECONDS"  # a directory, in which each process writes the seconds of its tests
LEAVE_OUT = "MUTATION_LEAVE_OUT"  # a file with the names of the tests that are not run
MEMORY = 4 << 30  # a mutant may append to a list for ever

_seconds: dict[str, float] = {}


def pytest_configure() -> None:
    if LEAVE_OUT in os.environ:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test whose name is new, because the mutant changed a parameter, is run, too."""
    if LEAVE_OUT in os.environ:
        left_out = set(Path(os.environ[LEAVE_OUT]).read_text(encoding="utf-8").splitlines())
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
        items[:] = [item for item in items if item.nodeid not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Processor seconds of this process and its children, because others may use the machine."""
    before = os.times()
    result = yield
    _seconds[item.nodeid] = sum(os.times()[:4]) - sum(before[:4])
    return result


def pytest_sessionfinish() -> None:
    if SECONDS in os.environ:
        path = Path(os.environ[SECONDS]) / f"{os.getpid()}.json"
        path.write_text(json.dumps(_seconds), encoding="utf-8")
