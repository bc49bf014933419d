"""Sources: what a wheel is built from, and direct references, looked into when the lock is refreshed."""
