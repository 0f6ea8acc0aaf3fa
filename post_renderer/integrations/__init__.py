"""Tools that render charts and have no place for a post-renderer: one file per surface, each around ``render``."""
