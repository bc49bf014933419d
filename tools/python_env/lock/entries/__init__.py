"""The entries of a lock: each parsed and checked by itself, strictly."""
