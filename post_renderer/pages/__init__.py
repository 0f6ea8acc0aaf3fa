"""Writes what `explain` and `inventory` found as a web page, as a Mermaid diagram or as Markdown."""
