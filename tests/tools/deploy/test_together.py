"""Steps in turn and at once."""

from __future__ import annotations

import threading

import pytest

from python_env.deploy.together import at_once, in_turn


def test_at_once_no_step_waits_for_another() -> None:
    """Two steps that meet each other would never end in turn."""
    meeting = threading.Barrier(2, timeout=20)
    at_once([meeting.wait, meeting.wait])


def test_in_turn_each_step_waits_for_the_one_before() -> None:
    """And none runs after one that failed."""
    done: list[int] = []
    with pytest.raises(ZeroDivisionError):
        in_turn([lambda: done.append(1), lambda: 1 // 0, lambda: done.append(2)])
    assert done == [1]


def test_at_once_a_fault_is_told_when_all_have_ended() -> None:
    """The first in order is told, and the other step was done nevertheless."""
    done: list[int] = []
    with pytest.raises(ZeroDivisionError):
        at_once([lambda: 1 // 0, lambda: done.append(2), lambda: [][1]])
    assert done == [2]
