"""Finds out which runs use which storage, and which kept Jobs are stale."""
