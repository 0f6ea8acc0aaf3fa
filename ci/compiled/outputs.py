"""Prints a hash of all that the program writes for each of many inputs: `ci.compiled.compare` runs it on both programs.

usage: python -m ci.compiled.outputs MUTATIONS [DIRECTORY OF STREAMS]
The first line is the file of the program's main module.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import post_renderer.cli
from ci.bench import streams
from post_renderer.yamltree import fast_reader
from tests.golden.test_golden import CASES, read_arguments, read_golden
from tests.support.cli import run
from tests.support.mutations import mutate
from tests.support.paths import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 6_000  # characters of a text that is mutated
COMMANDS = ("check", "explain", "verify", "flux-patches")


def hash_run(*arguments: str, stdin: bytes) -> str:
    result = run(*arguments, stdin=stdin)
    everything = b"%d\0%b\0%b" % (result.exit_code, result.output, result.error.encode())
    return f"{result.exit_code} {hashlib.sha256(everything).hexdigest()}"


def run_goldens() -> Iterator[tuple[str, str]]:
    for name in CASES:
        os.chdir(GOLDEN / name)
        variables = dict(line.split("=", 1) for line in read_golden(name, "environment").splitlines())
        raw = Path("input.yaml").read_bytes()
        with patch.dict(os.environ, variables):
            yield name, hash_run(*read_arguments(name), stdin=raw)
        for command in COMMANDS:
            yield f"{name} {command}", hash_run(command, stdin=raw)


def run_streams(directory: str) -> Iterator[tuple[str, str]]:
    """Also with the full reader alone, and with an anchor in each document."""
    made = {
        "a": streams.make_a(),
        "b": streams.make_b(300),
        "c": streams.make_large(20, 2_000_000),
        "a200": streams.make_a(200),
    }
    texts = {name: text.encode() for name, text in made.items()}
    texts |= {path.name: path.read_bytes() for path in sorted(Path(directory).iterdir())} if directory else {}
    texts |= {f"{name} with anchors": raw.replace(b"\nspec:\n", b"\nspec: &a\n") for name, raw in texts.items()}
    for name, raw in texts.items():
        for command in ("render", *COMMANDS):
            yield f"{name} {command}", hash_run(command, stdin=raw)
        with patch.object(fast_reader, "LINE_LIMIT", -1):
            yield f"{name} full reader", hash_run(stdin=raw)


def run_mutations(count: int) -> Iterator[tuple[str, str]]:
    sources = [(GOLDEN / name / "input.yaml").read_bytes().decode("utf-8", "replace") for name in CASES]
    sources = [text for text in sources if len(text) <= LONGEST]
    for number in range(count):
        chance = random.Random(f"compiled {number}")  # noqa: S311 - the same mutations in both programs
        text = chance.choice(sources)
        for _ in range(chance.randrange(1, 4)):
            text = mutate(text, chance)
        command = "render" if number % 10 else chance.choice(COMMANDS)
        yield f"mutation {number} {command}", hash_run(command, stdin=text.encode("utf-8", "surrogatepass"))


def main() -> None:
    count, directory = int(sys.argv[1]), os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else ""
    print(post_renderer.cli.__file__)
    with tempfile.TemporaryDirectory() as state, patch.dict(os.environ, {"XDG_STATE_HOME": state}):
        for name, found in (*run_goldens(), *run_streams(directory), *run_mutations(count)):
            print(f"{name}: {found}")


if __name__ == "__main__":
    main()
