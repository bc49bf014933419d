"""What tests ask for of the engines."""

from __future__ import annotations

import pytest

from support.bazel import EVERY

several_engines = pytest.mark.skipif(not EVERY, reason="built by one engine; test_determinism.py compares all of them")
"""For a comparison of what all configurations built, in a suite that builds with one of them."""
