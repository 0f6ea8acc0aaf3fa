"""Tools that render charts and have no place for a post-renderer: a file for each, around ``render``."""
