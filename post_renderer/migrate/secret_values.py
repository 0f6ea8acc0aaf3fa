"""Removes secret values from the parts of Polyaxon's values that become comments, because comments stay in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from post_renderer.migrate.flow_style import value_leaves
from post_renderer.migrate.pairs import read_pairs
from post_renderer.migrate.source_text import SourceText
from post_renderer.migrate.tree_change import TreeChange, load_values
from post_renderer.problems import YamlError
from post_renderer.yamltree import MAPPING, SCALAR, SEQUENCE, parse
from post_renderer.yamltree.node import read_bool, read_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from post_renderer.yamltree import Node

REMOVED = "(removed)"  # the text in the place of a secret value
# Names of keys with a secret value, without - and _. Keys with names of Kubernetes Secrets (secretName, …) are none.
SECRET_NAME = re.compile(
    r"(?!existing|use|imagepull).*((password|secret|token|apikey|accesskey|credential|webhook|dsn)(s|hash|[0-9]+)?|passwd|passphrase"
    r"|pwd|bindpw|cookie|basicauth|authorization|(private|service|encryption|signing)key)|(smtp|bind|db)?pass"
)
# A URL or a registry with a password (but not an image with a digest), a key, a webhook, a text such as TOKEN=x.
SECRET_TEXT = re.compile(
    r"://[^/\s@]*:[^\s@]+@|://\w{16,}@|^[^\s/:@]+:(?!//)[^\s@]+@(?!sha\d+:)|PRIVATE KEY|://hooks\.|://\S*/(web)?hooks/"
    r"|(?i:password|passwd|secret|token|api_?key)\s*=\s*\S|requirepass[\s=]|Bearer\s"
)


def remove_secret_values(page: SourceText, root: Node, sections: Collection[str]) -> tuple[SourceText, list[str]]:
    """Return the page with REMOVED instead of each secret value below the given top-level keys, and their paths.

    Values of several lines become one line. Raises YamlError if a line can't be changed.
    """
    found: dict[int, tuple[str, Node]] = {}
    for name, pair in read_pairs(page, root).items():
        if name in sections:
            found |= {leaf.start: (path, leaf) for path, leaf in _find_secrets(name, pair.value, name)}
    if not found:
        return page, []
    lines = list(page.lines)
    for start, (_, leaf) in sorted(found.items(), reverse=True):
        end = start + len(page.text[start : leaf.end].rstrip())
        first, last = page.row(start), page.row(end - 1)
        body = lines[first].body[: page.column(start)] + REMOVED + lines[last].body[page.column(end - 1) + 1 :]
        lines[first : last + 1] = [lines[last]._replace(body=body, origin=lines[first].origin)]
    new = SourceText(lines, page.end)
    change = TreeChange(replaced=tuple((leaf, parse(REMOVED)) for _, leaf in found.values()))
    if load_values(new.root()) != load_values(root, [change]):
        raise YamlError("not-migratable", None, "a secret value can't be removed", "remove the secret values yourself")
    return new, [found[start][0] for start in sorted(found)]


def _find_secrets(name: str, node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Yield the secret values in a node with their paths. ``name``: the key of the node."""
    if SECRET_NAME.fullmatch(re.sub(r"[-_]", "", name.lower())):
        yield from ((path, leaf) for leaf in value_leaves(node) if _has_value(leaf))
    elif node.kind == SCALAR:
        if SECRET_TEXT.search(node.text) and not node.shared:
            yield path, node
    elif node.kind == MAPPING:
        called = node.get("name")
        for key, value in node.pairs():
            # An environment variable is written as {name: PASSWORD, value: …}.
            named = called.text if key.text == "value" and called and called.kind == SCALAR else key.text
            yield from _find_secrets(named, value, f"{path}.{key.text}")
    elif node.kind == SEQUENCE:
        items = list(node.items())
        is_variable = len(items) == 2 and items[0].kind == SCALAR  # [PASSWORD, …]
        for number, item in enumerate(items):
            named = items[0].text if is_variable and number else ""
            yield from _find_secrets(named, item, f"{path}[{number}]")


def _has_value(leaf: Node) -> bool:
    # An alias needs a shared value, so its section can't become a comment, and nothing is written.
    return (
        not leaf.shared
        and leaf.kind == SCALAR
        and bool(leaf.text)
        and read_bool(read_values(leaf)) is None
        and not leaf.is_null()
    )
