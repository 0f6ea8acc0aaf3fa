"""Checks the JSON schema of a chart. Helm opens each file and each address that a schema refers to.

A schema from an address can refer to a file, so addresses are refused, too. Otherwise a repository could test for files
outside of it, and show parts of them in Helm's messages. The rules follow santhosh-tekuri/jsonschema, Helm's validator.
"""

from __future__ import annotations

from post_renderer.integrations.foreign_json import read_pairs
from post_renderer.problems import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Problems

SCHEMA = "values.schema.json"
REFERENCES = ("$ref", "$schema", "$dynamicRef", "$recursiveRef")
NAMES = ("$id", "id")  # the address of a schema; draft 4 calls it id
DRAFT_2019, DRAFT_2020 = "draft/2019-09/", "draft/2020-12/"
VOCABULARIES = ("applicator", "content", "core", "meta-data", "validation")
# The schemas that Helm's validator contains: it opens nothing for them.
BUILT_IN = frozenset(
    scheme + "://json-schema.org/" + path
    for scheme in ("http", "https")
    for path in (
        *("schema", "draft-04/schema", "draft-06/schema", "draft-07/schema"),
        *(DRAFT_2019 + "schema", DRAFT_2020 + "schema"),
        *(f"{draft}meta/{name}" for draft in (DRAFT_2019, DRAFT_2020) for name in VOCABULARIES),
        DRAFT_2019 + "meta/format",
        *(f"{DRAFT_2020}meta/{name}" for name in ("format-annotation", "format-assertion", "unevaluated")),
    )
)
SCHEMES = ("http", "https", "urn")
LARGEST = 5 << 20  # bytes of a schema, because reading JSON needs much memory. Helm before 4.3 has this limit
ODD = "?%\\@[]"  # the validator may write an address with such a character in another way


def check_schema(content: bytes, name: str, problems: Problems) -> None:
    """Report each reference out of a schema, and a schema that can't be read. ``name``: its path, for messages."""
    if len(content) > LARGEST:
        hint = "make the schema smaller"
        problems.add("unsafe-path", f"{quoted(name)} is larger than {LARGEST >> 20} MiB", hint)
        return
    # Of repeated keys, Helm takes the last one: each of them is checked.
    pairs, error = read_pairs(content.decode("utf-8-sig", "replace"))
    if error:
        problems.add("unsafe-path", f"{quoted(name)} can't be read: {error}", "fix its JSON")
        return
    for key, value in dict.fromkeys((key, value) for key, value in pairs if isinstance(value, str)):
        if key in REFERENCES and not _stays_inside(value):
            hint = "copy the other schema into this file, below $defs, and write #/$defs/NAME"
            problems.add("unsafe-path", f"{quoted(name)} refers to a file or an address by {quoted(value)}", hint)
        elif key in NAMES and not _is_plain_name(value):
            hint = "write a name such as https://example.com/schema.json, or remove it"
            problems.add("unsafe-path", f"{quoted(name)} has the {key} {quoted(value)}, which Helm could open", hint)


def _stays_inside(reference: str) -> bool:
    address = reference.partition("#")[0]
    return not address or address in BUILT_IN


def _is_plain_name(name: str) -> bool:
    """Return whether the validator finds the schema with this name again.

    To it, ``#/a`` in a schema with the name ``file:///b?`` is a part of the file ``/b``, because it removes the ``?``.
    """
    address = name.partition("#")[0]
    scheme, colon, path = address.partition(":")
    if not colon:
        path = scheme
    elif scheme not in SCHEMES:
        return False
    if colon and scheme != "urn":
        if not path.startswith("//"):
            return False
        path = path[2:]
    parts = path.split("/")
    return not any(char in path for char in ODD) and "//" not in path and not {".", ".."} & set(parts)
