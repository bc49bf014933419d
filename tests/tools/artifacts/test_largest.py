"""The largest distributions of a report."""

from __future__ import annotations

from python_env.artifacts.largest import largest_distributions
from python_env.env.model import Wheel


def wheel(name: str, size: int) -> Wheel:
    """Return a wheel of a size."""
    return Wheel(name=name, version="1", extras=(), file=f"{name}.whl", sha256="", size=size, requires=())


def test_the_ten_largest_come_first_and_equal_ones_by_name() -> None:
    """Eleven wheels, two of one size: the smallest is left out."""
    wheels = [wheel(f"d{number:02}", number) for number in range(1, 11)] + [wheel("a", 10)]
    assert [each.name for each in largest_distributions(wheels)] == ["a", "d10", *(f"d{n:02}" for n in range(9, 1, -1))]
