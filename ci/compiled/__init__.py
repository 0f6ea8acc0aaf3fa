"""Wheels with compiled modules: builds them, tests them, and compares them with the pure Python code."""
