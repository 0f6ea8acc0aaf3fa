"""Entry points for tools that can't call a post-renderer, and their helpers.

A tool that can pipe or start a command needs no module here, only a page in docs/. Any other tool needs a module with
a function that returns a CommandResult (``flux.run`` and ``krm.run`` take the options, the stream and the layers), a
row in COMMANDS of ``console/options.py`` and a branch in ``cli.py``.
"""
