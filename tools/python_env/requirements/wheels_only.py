"""What requirement files say is never built (`--only-binary`), beside what an environment allows to build."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.base.errors import Fault, ToolError
from python_env.requirements.model import Policy

ALL = ":all:"
"""pip's word for every distribution."""


def check_wheels_only(policy: Policy) -> None:
    """Raise ToolError with every distribution of `sdists` that a requirement file wants as a wheel only."""
    if faults := list(_faults(policy)):
        raise ToolError(faults)


def _faults(policy: Policy) -> Iterator[Fault]:
    places = dict(policy.only_binary)
    for name in policy.sdists:
        # In pip, too, a name under --no-binary goes before :all:.
        word = name if name in places or name in policy.no_binary else ALL
        if word in places:
            what = f"{name} may not be built (--only-binary {word}), but `sdists` allows to build it"
            fix = f'remove "{name}" from `sdists`, or mend the line: without it, too, only what `sdists` names is built'
            yield Fault(what, f"{places[word]}, sdists", fix)
