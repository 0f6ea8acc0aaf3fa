"""`make mutation`: changes the program in one place at a time, and counts the changes that no test finds."""
