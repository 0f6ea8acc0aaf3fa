"""Parses the text of one YAML document into nodes that know their place in the text.

``parse`` hides which of two readers reads a text. The fast reader takes plain block-style YAML, and hands everything
else to libyaml (PyYAML), whose rules are YAML 1.1. The nodes of both are the same. They keep scalars as text:
``node.read_bool`` and ``node.is_number`` know what Helm and kubectl make of it.
"""

from __future__ import annotations

from post_renderer.yamltree.node import ALIAS, MAPPING, SCALAR, SEQUENCE, Node, get_mapping_value, scalar_text

__all__ = ["ALIAS", "MAPPING", "SCALAR", "SEQUENCE", "Node", "get_mapping_value", "parse", "scalar_text"]


def parse(text: str, *, full: bool = False) -> Node:
    """Return the root node of the one document in ``text``; a plain null if there is none.

    Offsets of nodes and errors count characters of ``text``. ``full``: let libyaml read it, also if the fast reader
    could. Raises YamlError: ``invalid-yaml``, also for a second document, and ``input-too-large``, over 100 levels or
    2,000,000 events of libyaml. A wrong type or a repeated key raises later, in the methods of a node.
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
