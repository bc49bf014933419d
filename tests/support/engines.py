"""What tests ask for of the engines."""

from __future__ import annotations

import os

import pytest

several_engines = pytest.mark.skipif(
    "PYTHON_ENV_EVERY_BAZEL" not in os.environ, reason="built by one engine; test_determinism.py compares all of them"
)
"""For a comparison of what all configurations built, in a suite that builds with one of them."""
