"""Finds many words in one pass over a text, by the algorithm of Aho and Corasick."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Span = tuple[int, int]

CODE_BITS = 21  # of a character


class WordSearch:
    """A state is the beginning of some words; state 0 is the empty one. Lists have a value for each state."""

    __slots__ = ("_depths", "_longest", "_next", "_shorter")

    def __init__(self, words: Iterable[str]) -> None:
        self._next: dict[int, int] = {}  # state and character: the state that is longer by this character
        self._depths = [0]  # the length of the state
        self._longest = [0]  # the length of the longest word at the end of the state; 0 if there is none
        self._shorter = [0]  # the longest other state at the end of the state
        parents = [0]  # state without its last character
        codes = [0]  # its last character
        for word in words:
            state = 0
            for char in word:
                code = ord(char)
                found = self._next.setdefault(state << CODE_BITS | code, len(parents))
                if found == len(parents):
                    parents.append(state)
                    codes.append(code)
                    self._depths.append(self._depths[state] + 1)
                    self._longest.append(0)
                    self._shorter.append(0)
                state = found
            self._longest[state] = len(word)
        for state in sorted(range(1, len(parents)), key=self._depths.__getitem__):
            if parents[state]:
                self._shorter[state] = self._step(self._shorter[parents[state]], codes[state])
                self._longest[state] = self._longest[state] or self._longest[self._shorter[state]]

    def find(self, text: str, marks: tuple[str, ...] = (), shortest: int = 1) -> Iterator[Span]:
        """Yield the longest word at each place where a word ends, as (start, end).

        Before each of the ``marks``, also yield the longest text that begins a word, from ``shortest`` characters on.
        """
        state = 0
        for end, char in enumerate(text, 1):
            code = ord(char)
            found = self._next.get(state << CODE_BITS | code)
            state = self._step(state, code) if found is None and state else found or 0
            if not state:
                continue
            if self._longest[state]:
                yield end - self._longest[state], end
            if self._depths[state] >= shortest and text.startswith(marks, end):
                yield end - self._depths[state], end

    def _step(self, state: int, code: int) -> int:
        """Return the longest state at the end of ``state`` and the next character."""
        found = self._next.get(state << CODE_BITS | code)
        while found is None and state:
            state = self._shorter[state]
            found = self._next.get(state << CODE_BITS | code)
        return found or 0
