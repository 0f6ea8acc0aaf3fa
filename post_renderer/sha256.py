"""SHA-256 without OpenSSL: importing hashlib costs as much as rendering a small chart.

``_sha2`` (CPython 3.12 and later) and ``_sha256`` (3.11) avoid loading OpenSSL (3.5 ms); other Pythons use hashlib.
"""

try:
    from _sha2 import sha256  # type: ignore[import-not-found]  # CPython 3.12 and later; not in its stubs
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]  # CPython 3.11; not in its stubs
    except ImportError:
        from hashlib import sha256

__all__ = ["sha256"]
