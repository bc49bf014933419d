"""What of an artifact a person looks at first when it is too large."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from python_env.env.model import Wheel

_MOST = 10


def largest_distributions(wheels: Iterable[Wheel]) -> list[dict[str, Any]]:
    """Return the ten largest wheels, largest first, as a report has them; sizes are the wheels', in bytes."""
    ordered = sorted(wheels, key=lambda wheel: (-wheel.size, wheel.file))
    return [
        {"file": wheel.file, "name": wheel.name, "size": wheel.size, "version": wheel.version}
        for wheel in ordered[:_MOST]
    ]
