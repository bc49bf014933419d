"""Bazel in a workspace, and what its own profile says of the time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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
        events = json.loads(profile.read_text())["traceEvents"]
        ends = [event["ts"] + event.get("dur", 0) for event in events if event.get("ph") == "X"]
        return float(max(ends) - min(event["ts"] for event in events if event.get("ph") == "X")) / 1e6

    def heap(self) -> float:
        """Return the server's live heap, in MB."""
        return float(self.bazel("info", "used-heap-size-after-gc").split()[-1].removesuffix("MB"))
