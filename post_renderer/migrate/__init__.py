"""Translates a user's files of Polyaxon 0.x to values of this chart. Only the command migrate imports it.

``MigratedFile`` (file.py) reads the bytes of one file, and has the new bytes and the problems. The rules (values.py,
polyaxonfile.py) yield edits of lines, and file.py applies these edits until no rule finds another one. Offsets count
characters, except in a YamlError about a whole file, where they count bytes. The rules follow the charts and
polyaxonfiles of Polyaxon 0.0 to 0.6.
"""
