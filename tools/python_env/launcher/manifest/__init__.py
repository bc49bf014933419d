"""The launcher manifest, which later stages read."""
