"""Entry points for tools that can't call a post-renderer, and their helpers. Each reads a stream and calls ``render``.

A tool that can pipe or start a command needs no file here, only a page in docs/. To add one that does: a module with a
``run(options, raw, files)`` that returns a CommandResult, a row in COMMANDS of ``console/options.py`` and a branch in
``cli.py``.
"""
