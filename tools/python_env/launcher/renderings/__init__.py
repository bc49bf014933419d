"""Launches as files: each module renders one thing that a person, a shell or a scheduler reads."""
