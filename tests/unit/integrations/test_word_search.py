"""The words that a search finds are those that a comparison of each place finds."""

from __future__ import annotations

import random

from post_renderer.integrations.word_search import WordSearch


def expected(words: set[str], text: str, marks: tuple[str, ...]) -> list[tuple[int, int]]:
    found = []
    for end in range(1, len(text) + 1):
        ending = [word for word in words if text.endswith(word, 0, end)]
        if ending:
            found.append((end - max(map(len, ending)), end))
        begun = [start for start in range(end) if any(word.startswith(text[start:end]) for word in words)]
        if begun and end - begun[0] >= 2 and text.startswith(marks, end):
            found.append((begun[0], end))
    return found


def test_the_same_as_each_comparison() -> None:
    choose = random.Random(7)
    for _ in range(400):
        words = {"".join(choose.choices("ab\U0010ffff", k=choose.randint(1, 5))) for _ in range(choose.randint(0, 6))}
        text = "".join(choose.choices("ab\U0010ffff.c", k=40))
        assert list(WordSearch(words).find(text, ("c", "..."), 2)) == expected(words, text, ("c", "...")), (words, text)
