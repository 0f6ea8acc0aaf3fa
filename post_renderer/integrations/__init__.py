"""Has entry points for tools that can't call a post-renderer, and their helpers.

A tool that can pipe text or start a command needs only a page in docs/. To add any other tool:

1. Write a module with a function that returns a CommandResult, like ``flux.run`` and ``krm.run``. Their parameters are
   the options, the stream in bytes, and the catalogs from --persistence.
2. Add a row to COMMANDS in ``console/options.py``.
3. Add a branch to ``cli.py``.
"""
