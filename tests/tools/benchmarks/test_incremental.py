"""The benchmarks' incremental builds: what is read from Bazel's profile, and the lock with another release."""

from __future__ import annotations

import gzip
import json

from bench_incremental import Run, actions_of, parse_profile


def event(mnemonic: str, micros: int, category: str = "action processing") -> dict[str, object]:
    """Return an event of a profile."""
    return {"cat": category, "name": "x", "dur": micros, "args": {"mnemonic": mnemonic}}


def test_a_profile_gives_the_actions_of_our_tools_alone() -> None:
    """Bazel's own work, and phases of an action that are told beside it, do not count."""
    events = [event("PyEnvPex", 1_500_000), event("Middleman", 9), event("PyEnvVenv", 5, "subprocess.run"), {"ph": "M"}]
    actions = parse_profile(gzip.compress(json.dumps({"traceEvents": events}).encode()))
    assert [(action.mnemonic, action.seconds) for action in actions] == [("PyEnvPex", 1.5)]
    assert Run(2.0, actions).in_actions == 1.5


def test_runs_that_ran_other_actions_are_told_apart() -> None:
    """A cached action in one of the runs cannot hide behind the others."""
    pex = parse_profile(gzip.compress(json.dumps({"traceEvents": [event("PyEnvPex", 1_000_000)]}).encode()))
    assert actions_of([Run(1, pex), Run(1, pex)]) == "1 PyEnvPex 1.00 s"
    assert actions_of([Run(1, pex), Run(1, ())]) == "none; or 1 PyEnvPex 1.00 s"
