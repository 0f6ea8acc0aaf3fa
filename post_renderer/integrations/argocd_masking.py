"""Hides secrets in the messages that an Application's page shows: values of its parameters, and users of URLs.

Programs write one value in several ways. Go's %q, JSON and YAML escape characters, and each of them can quote the text
of another one: so a text is also compared as it is without its escapes. YAML breaks long lines: so all white space
counts as one space.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from post_renderer.console import Rejected
from post_renderer.integrations.word_search import WordSearch
from post_renderer.problems import CODES, ERROR, WARNING, Problem, escape_control

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from post_renderer.integrations.word_search import Span

SHORTEST = 4  # characters: a message that hides every 1 and true is unreadable
# Values that are no secrets: without the program's own words, its messages would be unreadable.
READABLE = {"true", "false", "null", ERROR, WARNING, "hint", *CODES}
HIDDEN = "***"
MARK = "\0"  # for a hidden value, until all secrets are found: no message has a NUL
HINT = "  hint: "
HIDDEN_HINT = "the hint is hidden, too. To see both, render the chart with these parameters on your own machine"
CUT = ("…", "...")  # what programs write after a value that they cut
KEPT = 1 << 18  # characters of the beginning of a long message, and of its end: masking needs 100 bytes for each
MOST = 1 << 16  # characters of all secrets: the search for them needs up to 7 KB of memory for each
LONGEST = 1 << 18  # characters that a secret needs in a message, at most: all values together have a quarter of that
READINGS = 4  # a text as it is, and without up to three layers of escapes
SPACE = re.compile(r"\s\s+|[^\S ]")  # white space that is not one space
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
ESCAPES = dict(zip("abfnrtv0eN_LP", "\a\b\f\n\r\t\v\0\x1b\x85\xa0\u2028\u2029", strict=True))  # from "0" on only YAML's
UNESCAPED = "$&+,;="  # what Go does not escape in the user of a URL
PORT = re.compile(r'(?<=invalid port ")[^"]+')  # Go takes a password with a slash for a port
AFTER_A_URL = " \t\"'`<>"


class _Secrets:
    """Texts that no message may show. The search for them is made when the first message comes."""

    __slots__ = ("_search", "_words")

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._search: WordSearch | None = None

    def add(self, words: Iterable[str]) -> None:
        found = {" ".join(form.split()) for word in words for form in (word, escape_control(word))}
        self._words.update(word for word in found if len(word) >= SHORTEST and word not in READABLE)
        self._search = None

    def find(self, text: str) -> list[Span]:
        """Return where the text has a secret, or the beginning of one that was cut."""
        if not self._words:
            return []
        if self._search is None:
            self._search = WordSearch(self._words)
        spans: list[Span] = []
        reading: str = text
        places: Sequence[int] = range(len(text) + 1)
        for _ in range(READINGS):
            folded, at = _replace(SPACE, lambda _: " ", reading, places)
            spans += [(at[start], at[end]) for start, end in _join(self._search.find(folded, CUT, SHORTEST))]
            if "\\" not in reading:
                break
            reading, places = _replace(ESCAPE, _read_escape, reading, places)
        return spans


class Mask:
    """The secrets of an Application. All messages of the plugin go through it, and it may learn secrets meanwhile."""

    __slots__ = ("_left", "_users", "_values")

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values, self._users = _Secrets(), _Secrets()
        self._left = MOST
        self.add_values(values)

    def add_values(self, values: Iterable[str]) -> None:
        """``values``: the values of ``--set`` and ``--set-string``. Raises Rejected if all secrets are too long."""
        given = [*values]
        self._take(given)
        self._values.add(word for value in given for word in _spellings(value))

    def add_urls(self, texts: Iterable[str]) -> None:
        """Add the users of URLs, also those with characters that can't be in one.

        ``texts``: any texts. Each of them is one URL, or none. Raises Rejected if all secrets are too long.
        """
        users = [address[: max(address.rfind("@"), 0)] for text in texts if (address := text.partition("://")[2])]
        self._take(users)
        self._users.add(word for user in users for word in _write_user(user))

    def _take(self, secrets: Iterable[str]) -> None:
        """Raise Rejected with one error if there are too many secrets: other messages could show them."""
        self._left -= sum(map(len, secrets))
        if self._left < 0:
            message = "the values of the Helm parameters, and the users of URLs in the chart, have more than "
            hint = "write long values into a values file of the repository, or set the parameter values"
            message += f"{MOST:,} characters"
            raise Rejected([Problem("argocd-parameter", message, hint, subject="(application)")])

    def hide(self, text: str) -> str:
        """Return the text with ``***`` in the place of each secret, and of the beginning of one that was cut."""
        return self._mark(text).replace(MARK, HIDDEN)

    def hide_in_messages(self, text: str) -> str:
        """Return the messages of any program without secrets and without the users of URLs.

        The hint of a message with a value is replaced: it may suggest the value in a corrected form.
        """
        lines: list[str] = []
        has_value = False
        marked = self._mark(text) if len(text) <= 2 * KEPT + LONGEST else self._mark_ends(text)
        for line in marked.splitlines():
            if has_value and line.startswith(HINT):
                lines.append(HINT + HIDDEN_HINT)
            else:
                has_value = MARK in line
                lines.append(_hide_users(line.replace(MARK, HIDDEN)))
        return "".join(f"{line}\n" for line in lines)

    def _mark_ends(self, text: str) -> str:
        """Do the same for a long text, and leave out its middle. No part of a secret stays where the text is cut."""
        beginning = text[:KEPT].rpartition(" ")[0] or text[:KEPT]  # a URL that is cut has no @
        marked = self._mark(beginning + CUT[0])
        end = self._mark(text[-KEPT - LONGEST :], LONGEST).partition("\n")[2]
        return f"{marked}\n({len(text) - len(beginning) - len(end):,} characters are left out here)\n{end}"

    def _mark(self, text: str, first: int = 0) -> str:
        """Replace each value by MARK, and each user by HIDDEN. ``first``: leave out the text before this place.

        If a secret is in that text, the result begins with a mark.
        """
        marks = [(start, end, MARK) for start, end in self._values.find(text)]
        # The @ after a user stays.
        marks += [(start, end - text.endswith("@", start, end), HIDDEN) for start, end in self._users.find(text)]
        pieces: list[str] = [""]
        done = first
        for start, end, mark in sorted(marks):
            if start < done:  # it overlaps the one before, or begins in the text that is left out
                pieces[-1] = min(pieces[-1] or mark, mark)
            else:
                pieces += (text[done:start], mark)
            done = max(done, end)
        return "".join((*pieces, text[done:]))


def _write_user(user: str) -> Iterator[str]:
    """Yield the user and the password of a URL in the forms of several programs. A user alone may be a usual word."""
    password = user.partition(":")[2]
    for word in (user, password) if password else (user,):
        for form in (word, unquote(word), *(quote(word, safe, errors="surrogatepass") for safe in ("", UNESCAPED))):
            yield form if password or not form else f"{form}@"


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
    # Helm's errors quote the keys that it reads after a brace or a backslash.
    separators = "{},=.[]" if any(char in value for char in "{}\\") else "{},="
    is_escaped = False
    for char in value:
        if char == "\\" and not is_escaped:
            is_escaped = True
            continue
        whole += char
        if is_escaped or char not in separators:
            parts[-1] += char
        else:
            parts.append("")
        is_escaped = False
    yield whole
    if len(parts) > 1:
        yield from parts
        yield from whole.removeprefix("{").removesuffix("}").split(",")


def _replace(
    pattern: re.Pattern[str], new: Callable[[re.Match[str]], str], text: str, places: Sequence[int]
) -> tuple[str, Sequence[int]]:
    """Replace each match by one character. Also return the place of each character in the first text.

    ``places``: the places of the characters of ``text``.
    """
    pieces: list[str] = []
    found: list[int] = []
    start = 0
    for match in pattern.finditer(text):
        place = match.start()
        pieces += (text[start:place], new(match))
        found += places[start : place + 1]
        start = match.end()
    if not pieces:
        return text, places
    pieces.append(text[start:])
    found += places[start:]
    return "".join(pieces), found


def _read_escape(match: re.Match[str]) -> str:
    if char := match[4]:
        return ESCAPES.get(char, char)
    number = int(match[1] or match[2] or match[3], 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"


def _join(spans: Iterable[Span]) -> list[Span]:
    """Join the spans that overlap. They are in the order of their starts or of their ends."""
    joined: list[Span] = []
    for start, end in spans:
        while joined and start < joined[-1][1]:
            first, last = joined.pop()
            start, end = min(start, first), max(end, last)  # noqa: PLW2901
        joined.append((start, end))
    return joined


def _hide_users(line: str) -> str:
    """Hide the users and passwords in the URLs of a line: all until the last ``@`` before the path.

    Characters that must be escaped in a URL, such as a quote or a slash, can be in a password, too.
    """
    first, *others = line.split("://")
    pieces = [first]
    for other in others:
        end = _end_of_user(other)
        pieces.append(f"{HIDDEN}@{PORT.sub(HIDDEN, other[end:])}" if end else other)
    return "://".join(pieces)


def _end_of_user(address: str) -> int:
    """Return the place after the ``@`` of the user; 0 if there is none. ``address``: what follows ``://`` in a line."""
    host = address.partition("/")[0]
    name, colon, port = host.rpartition("@")[2].rpartition(":")
    if colon and not name.startswith("["):
        host = address  # in a password, a slash is wrong, but it is hidden, too
        if port.isdecimal():  # it may be a port, and the next URL or address in the line may have an @
            host = address[: min((at for char in AFTER_A_URL if (at := address.find(char)) >= 0), default=len(address))]
    return host.rfind("@") + 1
