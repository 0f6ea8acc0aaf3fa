"""One file for each command but ``render``. Each returns a CommandResult and prints nothing."""
