"""Reads one entry of a catalog from a text."""

from __future__ import annotations

from post_renderer.catalog.entry import DATA, Entry, read_entry
from post_renderer.yamltree import parse
from post_renderer.yamltree.node import read_values


def read(text: str, role: str = DATA, name: str = "volume") -> tuple[Entry, list[tuple[str, str]]]:
    """The entry in a text, and the messages and hints about it."""
    said: list[tuple[str, str]] = []
    entry = read_entry(name, role, read_values(parse(text)), lambda message, hint, _: said.append((message, hint)))
    return entry, said
