"""Translates a user's files of Polyaxon 0.x to today's values. Only the command migrate imports it."""
