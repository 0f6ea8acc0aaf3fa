"""Translates a polyaxonfile to an entry under the chart's ``runs``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from post_renderer.catalog.entry import name_error
from post_renderer.migrate.first_versions import find_first_spellings, has_matrix
from post_renderer.migrate.flow_style import flow_text
from post_renderer.migrate.grid import (
    find_grid_edits,
)
from post_renderer.migrate.pairs import (
    Pair,
    add_inside,
    braces_for,
    child_pairs,
    comment_out,
    comments_of,
    expand_flow_first,
    is_empty,
    non_null,
    read_meant,
    refuse_shared_anchor,
    reindent,
    set_scalar,
    text_of,
    to_scalar,
)
from post_renderer.migrate.polyaxonfile_keys import (
    find_edits_by_kind,
    find_key_edits,
    find_unfilled,
    has_image,
    read_sections,
)
from post_renderer.migrate.polyaxonfile_program import find_program_edits
from post_renderer.migrate.source_text import STEP, Found, LineEdit
from post_renderer.migrate.spellings import find_spelling_edits
from post_renderer.migrate.tables import DECIDE, NO_COUNTERPART, NOTHING
from post_renderer.migrate.tree_change import TreeChange
from post_renderer.migrate.volume_names import to_dns_label
from post_renderer.problems import Problem, quoted
from post_renderer.request.definitions import HINT, MESSAGE, find_definition, is_definition
from post_renderer.yamltree import MAPPING, SCALAR, SEQUENCE
from post_renderer.yamltree.node import is_string, read_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.source_text import SourceText
    from post_renderer.yamltree import Node

END = re.compile(r"\.\.\.(\s|$)")  # of the document
POLYAXONFILE_NAMES = {"declarations", "params", "settings", "matrix"}
NO_IMAGE = "the run has no image"
VALUES_TOO = "migrate the values too"
LATER_REFS = {"data_refs": "data", "artifact_refs": "outputs"}


def is_polyaxonfile(root: Node) -> bool:
    """Return whether a mapping has a key by which a polyaxonfile is known."""
    names = {key.text for key, _ in root.pairs() if key.kind == SCALAR} if root.kind == MAPPING else set()
    if not names.isdisjoint(("runs", "apiVersion")):  # values of today's chart; an object of Kubernetes
        return False
    if names & {"kind", "run", "build", "hptuning"}:
        return True
    environment = root.get("environment") if "environment" in names else None
    # In Polyaxon's values, environment is a word.
    is_section = environment is not None and environment.kind == MAPPING
    return "persistence" not in names and (is_section or bool(names & POLYAXONFILE_NAMES))


def find_polyaxonfile_edits(page: SourceText, root: Node) -> Iterator[Found]:
    """Yield the next edits of a polyaxonfile before it becomes a run, and its problems."""
    sections = read_sections(page, root)
    first = list(find_first_spellings(sections))
    yield from first
    if any(isinstance(item, LineEdit) for item in first):
        return
    top = sections[""]
    kind = top.get("kind")
    if kind and text_of(kind) in NO_COUNTERPART:
        yield kind.problem("not-migratable", f"kind {text_of(kind)} has no counterpart", NO_COUNTERPART[text_of(kind)])
        return
    yield from _find_kind_edits(page, root, top)
    yield from find_grid_edits(top)
    yield from _find_image_edits(top, sections)
    for find in (find_edits_by_kind, find_key_edits, find_program_edits, find_spelling_edits, find_unfilled):
        yield from find(sections)
    defined = list(_find_definitions(top, sections["environment"]))
    yield from defined or _find_request_edits(sections["environment"])


def _find_kind_edits(page: SourceText, root: Node, top: dict[str, Pair]) -> Iterator[Found]:
    kind = top.get("kind")
    if kind and text_of(kind) == "group" and is_empty(top.get("hptuning")) and not has_matrix(top):
        message = "a group without hptuning is one experiment"
        yield set_scalar(kind, "experiment", kind.problem("changed-meaning", message, NOTHING))
    elif kind is None or (kind.value.kind == SCALAR and not text_of(kind)):
        first = kind or next(iter(top.values()))
        if room := expand_flow_first(first, root):
            yield room
            return
        name, article = ("group", "a") if has_matrix(top) else ("experiment", "an")
        message = f"it has no kind: Polyaxon read it as {article} {name}"
        problem = first.problem("changed-meaning", message, NOTHING)
        if kind:
            yield set_scalar(kind, name, problem)
        else:
            body = f"kind: {name}"
            line = page.new(" " * first.column + body, first.first)
            change = TreeChange(added=((root, read_meant([body])),))
            yield LineEdit([(first.first, first.first, [line])], [problem], change=change)


def _find_image_edits(top: dict[str, Pair], sections: dict[str, dict[str, Pair]]) -> Iterator[Found]:
    """Move ``run.image`` of the first polyaxonfiles to ``build.image``, and report a run without an image."""
    image = sections["run"].get("image")
    if has_image(sections):
        if image:
            yield comment_out(image, "not-migrated", "there is a build.image too", "the run uses build.image")
    elif image and "image" not in sections["build"] and (sections["build"] or is_empty(top.get("build"))):
        room = expand_flow_first(image, image.within)
        build = top.get("build")
        if room is None and build and not is_empty(build):
            spot = next(iter(sections["build"].values()), None)
            room = expand_flow_first(spot, build.value) if spot else None
        yield room or _move_image(image, build, top["run"])
    elif not non_null(sections["build"], DECIDE["build"]):  # the errors about these keys ask for the image
        spot = top.get("build") or top.get("run") or next(iter(top.values()))
        yield spot.problem("not-migratable", NO_IMAGE, "write build: {image: …}, with the image's full name")


def _move_image(image: Pair, build: Pair | None, run: Pair) -> LineEdit:
    page = image.page
    refuse_shared_anchor(image.value, image)
    moved = {"image": image.value}
    if build is None:
        column = run.column
        lines = [
            page.new(" " * column + "build:", image.first),
            *reindent(page.lines[image.lead : image.behind], column + STEP - image.column, column + STEP),
        ]
        pieces = [(image.lead, image.behind, []), (run.lead, run.lead, lines), *braces_for([image])]
        change = TreeChange(removed=(image.key,), added=((run.within, {"build": moved}),))
        return LineEdit(pieces, change=change, within=image.within)
    inside = reindent(page.lines[image.lead : image.behind], -image.column)
    edit = add_inside(build, [line.body for line in inside], values=moved)
    pieces = [(image.lead, image.behind, []), *edit.pieces, *braces_for([image])]
    return LineEdit(pieces, change=edit.change._replace(removed=(image.key,)), within=image.within)


def _find_definitions(top: dict[str, Pair], environment: dict[str, Pair]) -> Iterator[Problem]:
    """Report volumes that are defined in a polyaxonfile, as check does."""
    for pairs in (top, environment):
        persistence = pairs.get("persistence")
        if persistence and (key := find_definition(persistence.value)):
            yield persistence.problem_at(key, MESSAGE, HINT)
        for pair in (pairs.get("data"), environment.get("outputs") if pairs is environment else None):
            if pair and is_definition(pair.value):
                yield pair.problem("not-migratable", MESSAGE, HINT)


def _find_request_edits(environment: dict[str, Pair]) -> Iterator[Found]:
    """Yield edits of the requested volumes: rename keys of later Polyaxon versions, and convert names to DNS labels."""
    persistence = environment.get("persistence")
    asked = child_pairs(persistence) if persistence else {}
    for later, role in LATER_REFS.items():
        pair = environment.get(later)
        free = role not in asked and (asked or is_empty(persistence))
        if pair and (free or is_empty(pair)) and (edits := list(_respell(pair, role, persistence))):
            yield from edits
            return
    data = asked.get("data")
    if data and data.value.kind == SEQUENCE and not data.value.children:
        yield comment_out(
            data, "changed-meaning", "Polyaxon read an empty list as all data, here it means no data", NOTHING
        )
    if persistence:
        yield from _rename_volumes(persistence, asked)
    if "outputs" in environment:
        yield from _rename_references(environment["outputs"])


def _rename_references(outputs: Pair) -> Iterator[LineEdit]:
    """Convert the names of other runs, which may follow a project, as ``name_run`` converts those of runs."""
    for pair in child_pairs(outputs).values():
        for node in pair.value.children if pair.value.kind == SEQUENCE else ():
            text = node.text if node.kind == SCALAR else ""
            name = re.split("[./]", text)[-1]
            project = text.removesuffix(name)
            new = to_dns_label(name)
            if name_error(name) and not name_error(new) and is_string(read_values(node)) and "{{" not in text:
                message = f"the run {quoted(text)} is called {quoted(project + new)} now"
                problem = outputs.problem_at(
                    node, message, "migrate the polyaxonfile of that run, too", "changed-meaning"
                )
                yield set_scalar(pair._replace(value=node), to_scalar(project + new), problem)


def _rename_volumes(persistence: Pair, asked: dict[str, Pair]) -> Iterator[LineEdit]:
    """Convert names of volumes to DNS labels, as migrate does in the values."""
    names = [asked["outputs"].value] if "outputs" in asked else []
    names += asked["data"].value.children if "data" in asked and asked["data"].value.kind == SEQUENCE else []
    for node in names:
        named = node.kind == SCALAR and is_string(read_values(node)) and "{{" not in node.text
        if named and name_error(node.text) and not name_error(to_dns_label(node.text)):
            pair = persistence._replace(value=node)
            message = f"the volume {quoted(node.text)} is called {quoted(to_dns_label(node.text))} now"
            problem = pair.problem("changed-meaning", message, VALUES_TOO)
            yield set_scalar(pair, to_scalar(to_dns_label(node.text)), problem)


def _respell(pair: Pair, role: str, persistence: Pair | None) -> Iterator[Found]:
    if room := expand_flow_first(pair, pair.within):
        yield room
        return
    page = pair.page
    items = pair.value.children if pair.value.kind == SEQUENCE else []
    if any(item.kind != SCALAR for item in items) or (pair.value.kind != SEQUENCE and not is_empty(pair)):
        return
    if not items:
        yield comment_out(pair, "not-migrated", "it asks for nothing by name", NOTHING)
        return
    refuse_shared_anchor(pair.value, pair)
    problems = []
    if role == "outputs" and len(items) > 1:
        message = "a run has one outputs volume: Polyaxon used the first of these"
        hint = f"not used: {', '.join(item.text for item in items[1:])}"
        problems = [pair.problem("changed-meaning", message, hint)]
    moved = items[0] if role == "outputs" else pair.value
    bodies = [*comments_of(pair), f"{role}: {flow_text(page, moved)}"]
    if persistence is None:
        lines = [page.new(" " * pair.column + "persistence:", pair.first)]
        lines += [page.new(" " * (pair.column + STEP) + body, pair.first) for body in bodies]
        change = TreeChange(removed=(pair.key,), added=((pair.within, {"persistence": {role: moved}}),))
        yield LineEdit([(pair.lead, pair.behind, lines)], problems, change=change)
        return
    spot = next(iter(child_pairs(persistence).values()), persistence)
    if room := expand_flow_first(spot, spot.within):
        yield room
        return
    edit = add_inside(persistence, bodies, values={role: moved})
    change = edit.change._replace(removed=(pair.key,))
    yield LineEdit([(pair.lead, pair.behind, []), *edit.pieces], problems, change=change)
