"""A lock in other tools' words: `pylock.toml`, hashed requirements, constraints. Standard library only."""
