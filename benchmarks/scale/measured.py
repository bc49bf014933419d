"""Bazel in a workspace, and what its own profile says of the time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paths import ROOT


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace; wheels that lie in its folder `wheels` are found by Bazel."""

    path: Path

    def bazel(self, command: str, *words: str, **environment: str) -> str:
        """Run Bazel and return what it said."""
        options = [f"--distdir={self.path / 'wheels'}"] if command in ("build", "query", "cquery") else []
        done = subprocess.run(
            [ROOT / "bazelw", command, *options, *words],
            cwd=self.path,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stdout[-4000:])
        return done.stdout

    def seconds(self, command: str, *words: str, cold: bool = True, **environment: str) -> float:
        """Return what Bazel says that a command took, on a server that was started for it unless not `cold`."""
        if cold:
            self.bazel("shutdown")
        profile = self.path / "profile.json"
        self.bazel(command, f"--profile={profile}", "--generate_json_trace_profile", *words, **environment)
        return _span(self._events())

    def fetching(self, name: str) -> float:
        """Return how long the last such command took from the first of some repositories to the end of the last."""
        return _span(each for each in self._events() if each["cat"] == "Fetching repository" and name in each["name"])

    def _events(self) -> list[dict[str, Any]]:
        events = json.loads((self.path / "profile.json").read_text())["traceEvents"]
        return [event for event in events if event.get("ph") == "X"]

    def heap(self) -> float:
        """Return the server's live heap, in MB."""
        return float(self.bazel("info", "used-heap-size-after-gc").split()[-1].removesuffix("MB"))


def _span(events: Iterable[dict[str, Any]]) -> float:
    """Return the seconds from the first event's start to the last one's end."""
    found = [(event["ts"], event["ts"] + event.get("dur", 0)) for event in events]
    return float(max(end for _, end in found) - min(start for start, _ in found)) / 1e6
