"""Steps of which none waits for another: in turn, or at once where each is mostly waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from threading import Thread

Steps = Sequence[Callable[[], object]]
Together = Callable[[Steps], None]

_LOOK = 0.2
"""Seconds between two looks: on Windows no signal ends a wait."""


def in_turn(steps: Steps) -> None:
    """Run one step after the other; raises what the first one raises that fails."""
    for step in steps:
        step()


def at_once(steps: Steps) -> None:
    """Run each step in a thread, which the process does not wait for at its end; raises what the first in order raises.

    For steps that a later run makes good, whichever of them was done.
    """
    futures = [_begun(step) for step in steps]
    while wait(futures, timeout=_LOOK).not_done:
        pass
    for future in futures:
        future.result()


def _begun(step: Callable[[], object]) -> Future[object]:
    future: Future[object] = Future()

    def run() -> None:
        try:
            future.set_result(step())
        except BaseException as error:  # whoever waits is told, whatever it is
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
