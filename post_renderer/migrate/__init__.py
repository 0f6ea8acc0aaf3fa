"""Translates a user's files of Polyaxon 0.x to values of this chart. Only the command migrate imports it.

``MigratedFile`` (file.py) takes the bytes of one file, and has the new bytes and the problems. The rules (values.py,
polyaxonfile.py) yield edits of lines, and file.py applies them until no rule finds one. Offsets count characters; a
YamlError about a whole file counts bytes. The rules come from the charts and polyaxonfiles of Polyaxon 0.0 to 0.6.
"""
