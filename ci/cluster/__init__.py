"""Runs one Kubernetes node in its own network namespace, for the tests that need real pods."""
