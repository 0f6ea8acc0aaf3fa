"""One node of Kubernetes in a network namespace of its own, for the tests that need real pods."""
