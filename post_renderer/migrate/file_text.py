"""Decodes the bytes of a user's file, and makes the problems that are about a whole file."""

from __future__ import annotations

import re

from post_renderer.problems import STANDARD_INPUT, USER_FILE, Problem, YamlError

FILE_LIMIT = 1 << 20  # bytes: more than people write by hand
BOM = "\ufeff"
SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")
# Two comments that migrate writes: the path of a key and a reason of several words, then the line of the key. People
# write alternatives in a similar form: `# image: a` above `# image: b`.
OWN_COMMENT = re.compile(r"^(?:# | *# (?:[\w-]+\.)+)([\w-]+): (?:\S+ ){2}.+\r?\n *# [\"']?\1[\"']?:", re.MULTILINE)
DIRECTIVE = re.compile(rf"{BOM}?([ \t\r]*(#.*)?\n)*(?=%)")


def shown_path(path: str) -> str:
    """Return how messages name a file of the command line."""
    return STANDARD_INPUT if path == "-" else path


def file_problem(code: str, message: str, hint: str, path: str, about: str = "") -> Problem:
    """Return a problem of a whole file, without a line. ``about``: the path of a key."""
    problem = Problem(code, message, hint, subject=USER_FILE, about=about)
    problem.file = shown_path(path)
    return problem


def decode(raw: bytes, limit: int = FILE_LIMIT) -> str:
    """Return the text of a file. ``limit``: the most bytes. Raises YamlError, with an offset in bytes."""
    if len(raw) > limit:
        raise YamlError("input-too-large", None, f"the file is larger than {FILE_LIMIT >> 20} MiB", "split the file")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise YamlError("invalid-encoding", error.start, "the file is not UTF-8", "save the file as UTF-8") from None
    lone = text.replace("\r\n", "\n\n").find("\r")
    if lone >= 0:
        raise YamlError(
            "invalid-yaml",
            len(text[:lone].encode()),
            "a line ends in a carriage return without a newline",
            "end lines with a newline",
        )
    directive = DIRECTIVE.match(text)
    if directive:
        raise YamlError("invalid-yaml", len(directive[0].encode()), "Helm 4 refuses directives (%)", "remove the line")
    return text


def has_own_comment(text: str, word: str = "") -> bool:
    """Return whether an earlier migration made a key a comment. ``word``: a part of its reason."""
    return any(word in found[0] for found in OWN_COMMENT.finditer(text))


def join_surrogates(text: str) -> str:
    """Return a JSON text with the character itself for an escaped surrogate pair, which no YAML reader accepts."""
    if not text.lstrip().startswith("{"):
        return text
    return SURROGATES.sub(lambda found: found[1] + _character(found[2]), text)


def _character(pair: str) -> str:
    high, low = int(pair[2:6], 16), int(pair[8:], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
