"""Caches and executors that Bazel's actions share, two users who share them, and what entered the actions' keys."""
