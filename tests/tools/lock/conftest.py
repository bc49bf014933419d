"""What the lock tests share."""

from __future__ import annotations

import pytest

from support.fake_index import FakeIndex


@pytest.fixture
def index() -> FakeIndex:
    """Return an empty index."""
    return FakeIndex()
