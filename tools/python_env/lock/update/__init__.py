"""Refreshing a lock."""
