"""How problems and explanations are written down: one file per form."""
