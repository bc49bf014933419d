"""Steps of which none waits for another: in turn, or at once where each is mostly waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import wait

from python_env.deploy.background import LOOK, begun

Steps = Sequence[Callable[[], object]]
Together = Callable[[Steps], None]


def in_turn(steps: Steps) -> None:
    """Run one step after the other; raises what the first one raises that fails."""
    for step in steps:
        step()


def at_once(steps: Steps) -> None:
    """Run each step in a thread, which the process does not wait for at its end; raises what the first in order raises.

    For steps that a later run makes good, whichever of them was done.
    """
    futures = [begun(step) for step in steps]
    while wait(futures, timeout=LOOK).not_done:
        pass
    for future in futures:
        future.result()
