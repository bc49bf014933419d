"""What a wheel's METADATA requires on a platform, by `packaging`: actions import it where there is something to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from python_env.base.platforms import Platform, marker_environment

if TYPE_CHECKING:
    from packaging.requirements import Requirement


def requires_dist(metadata: str, platform: Platform, extras: Iterable[str] = ()) -> Iterator[Requirement]:
    """Yield each Requires-Dist that is true on the platform, for the wheel itself or one of its extras.

    Raises ValueError, with the text and the reason, for what is no requirement.
    """
    from packaging.requirements import InvalidRequirement

    from python_env.base.pep508 import parse_requirement

    environment = marker_environment(platform)
    for line in HeaderParser().parsestr(metadata).get_all("Requires-Dist", []):
        try:
            requirement = parse_requirement(line)
        except InvalidRequirement as error:
            raise ValueError(f"{line!r} is not a requirement: {error}") from None
        marker = requirement.marker
        if marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras)):
            yield requirement
