"""Tries again after transient faults: a pure policy; sleep and chance are handed in."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from python_env.deploy.stores.protocol import Transient

_Result = TypeVar("_Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """How often and how long."""

    attempts: int = 6
    first: float = 0.5
    """Seconds before the second attempt; doubled for each further one."""
    longest: float = 20.0

    def delays(self) -> Iterator[float]:
        """Yield the upper bounds of the pauses between the attempts."""
        for number in range(self.attempts - 1):
            yield min(self.longest, self.first * 2**number)


def _silent(_fault: Transient, _seconds: float) -> None:
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """Runs a step that may be run again after any transient fault, whatever it had done by then."""

    policy: Policy = field(default_factory=Policy)
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """Between 0 and 1: two clients that failed together do not come back together."""
    note: Callable[[Transient, float], None] = _silent

    def run(self, step: Callable[[], _Result]) -> _Result:
        """Return what the step returns; raises the last Transient when all attempts failed, any other at once."""
        for bound in self.policy.delays():
            try:
                return step()
            except Transient as fault:
                seconds = bound * (0.5 + self.chance() / 2)
                self.note(fault, seconds)
                self.sleep(seconds)
        return step()
