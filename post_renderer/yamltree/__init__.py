"""Parses the text of one YAML document into nodes that contain their position in the text.

`parse` uses one of two readers. The fast reader reads plain block-style YAML. libyaml (PyYAML) reads all other YAML, by
the rules of YAML 1.1. Both readers return the same nodes. A scalar is kept as text: `node.read_bool` and
`node.is_number` decide whether Helm and kubectl read the text as a boolean or a number.
"""

from __future__ import annotations

from post_renderer.yamltree.node import ALIAS, MAPPING, SCALAR, SEQUENCE, Node, get_mapping_value, scalar_text

__all__ = ["ALIAS", "MAPPING", "SCALAR", "SEQUENCE", "Node", "get_mapping_value", "parse", "scalar_text"]


def parse(text: str, *, full: bool = False) -> Node:
    """Return the root node of the only document in ``text``. If there is no document, return a plain null.

    Offsets of nodes and errors count characters of ``text``. ``full``: use libyaml, not the fast reader.

    Raises YamlError with the code ``invalid-yaml``, also for a second document, or ``input-too-large`` for more than
    100 levels or 2,000,000 events of libyaml. A wrong type or a repeated key raises YamlError later, in the methods of
    Node.
    """
    if not full:
        from post_renderer.yamltree import fast_reader
        from post_renderer.yamltree.fast_tokens import NotInSubset

        try:
            return fast_reader.read_fast(text)
        except NotInSubset:
            pass  # the text may be outside of the fast reader's subset: libyaml reads it
    from post_renderer.yamltree import libyaml_reader

    return libyaml_reader.read_full(text)
