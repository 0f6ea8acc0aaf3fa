"""What a render costs, next to what else could do the work: streams, contestants, one interleaved run, a table."""
