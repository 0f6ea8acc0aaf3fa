"""Bring Polyaxon 0.x's named data and outputs volumes to plain Helm."""

__version__ = "0.1.0"
