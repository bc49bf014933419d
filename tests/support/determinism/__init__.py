"""The determinism matrix: the same commands under other interpreters, users, clocks, locales, files; same bytes."""
