"""The parameters that an Argo CD Application gives to the plugin: a table, read from the environment."""

from __future__ import annotations

import os
from json import dumps

from post_renderer.integrations.foreign_json import read_json
from post_renderer.problems import quoted, suggest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.problems import Problems

    Parameters = dict[str, Any]

STRING, ARRAY, MAP = "string", "array", "map"
# Parameter: its type, its title on the Application's page, and its tooltip there.
PARAMETERS: dict[str, tuple[str, str, str]] = {
    "release-name": (STRING, "Release name", "The name of the Helm release; the Application's name by default"),
    "values-files": (ARRAY, "Values files", "Relative to the Application's folder; later ones win"),
    "values": (STRING, "Values", "YAML that goes over the values files"),
    "helm-parameters": (MAP, "Helm parameters", "As --set takes them: they go over all values"),
    "helm-string-parameters": (MAP, "Helm string parameters", "As --set-string takes them"),
    "helm-file-parameters": (MAP, "Helm file parameters", "As --set-file takes them: files of the repository"),
    "persistence-files": (ARRAY, "Catalogs", "Values files whose persistence: goes over the chart's named volumes"),
    "skip-crds": (STRING, "Skip CRDs", "true leaves the charts' crds folders out"),
    "skip-hooks": (STRING, "Skip hooks", "true leaves Helm's hooks out"),
    "skip-tests": (STRING, "Skip tests", "true leaves Helm's tests out"),
}
SET = "ARGOCD_APP_PARAMETERS"
VARIABLE_PREFIX = "ARGOCD_ENV_"  # Argo CD puts it before what an Application sets under plugin.env
FORMS = {
    STRING: "a string",
    ARRAY: "a list of strings, in env one a line or with commas between",
    MAP: "a mapping of names to strings, in env as a JSON object",
}


def read_parameters(problems: Problems) -> Parameters:
    """The parameters that an Application sets, by name, each in its type."""
    found: Parameters = {}
    for source, name, given in [*_set_parameters(problems), *_set_variables()]:
        if name not in PARAMETERS:
            hint = suggest(name, PARAMETERS)
            problems.add("argocd-parameter", f"no parameter {quoted(name)}", hint, about=source)
            continue
        form = PARAMETERS[name][0]
        value, reason = (given, "") if source == SET else _from_text(given, form)
        if reason or not _has_form(value, form):
            message = f"{name} has a wrong form" + (f": {reason}" if reason else "")
            problems.add("argocd-parameter", message, f"write {FORMS[form]}", about=source)
        elif name in found:
            hint = "set it once, under plugin.parameters or under plugin.env"
            problems.add("argocd-parameter", f"{name} is set twice", hint, about=source)
        else:
            found[name] = value
    for name in ("skip-crds", "skip-hooks", "skip-tests"):
        if found.get(name, "") not in ("", "true", "false"):
            problems.add("argocd-parameter", f"{name} is neither true nor false", 'write "true" or "false"', about=name)
    return found


def parameters_announcement() -> str:
    """The parameters for the Application's page, as Argo CD reads announcements."""
    rows = []
    for name, (form, title, tooltip) in PARAMETERS.items():
        default: object = {STRING: "", ARRAY: [], MAP: {}}[form]
        if name.startswith("skip-"):
            default = "false"
        elif name == "release-name":
            default = release_name()
        rows.append({"name": name, "title": title, "tooltip": tooltip, "collectionType": form, form: default})
    return dumps(rows) + "\n"


def release_name() -> str:
    """The Application's name, without the namespace that Argo CD puts before those of other namespaces."""
    return os.environ.get("ARGOCD_APP_NAME", "").rpartition("_")[2]


def find_secrets(parameters: Parameters) -> list[str]:
    """What an Application sets by name and value, longest first: it may be secret, so no message may show it.

    Shorter values are left out: masking every 1 and every true would leave nothing to read.
    """
    maps = (parameters.get("helm-parameters", {}), parameters.get("helm-string-parameters", {}))
    given = [value for found in maps for value in found.values()]
    # Helm says some of them in quotes, and YAML's and Go's messages often hold a single line.
    given += [dumps(value, ensure_ascii=False)[1:-1] for value in given]
    given += [line.strip() for value in given for line in value.splitlines()]
    values = {value for value in given if len(value) >= 4 and value != "false"}
    return sorted(values - {"true"}, key=len, reverse=True)


def _set_parameters(problems: Problems) -> list[tuple[str, str, Any]]:
    """Source, name and value of each entry of ``plugin.parameters``."""
    text = os.environ.get(SET, "")
    entries, reason = read_json(text) if text else ([], "")
    if reason or not isinstance(entries, list | None):
        _refuse_set(f"the parameters: {reason or 'not a list'}", problems)
        return []
    found: list[tuple[str, str, Any]] = []
    for number, entry in enumerate(entries or [], 1):
        if not isinstance(entry, dict):
            _refuse_set(f"entry {number} is not an object", problems)
            continue
        name = entry.get("name")
        given = [form for form in FORMS if entry.get(form) is not None]
        if not isinstance(name, str):
            _refuse_set(f"entry {number} has no name", problems)
        elif len(given) != 1:
            forms = " and ".join(given) or f"none of {', '.join(FORMS)}"
            _refuse_set(f"{quoted(name)[1:-1]} has {forms}", problems)
        else:
            found.append((SET, name, entry[given[0]]))
    return found


def _refuse_set(message: str, problems: Problems) -> None:
    hint = "write a JSON list of objects, each with a name and one of string, array, map"
    problems.add("argocd-parameter", message, hint, about=SET)


def _set_variables() -> list[tuple[str, str, str]]:
    """Source, name and value of each entry of ``plugin.env``."""
    return [
        (variable, variable.removeprefix(VARIABLE_PREFIX).lower().replace("_", "-"), value)
        for variable, value in sorted(os.environ.items())
        if variable.startswith(VARIABLE_PREFIX)
    ]


def _from_text(text: str, form: str) -> tuple[object, str]:
    """The value that a variable's text writes, and what is wrong with the text."""
    if form == ARRAY:
        return [item.strip() for item in text.replace(",", "\n").splitlines() if item.strip()], ""
    return read_json(text) if form == MAP else (text, "")


def _has_form(value: object, form: str) -> bool:
    if form == MAP:
        return isinstance(value, dict) and all(map(_is_plain_text, [*value, *value.values()]))
    if form == ARRAY:
        return isinstance(value, list) and all(map(_is_plain_text, value))
    return _is_plain_text(value)


def _is_plain_text(value: object) -> bool:
    """Whether it is a string that may be on a command line, in a path or in UTF-8: JSON can write others."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
