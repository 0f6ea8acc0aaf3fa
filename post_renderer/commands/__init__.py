"""One file per verb besides ``render``: each takes the options and answers with an Outcome, and prints nothing."""
