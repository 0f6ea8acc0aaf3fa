"""Translates the spellings of Polyaxon 0.0 and 0.1.0: ``settings``, ``project: {name: …}``, ``run.envs`` and others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.migrate.pairs import (
    child_pairs,
    comment_out,
    comments_of,
    expand_flow_first,
    is_empty,
    read_meant,
    refuse_shared_anchor,
    reindent,
    rename,
    set_aside,
    text_of,
    to_scalar,
)
from post_renderer.migrate.source_text import Found, LineEdit
from post_renderer.migrate.tables import GONE, RENAMED, SEARCH_KEYS, SETTINGS_WITHOUT_EFFECT
from post_renderer.migrate.tree_change import TreeChange
from post_renderer.yamltree import MAPPING, SCALAR, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair

DECIDE_SEARCH = "write one run for each set of params"


def find_first_spellings(sections: dict[str, dict[str, Pair]]) -> Iterator[Found]:
    """Yield edits of the oldest spellings. The other rules apply to what they become."""
    top = sections[""]
    if "project" in top:
        yield from _find_project_edits(top["project"], top.get("user"))
    for (section, key), name in RENAMED.items():
        pair = sections[section].get(key)
        if pair and name in sections[section]:
            message = f"{key} is the old spelling of {name}, but both are there"
            yield pair.problem("not-migratable", message, f"write all of it under {name}")
        elif pair:
            yield expand_flow_first(pair, pair.within) or rename(pair, name)
    settings = top.get("settings")
    if settings and not settings.value.is_null():
        yield from _find_settings_edits(settings, top)
    elif "hptuning" in top and "matrix" in top and "matrix" not in child_pairs(top["hptuning"]):
        yield from _move_matrix(top["matrix"], top["hptuning"])


def has_matrix(top: dict[str, Pair]) -> bool:
    """Return whether a polyaxonfile has a matrix in one of its places. Without a kind, it is a group."""
    inside = [child_pairs(top[name]) for name in ("settings", "hptuning") if name in top]
    return any(not is_empty(pairs.get("matrix")) for pairs in (top, *inside))


def _find_project_edits(project: Pair, user: Pair | None) -> Iterator[Found]:
    """Write ``project: {name: x}`` as ``project: x``, and the user of ``user/project`` as ``user``."""
    keys = child_pairs(project)
    others = [pair for name, pair in keys.items() if name not in ("name", "user")]
    if others and "name" in keys:
        yield from (set_aside(pair, "none") for pair in others)
        return
    named = keys.get("name") if project.value.kind == MAPPING else project
    owner, slash, name = text_of(named).rpartition("/")
    owner = owner or text_of(keys.get("user"))
    if project.value.kind == SCALAR and not slash:
        return
    if not name or "/" in owner or (slash and not owner):
        hint = "write project: NAME, and user: NAME if the run folder contains the user"
        yield project.problem("not-migratable", "must be the name of a project", hint)
        return
    if owner and user and text_of(user) != owner:
        message = "its user is different from the key user"
        yield project.problem("not-migratable", message, "write project: NAME, without the user")
        return
    if room := expand_flow_first(project, project.within):
        yield room
        return
    refuse_shared_anchor(project.value, project)
    bodies = [*comments_of(project), f"project: {to_scalar(name)}"]
    bodies += [f"user: {to_scalar(owner)}"] if owner and not user else []
    lines = [project.page.new(" " * project.column + body, project.first) for body in bodies]
    added = {"user": parse(to_scalar(owner))} if owner and not user else {}
    change = TreeChange(replaced=((project.value, parse(to_scalar(name))),), added=((project.within, added),))
    yield LineEdit([(project.lead, project.behind, lines)], change=change)


def _find_settings_edits(settings: Pair, top: dict[str, Pair]) -> Iterator[Found]:
    """Remove what has no effect, and make the rest ``hptuning``, which later versions called it."""
    keys = child_pairs(settings)
    is_search = has_matrix(top)
    done: list[Found] = []
    for name, pair in keys.items():
        if name == "logging":
            done.append(comment_out(pair, "not-migrated", "it has no counterpart here", GONE[""]["logging"]))
        elif name in SETTINGS_WITHOUT_EFFECT or (name in SEARCH_KEYS and not is_search):
            done.append(set_aside(pair, "none"))
        elif name == "concurrent_experiments":
            done.append(expand_flow_first(pair, pair.within) or rename(pair, "concurrency"))
        elif name in ("search_method", "n_experiments"):
            done.append(_find_search_edit(name, pair, keys))
        elif name not in SEARCH_KEYS:
            hint = f"settings of Polyaxon 0.0 and 0.1 have these keys: {', '.join(SEARCH_KEYS)}, logging, run_type"
            done.append(pair.problem("not-migratable", "is not supported", hint))
    if done:
        yield from done
    elif keys and "hptuning" in top:
        message = "settings is the old spelling of hptuning, but both are there"
        yield settings.problem("not-migratable", message, "write all of it under hptuning")
    elif keys:
        yield expand_flow_first(settings, settings.within) or rename(settings, "hptuning")
    elif settings.value.kind == MAPPING:
        yield set_aside(settings, "none")
    else:
        yield settings.problem("not-migratable", "must be a mapping", "write settings: {matrix: …}")


def _find_search_edit(name: str, pair: Pair, keys: dict[str, Pair]) -> Found:
    """Write ``search_method: sequential`` and ``n_experiments`` as a grid search. A random search is an error."""
    if text_of(keys.get("search_method") or pair).lower() == "random":
        message = "is not supported: a random search would choose other params each time"
        return pair.problem("not-migratable", message, DECIDE_SEARCH)
    if name == "search_method":
        return set_aside(pair, "none")  # a grid search is the default
    if not text_of(pair).isdigit():
        message = "is not supported: it is a part of all sets of params"
        return pair.problem("not-migratable", message, "write the number of runs")
    if room := expand_flow_first(pair, pair.within):
        return room
    refuse_shared_anchor(pair.value, pair)
    body = f"grid_search: {{n_experiments: {text_of(pair)}}}"
    lines = [pair.page.new(" " * pair.column + text, pair.first) for text in (*comments_of(pair), body)]
    change = TreeChange(removed=(pair.key,), added=((pair.within, read_meant([body])),))
    return LineEdit([(pair.lead, pair.behind, lines)], change=change)


def _move_matrix(matrix: Pair, hptuning: Pair) -> Iterator[LineEdit]:
    """Move the matrix below ``hptuning``. Polyaxon 0.0 had it beside its settings."""
    spot = next(iter(child_pairs(hptuning).values()), None)
    if spot is None:
        return
    for room in (expand_flow_first(matrix, matrix.within), expand_flow_first(spot, hptuning.value)):
        if room:
            yield room
            return
    refuse_shared_anchor(matrix.value, matrix)
    lines = reindent(matrix.page.lines[matrix.lead : matrix.behind], spot.column - matrix.column, spot.column)
    change = TreeChange(removed=(matrix.key,), added=((hptuning.value, {matrix.name: matrix.value}),))
    yield LineEdit([(matrix.lead, matrix.behind, []), (hptuning.behind, hptuning.behind, lines)], change=change)
