"""The goals of a render, and whether the figures of a run reach them. Figures are CPU times, if nothing else is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

Data = dict[str, Any]
BUILD = "{build}"  # in the name of a figure
REACHED, MISSED, TO_KNOW = "reached", "missed", "to know"


class Goal(NamedTuple):
    """A figure of both builds and their limits. A limit of None: the figure is only there to know.

    ``kind``: what is compared, a name in KINDS. ``figure``: row and contestant. ``other``: what it is compared with.
    """

    what: str
    kind: str
    figure: str
    other: str
    compiled: float | None
    pure: float | None


GOALS = [
    Goal("a, small release", "ratio", "a/{build}", "a/pyc", 1.4, 1.9),
    Goal("a, small release", "ratio", "a/{build}", "a/yq", 1.0, None),
    Goal("b, 1,000 annotated", "ratio", "b/{build}", "b/pyc", 18, 40),
    Goal("b, 1,000 annotated", "ratio", "b/{build}", "b/yq", 0.22, 0.5),
    Goal("b, ASCII", "ratio", "b-ascii/{build}", "b/{build}", 1.0, 1.0),
    Goal("c, 10 MB, 20 annotated", "ratio", "c/{build}", "c/copy", 1.2, 1.4),
    Goal("n, nothing annotated", "ratio", "n/{build}", "n/copy", 1.0, 1.0),
    Goal("b, 1,000 → 10,000", "ratio", "b10000/{build}", "b/{build}", 10.5, 10.5),
    Goal("share of `helm template`, Helm 3", "share", "helm/helm3 + {build}", "helm/helm3", 0.12, 0.2),
    Goal("share of `helm template`, Helm 4", "share", "helm/helm4 + {build}", "helm/helm4", 0.12, 0.2),
    Goal("`verify` of 10,000 live Jobs", "seconds", "live/{build}", "", 3, None),
    Goal("peak memory on a", "memory", "a/{build}", "", 12, 12),
    Goal("peak memory on c", "memory over the input", "c/{build}", "c", 14, 14),
    Goal("input lines lost", "lost lines", BUILD, "", 0, 0),
    Goal("a, installed by the bundled pip", "ratio", "a/bundled", "a/pyc", None, None),
    Goal("a, the imports alone", "ratio", "a/imports", "a/pyc", None, None),
    Goal("a, catalog of 50 entries", "ratio", "a50/{build}", "a50/pyc", None, None),
    Goal("held-out a with `--persistence`", "ratio", "a-site/{build}", "a-site/pyc", None, None),
    Goal("held-out n with `--persistence`", "ratio", "n-site/{build}", "n-site/copy", None, None),
    Goal("b, full reader only", "ratio", "b/full", "b/yq", None, None),
    Goal("b, full reader without the second parse", "ratio", "b/once", "b/yq", None, None),
    Goal("b, libyaml's events alone", "ratio", "b/events", "b/yq", None, None),
]  # fmt: skip
# Jobs of the project's chart lose their gate and their name without a hash on purpose.
LOSES_ON_PURPOSE = "j"


class Finding(NamedTuple):
    """A figure beside its limit. ``value`` and ``limit`` are compared, the other fields are shown."""

    value: float
    limit: float | None
    figure: str
    goal: str

    def verdict(self) -> str:
        if self.limit is None:
            return TO_KNOW
        return REACHED if self.value <= self.limit else MISSED


def _ratio(data: Data, figure: str, other: str, limit: float | None) -> Finding:
    value = _cpu(data, figure) / _cpu(data, other)
    row, _, contestant = other.partition("/")
    unit = contestant if figure.startswith(f"{row}/") else row
    return Finding(value, limit, f"{_short(value)} × {unit}", f"≤ {limit}")


def _share(data: Data, figure: str, other: str, limit: float | None) -> Finding:
    """Compare `helm template` with a build and with the Python copy, both as a multiple of that with `cat`."""
    cat = _cpu(data, f"{other} + cat")
    value, copy = _cpu(data, figure) / cat, _cpu(data, f"{other} + copy") / cat
    return Finding(value - copy, limit, f"{_short(value)} × cat; copy: {_short(copy)}", f"≤ copy + {limit}")


def _seconds(data: Data, figure: str, _other: str, limit: float | None) -> Finding:
    value = _cpu(data, figure) / 1000
    return Finding(value, limit, f"{value:.2f} s", f"≤ {limit} s")


def _memory(data: Data, figure: str, _other: str, limit: float | None) -> Finding:
    value = data["results"][figure]["memory"] / 1e6
    return Finding(value, limit, f"{value:.2f} MB", f"≤ {limit} MB")


def _memory_over_input(data: Data, figure: str, other: str, limit: float | None) -> Finding:
    value, size = data["results"][figure]["memory"] / 1e6, data["streams"][other]["bytes"] / 1e6
    return Finding(value - size, limit, f"{value:.2f} MB", f"≤ {size:.2f} + {limit} MB")


def _lost_lines(data: Data, figure: str, _other: str, limit: float | None) -> Finding:
    """Sum up the lost lines of a build over all streams that it writes again."""
    lost = [data["results"][key]["lost"] for key in streams_of(data, figure)]
    if not lost:
        raise KeyError(figure)
    return Finding(sum(lost), limit, str(sum(lost)), str(limit))


def streams_of(data: Data, build: str) -> set[str]:
    """Return the results of a build in which no input line may be lost."""
    found = {key for key, result in data["results"].items() if result["lost"] is not None}
    return {key for key in found if key.split("/")[1] == build and key.split("/")[0] != LOSES_ON_PURPOSE}


KINDS: dict[str, Callable[[Data, str, str, float | None], Finding]] = {
    "ratio": _ratio,
    "share": _share,
    "seconds": _seconds,
    "memory": _memory,
    "memory over the input": _memory_over_input,
    "lost lines": _lost_lines,
}


def _cpu(data: Data, key: str) -> float:
    return float(data["results"][key]["cpu"])


def _short(value: float) -> str:
    return f"{value:.3f}" if value < 10 else f"{value:.2f}"


def find(data: Data, goal: Goal, build: str) -> Finding | None:
    """Return the finding of a goal for a build. None: the goal is not for this build, or the run lacks its figures."""
    if BUILD not in goal.figure and build != "pure":
        return None
    figure, other = goal.figure.format(build=build), goal.other.format(build=build)
    limit = goal.compiled if build == "compiled" else goal.pure
    try:
        return KINDS[goal.kind](data, figure, other, limit)
    except KeyError:  # a run of some rows or contestants
        return None
