"""Hides secrets in the messages that an Application's page shows: values of its parameters, and users of URLs.

Programs write one value in several ways: Go's %q, JSON and YAML escape characters, and each of them can quote the text
of another one. So a text is also compared as it is without its escapes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from post_renderer.problems import escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from post_renderer.problems import Problem

    Span = tuple[int, int]

SHORTEST = 4  # characters: a message that hides every 1 and true is unreadable
READABLE = ("true", "false", "null")  # a value that is no secret
HIDDEN = "***"
HIDDEN_HINT = "the hint is hidden, too. To see both, render the chart with these parameters on your own machine"
CUT = ("…", "...")  # what programs write after a value that they cut
LONGEST_CUT = 80  # characters of a cut value: see problems.quoted
READINGS = 4  # a text as it is, and without up to three layers of escapes
ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
HEX_ESCAPES = {"x": 2, "u": 4, "U": 8}  # how many digits follow
AFTER_A_URL = " \t\"'`<>"


class Mask:
    """The secrets, in a form that makes a search for all of them at once fast."""

    __slots__ = ("_by_head", "_lengths", "_secrets")

    def __init__(self, values: Iterable[str]) -> None:
        """``values``: the values of ``--set`` and ``--set-string``."""
        self._secrets: set[str] = set()
        for value in values:
            self._secrets.update(word for word in _spellings(value) if len(word) >= SHORTEST and word not in READABLE)
        # By their first characters: the secrets, and their lengths.
        self._by_head: dict[str, list[str]] = {}
        for secret in self._secrets:
            self._by_head.setdefault(secret[:SHORTEST], []).append(secret)
        self._lengths = {head: sorted(set(map(len, found)), reverse=True) for head, found in self._by_head.items()}

    def hide(self, text: str) -> str:
        """Return the text with ``***`` in the place of each secret, and of the beginning of one that was cut."""
        if not self._secrets:
            return text
        spans: list[Span] = []
        reading: str = text
        places: Sequence[int] = range(len(text) + 1)
        for _ in range(READINGS):
            spans += [(places[start], places[end]) for start, end in self._find(reading)]
            if "\\" not in reading:
                break
            reading, places = _without_escapes(reading, places)
        return _cover(text, spans)

    def hide_in_problems(self, problems: Iterable[Problem]) -> None:
        """A hint of a message with a secret is replaced: it may suggest the secret in a corrected form."""
        for problem in problems if self._secrets else ():
            message = self.hide(problem.message)
            problem.hint = self.hide(problem.hint) if message == problem.message or not problem.hint else HIDDEN_HINT
            problem.message = message
            problem.subject = self.hide(problem.subject)
            problem.about = self.hide(problem.about)

    def hide_in_messages(self, text: str) -> str:
        """Return what another program wrote to standard error, also without the users of URLs."""
        lines = self.hide(text).splitlines()
        return "".join(escape_control(_hide_users(line)) + "\n" for line in lines)

    def _find(self, text: str) -> Iterator[Span]:
        starts: list[int] = []  # where the text has the first characters of a secret
        for start in range(len(text) - SHORTEST + 1):
            if lengths := self._lengths.get(text[start : start + SHORTEST]):
                starts.append(start)
                for length in lengths:
                    # The slice is shorter at the end of the text, where it may be another secret.
                    if start + length <= len(text) and text[start : start + length] in self._secrets:
                        yield start, start + length
                        break
        for mark in CUT if starts else ():
            end = text.find(mark)
            while end >= 0:
                yield from self._find_cut(text, end, starts)
                end = text.find(mark, end + 1)

    def _find_cut(self, text: str, end: int, starts: list[int]) -> Iterator[Span]:
        """Yield the longest beginning of a secret that the text has before ``end``."""
        for start in starts[bisect_left(starts, end - LONGEST_CUT) : bisect_right(starts, end - SHORTEST)]:
            known = self._by_head[text[start : start + SHORTEST]]
            if any(secret.startswith(text[start:end]) for secret in known):
                yield start, end
                return


def _spellings(value: str) -> Iterator[str]:
    """Yield a value as it is and as Helm reads it: also each of its lines, because many messages have one line."""
    readings = {value, *_read_as_helm(value)}
    for reading in [*readings]:
        readings.update(reading.splitlines())
    for reading in readings:
        word = reading.strip()
        yield from (reading, word, word.replace("'", "''"))  # YAML doubles a quote
        number = word.lstrip("+-")
        if number.isascii() and number.isdecimal() and len(number) <= 20:
            yield from (number, f"{int(number):,}")  # the second form is that of Helm's validator of schemas
            digits = repr(float(number)).partition("e")[0].replace(".", "").rstrip("0")
            yield f"{digits[:1]}.{digits[1:]}"  # for 1.234567e+06


def _read_as_helm(value: str) -> Iterator[str]:
    """Yield what ``--set`` can make of a value: the parts of a list, without backslashes."""
    parts, whole = [""], ""
    is_escaped = False
    for char in value:
        if char == "\\" and not is_escaped:
            is_escaped = True
            continue
        whole += char
        if is_escaped or char not in "{},=":
            parts[-1] += char
        else:
            parts.append("")
        is_escaped = False
    yield whole
    if len(parts) > 1:
        yield from parts
        yield from whole.removeprefix("{").removesuffix("}").split(",")


def _without_escapes(text: str, places: Sequence[int]) -> tuple[str, list[int]]:
    """Return the text without one layer of escapes, and for each of its characters the place in the first text."""
    pieces: list[str] = []
    found: list[int] = []
    start = 0
    while 0 <= (place := text.find("\\", start)) < len(text) - 1:
        char, length = _read_escape(text, place + 1)
        pieces += (text[start:place], char)
        found += (*places[start:place], places[place])
        start = place + 1 + length
    pieces.append(text[start:])
    found += places[start:]
    return "".join(pieces), found


def _read_escape(text: str, place: int) -> tuple[str, int]:
    """Return the character of the escape behind a backslash, and the length of the escape."""
    kind = text[place]
    if kind in HEX_ESCAPES:
        digits = text[place + 1 : place + 1 + HEX_ESCAPES[kind]]
        if len(digits) == HEX_ESCAPES[kind] and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            number = int(digits, 16)
            return (chr(number) if number <= 0x10FFFF else "\ufffd"), 1 + len(digits)
    return ESCAPES.get(kind, kind), 1


def _cover(text: str, spans: list[Span]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if start >= done:
            pieces += (text[done:start], HIDDEN)
        done = max(done, end)
    return "".join((*pieces, text[done:]))


def _hide_users(line: str) -> str:
    """Hide the users and passwords in the URLs of a line. A slash in a password is wrong, but it is hidden, too."""
    first, *others = line.split("://")
    pieces = [first]
    for other in others:
        address = other[: min((place for char in AFTER_A_URL if (place := other.find(char)) >= 0), default=len(other))]
        host = address.partition("/")[0]
        if ":" in host.rpartition("@")[2] and not host.startswith("["):
            host = address
        pieces.append(f"{HIDDEN}@{other[host.rindex('@') + 1 :]}" if "@" in host else other)
    return "://".join(pieces)
