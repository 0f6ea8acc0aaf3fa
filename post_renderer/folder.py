"""The run folder: where in its outputs volume a run's results land."""

from __future__ import annotations

from post_renderer.k8s import relative_path_error
from post_renderer.problems import quoted, suggest

TYPE_CHECKING = False
if TYPE_CHECKING:
    Template = list[tuple[str, bool]]  # text, or a placeholder's name where the flag is set

PLACEHOLDERS = ("namespace", "project", "user", "kind", "name")
NAMESPACE_VARIABLE = "POLYAXON_K8S_NAMESPACE"
NAME_VARIABLE = "POLYAXON_RUN_NAME"  # the run's name where only the cluster knows it


def read_template(text: str) -> tuple[Template, str]:
    """The template's parts, and what is wrong with it (empty: nothing)."""
    parts: Template = []
    rest = text
    while rest:
        literal, brace, rest = rest.partition("{")
        if "}" in literal:
            return parts, f'{quoted(text)} has a "}}" without "{{"'
        if literal:
            parts.append((literal, False))
        if not brace:
            break
        name, brace, rest = rest.partition("}")
        if not brace or name not in PLACEHOLDERS:
            return parts, f"{quoted(text)}: no placeholder {quoted('{' + name + '}')}; {suggest(name, PLACEHOLDERS)}"
        parts.append((name, True))
    sample = "".join("x" if placeholder else part for part, placeholder in parts)
    reason = relative_path_error(sample)
    return parts, f"{quoted(text)} {reason}" if reason else ""


def fill_template(template: Template, values: dict[str, str]) -> str:
    """The run folder as the kubelet expands it. Literal text has its ``$`` doubled, values stand as they are."""
    return "".join(values[part] if placeholder else double_dollars(part) for part, placeholder in template)


def wanted_placeholders(template: Template) -> set[str]:
    return {part for part, placeholder in template if placeholder}


def double_dollars(text: str) -> str:
    """Text that the kubelet, which expands ``$(NAME)`` and ``$$``, turns back into ``text``."""
    return text.replace("$", "$$")
