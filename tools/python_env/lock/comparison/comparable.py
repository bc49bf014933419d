"""What two resolvers cannot be compared in, because only one of them can be asked for it."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.base.errors import Fault, ToolError
from python_env.requirements.model import Request

_FIX = "lock it with uv alone and leave .resolver_test out of what is run, or name a wheel of an index"


def check_comparable(request: Request) -> None:
    """Check that both resolvers can be asked for everything; raises ToolError with all that only uv can answer."""
    if faults := list(_faults(request)):
        raise ToolError(faults)


def _faults(request: Request) -> Iterator[Fault]:
    what = "the resolvers cannot be compared: pip-tools is asked for wheels of an index only, not for "
    for line in request.requirements:
        if line.direct:
            yield Fault(f"{what}{line.text}", line.where, _FIX)
    for name in request.policy.sdists:
        yield Fault(f"{what}an sdist of {name}", "sdists", _FIX)
    for name in request.policy.no_binary:
        yield Fault(f"{what}an sdist of {name} (--no-binary)", "the requirement files", _FIX)
