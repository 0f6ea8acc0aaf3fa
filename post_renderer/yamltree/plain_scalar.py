"""Marks the text of an unquoted scalar. mypyc can't compile a class derived from str, so it has a module of its own."""


class PlainScalar(str):
    """The text of an unquoted scalar, which may be a number, a boolean or a string. `is_string` decides."""

    __slots__ = ()
