"""SHA-256 without OpenSSL: importing hashlib costs as much as rendering a small chart.

CPython keeps the same algorithm in a small module of its own, whose name has changed once; hashlib is the way back.
"""

try:
    from _sha2 import sha256  # type: ignore[import-not-found]  # CPython 3.12 and later; not in its stubs
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]  # CPython 3.11; not in its stubs
    except ImportError:
        from hashlib import sha256

__all__ = ["sha256"]
