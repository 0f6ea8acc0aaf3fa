"""``schema``: prints a JSON schema for editors. With catalogs, the names of their volumes are its choices."""

from __future__ import annotations

import json
import os

from post_renderer.catalog.entry import DATA, OUTPUTS
from post_renderer.catalog.own_errors import find_own_errors
from post_renderer.catalog.read import read_catalog
from post_renderer.console import CommandResult
from post_renderer.console.format import json_text
from post_renderer.problems import sort_problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.catalog import Catalog
    from post_renderer.catalog.entry import Entry
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options
    from post_renderer.problems import Problem

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "schemas")


def run(options: Options, files: list[CatalogLayer], wrong: list[Problem]) -> CommandResult:
    """Print the schema that ``options`` names. ``wrong``: errors in the text of the --persistence files."""
    with open(os.path.join(FOLDER, f"{options.word}.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    problems = wrong
    if files and not wrong:
        catalog = read_catalog(files)
        problems = sort_problems(find_own_errors(files, for_chart=True), options.persistence)
        names = list_choices(catalog)
        schema["definitions"].update({name: names[name] for name in names.keys() & schema["definitions"].keys()})
    return CommandResult(json_text(schema), problems, is_stream=True)


def list_choices(catalog: Catalog) -> dict[str, dict[str, Any]]:
    """Return the definitions with the names that a run may ask for, by their names in the schemas."""
    data = {name: _describe(entry) for name, entry in catalog.entries[DATA].items()}
    outputs = {name: _describe(catalog.entries[OUTPUTS][name]) for name in catalog.writable_outputs()}
    known = f"({'|'.join(data)})"
    return {
        "dataName": _choose(data),
        "outputsName": _choose(outputs),
        "outputsNameOrNull": _choose({**outputs, None: "the default"}),
        "dataNames": {
            "type": "string",
            "pattern": f"^( *{known} *(, *{known} *)*)?$" if data else "^$",
            "patternErrorMessage": f"write names with commas between them. The data volumes are: {', '.join(data)}",
        },
    }


def _choose(texts: dict[Any, str]) -> dict[str, Any]:
    """Return a choice of names, each with its description for VS Code and for IntelliJ."""
    return {
        "enum": list(texts),
        "enumDescriptions": list(texts.values()),
        "x-intellij-enum-metadata": {name: {"description": text} for name, text in texts.items() if name},
    }


def _describe(entry: Entry) -> str:
    facts = [fact for fact in (entry.path(), "read-only" if entry.read_only else "") if fact]
    if not entry.description:
        return ", ".join(facts)
    return f"{entry.description} ({', '.join(facts)})" if facts else entry.description
