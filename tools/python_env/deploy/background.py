"""Steps in threads that the process does not wait for at its end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

_Result = TypeVar("_Result")

LOOK = 0.2
"""Seconds between two looks at what was begun: on Windows no signal ends a wait."""


def begun(step: Callable[[], _Result]) -> Future[_Result]:
    """Run a step in a daemon thread; return what will hold its result, or what it raises."""
    future: Future[_Result] = Future()

    def run() -> None:
        try:
            future.set_result(step())
        except BaseException as error:  # whoever waits is told, whatever it is
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
