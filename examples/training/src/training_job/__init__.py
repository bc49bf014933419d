"""A first-party package that travels with the environment."""
