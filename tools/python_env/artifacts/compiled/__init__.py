"""Compiled files (`.pyc`) of a venv, the same bytes whoever compiles them in whatever order."""
