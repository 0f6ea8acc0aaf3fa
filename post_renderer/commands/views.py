"""Writes a view of `explain` or `inventory` in the format of --output that shows a picture."""

from __future__ import annotations

from post_renderer.problems import CODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.pages.html import CodeText
    from post_renderer.pages.view import View

VIEW_FORMATS = ("mermaid", "markdown", "html")


def write_view(view: View, output: str) -> bytes:
    """Return the view. ``output``: one of VIEW_FORMATS. Only the page imports its libraries."""
    if output == "mermaid":
        from post_renderer.pages.mermaid import write_mermaid

        return write_mermaid(view).encode()
    if output == "markdown":
        from post_renderer.pages.markdown import write_markdown

        return write_markdown(view).encode()
    from post_renderer.pages.html import write_html

    return write_html(view, _explain_code).encode()


def _explain_code(code: str) -> CodeText:
    from post_renderer.commands.code_help import CODE_HELP
    from post_renderer.pages.html import CodeText

    row = CODE_HELP[code]
    remedy, _, example = row.remedy.partition("\n\n")
    return CodeText(code, CODES[code][0], row.meaning, remedy, example)
