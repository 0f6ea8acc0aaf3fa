"""The text of one YAML document as nodes. ``parse`` is the only way in; nobody else knows which reader read a text."""

from __future__ import annotations

from post_renderer.yamltree.node import ALIAS, MAPPING, SCALAR, SEQUENCE, Node, get_mapping_value, scalar_text

__all__ = ["ALIAS", "MAPPING", "SCALAR", "SEQUENCE", "Node", "get_mapping_value", "parse", "scalar_text"]


def parse(text: str, *, full: bool = False) -> Node:
    """The root node of the one document in ``text``; its offsets count characters of ``text``.

    ``full``: read it by libyaml, also if the fast reader could. Raises YamlError (``invalid-yaml``,
    ``input-too-large``).
    """
    if not full:
        from post_renderer.yamltree import fast_reader
        from post_renderer.yamltree.fast_tokens import NotInSubset

        try:
            return fast_reader.read_fast(text)
        except NotInSubset:
            pass  # the fast reader is not certain of it: libyaml decides
    from post_renderer.yamltree import libyaml_reader

    return libyaml_reader.read_full(text)
