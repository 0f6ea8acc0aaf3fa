"""One module for each command except ``render``.

Each has a function ``run``, which returns a CommandResult and prints nothing. ``raw`` is the stream in bytes, and
``files`` are the layers of the --persistence files. It may raise UsageError.
"""
