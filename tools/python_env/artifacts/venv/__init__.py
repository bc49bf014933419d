"""A relocatable virtual environment as a tarball."""
