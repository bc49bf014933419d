"""Resolvers: adapters that turn a request into pins, one platform at a time."""
