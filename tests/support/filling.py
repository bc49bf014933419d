"""Fills the launcher's values and renderings as deploy fills them."""

from __future__ import annotations

from python_env.deploy.launches import values_of
from python_env.launcher.manifest.model import fill


def filled(text: str, *, uri: str = "", **known: str) -> str:
    """Return a value or rendering with its placeholders filled; those that are not known stay."""
    return fill(text, values_of(uri, **known))
