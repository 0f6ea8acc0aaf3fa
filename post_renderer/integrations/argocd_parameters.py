"""Has the table of the Argo CD plugin's parameters, and reads an Application's values from the environment."""

from __future__ import annotations

import os
from json import dumps

from post_renderer.integrations.foreign_json import find_texts, read_json
from post_renderer.problems import quoted, suggest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.integrations.argocd_masking import Mask
    from post_renderer.problems import Problems

    Parameters = dict[str, Any]

STRING, ARRAY, MAP = "string", "array", "map"
# Parameter: its type, its title on the Application's page, and its tooltip there.
PARAMETERS: dict[str, tuple[str, str, str]] = {
    "release-name": (STRING, "Release name", "The name of the Helm release. The default is the Application's name"),
    "values-files": (
        ARRAY,
        "Values files",
        "Relative to the Application's directory; later files override earlier files",
    ),
    "values": (STRING, "Values", "YAML that overrides the values files"),
    "helm-parameters": (MAP, "Helm parameters", "As for --set; they override all values"),
    "helm-string-parameters": (MAP, "Helm string parameters", "As for --set-string"),
    "helm-file-parameters": (MAP, "Helm file parameters", "As for --set-file: files of the repository"),
    "persistence-files": (
        ARRAY,
        "Catalogs",
        "Values files with the key persistence: they add named volumes to the chart's catalog, or change them",
    ),
    "skip-crds": (STRING, "Skip CRDs", "true leaves out the crds directories of the charts"),
    "skip-hooks": (STRING, "Skip hooks", "true leaves out Helm's hooks"),
    "skip-tests": (STRING, "Skip tests", "true leaves out Helm's tests"),
}
SECRET = ("helm-parameters", "helm-string-parameters")
SET = "ARGOCD_APP_PARAMETERS"
VARIABLE_PREFIX = "ARGOCD_ENV_"  # Argo CD adds it to the names that an Application sets under plugin.env
FORMS = {
    STRING: "a string",
    ARRAY: "a list of strings; in env, one on each line or separated by commas",
    MAP: "a mapping of names to strings; in env, as a JSON object",
}


def read_parameters(problems: Problems, mask: Mask) -> Parameters:
    """Return a dict of parameter name -> value: a string, a list of strings or a mapping of strings.

    ``mask``: gets the values that no message may show, also if they have the wrong form or are given twice.
    Raises Rejected if these values are too long.
    """
    found: Parameters = {}
    for source, name, given in [*_set_parameters(problems), *_set_variables()]:
        if name not in PARAMETERS:
            hint = suggest(name, PARAMETERS)
            problems.add("argocd-parameter", f"unknown parameter {quoted(name)}", hint, about=source)
            continue
        form = PARAMETERS[name][0]
        value, reason = (given, "") if source == SET else _from_text(given, form)
        if name in SECRET:
            mask.add_values(given.split('"') if reason else find_texts(value))
        elif name != "values":
            mask.add_urls(find_texts(value))
        if reason or not _has_form(value, form):
            message = f"{name} has the wrong form" + (f": {reason}" if reason else "")
            problems.add("argocd-parameter", message, f"write {FORMS[form]}", about=source)
        elif name in found:
            hint = "set it once, under plugin.parameters or under plugin.env"
            problems.add("argocd-parameter", f"{name} is set twice", hint, about=source)
        else:
            found[name] = value
    for name in ("skip-crds", "skip-hooks", "skip-tests"):
        if found.get(name, "") not in ("", "true", "false"):
            problems.add("argocd-parameter", "must be true or false", 'write "true" or "false"', about=name)
    return found


def parameters_announcement() -> str:
    """Return the parameters for the Application's page, in the JSON of Argo CD's parameters announcement."""
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
    """Return the Application's name without its namespace, which Argo CD adds to names of other namespaces."""
    return os.environ.get("ARGOCD_APP_NAME", "").rpartition("_")[2]


def _set_parameters(problems: Problems) -> list[tuple[str, str, Any]]:
    """Return one tuple (source, name, value) for each entry of ``plugin.parameters``."""
    text = os.environ.get(SET, "")
    entries, reason = read_json(text) if text else ([], "")
    if reason or not isinstance(entries, list | None):
        _refuse_set(f"the parameters can't be read: {reason or 'not a list'}", problems)
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
    """Return source, name and value of each entry of ``plugin.env``."""
    return [
        (variable, variable.removeprefix(VARIABLE_PREFIX).lower().replace("_", "-"), value)
        for variable, value in sorted(os.environ.items())
        if variable.startswith(VARIABLE_PREFIX)
    ]


def _from_text(text: str, form: str) -> tuple[object, str]:
    """Return the value of a variable's text, and an error message (empty if the text is valid)."""
    if form == ARRAY:
        return [item.strip() for item in text.replace(",", "\n").splitlines() if item.strip()], ""
    if form == MAP:
        return read_json(text) if text.strip() else ({}, "")
    return text, ""


def _has_form(value: object, form: str) -> bool:
    if form == MAP:
        return isinstance(value, dict) and all(map(_is_plain_text, [*value, *value.values()]))
    if form == ARRAY:
        return isinstance(value, list) and all(map(_is_plain_text, value))
    return _is_plain_text(value)


def _is_plain_text(value: object) -> bool:
    """Return whether a command line, a path and UTF-8 can contain the value: JSON allows NUL and lone surrogates."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
