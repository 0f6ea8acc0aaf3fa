"""A user's own files of Polyaxon 0.x to today's values. Off the render path: only the verb imports this."""
