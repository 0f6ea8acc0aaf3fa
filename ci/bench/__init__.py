"""The benchmark: the time and memory of a render, and of other programs that can do the same work."""
