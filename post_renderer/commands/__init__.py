"""Has one module for each command except ``render``.

Each module has a function ``run``, which returns a CommandResult and prints nothing. ``run`` may raise UsageError. Its
parameter ``raw`` is the stream in bytes. Its parameter ``files`` is the list of catalogs from --persistence.
"""
