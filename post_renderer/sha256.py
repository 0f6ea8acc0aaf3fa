"""Imports SHA-256 without OpenSSL: the import of hashlib takes as long as the render of a small chart.

hashlib loads OpenSSL, which takes 3.5 ms. ``_sha2`` (CPython 3.12 and later) and ``_sha256`` (CPython 3.11) do not load
it. Other Pythons use hashlib.
"""

try:
    from _sha2 import sha256  # type: ignore[import-not-found]  # CPython 3.12 and later; it has no stubs
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]  # CPython 3.11; it has no stubs
    except ImportError:
        from hashlib import sha256

__all__ = ["sha256"]
