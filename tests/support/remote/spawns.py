"""What Bazel ran, out of its execution log: `--execution_log_json_file`, of both engines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_KEY = (
    *("commandArgs", "environmentVariables", "platform", "inputs"),
    *("listedOutputs", "actualOutputs", "mnemonic", "remotable", "cacheable", "remoteCacheable", "timeoutMillis"),
)
"""Fields that are the key or follow from it, where the engine has them; the others say where and how long it ran."""
_FILES = ("inputs", "actualOutputs")


@dataclass(frozen=True, slots=True)
class Spawn:
    """One action that was executed, or taken from a cache."""

    fields: Mapping[str, Any]

    @property
    def mnemonic(self) -> str:
        """Return the kind of action."""
        return str(self.fields["mnemonic"])

    @property
    def name(self) -> str:
        """Return what tells it from others: mnemonic and first output."""
        return f"{self.mnemonic} {min(self.fields['listedOutputs'])}"

    @property
    def runner(self) -> str:
        """Return who ran it; Bazel's words, e.g. `linux-sandbox`, `remote`, `remote cache hit`."""
        return str(self.fields["runner"])

    @property
    def hit(self) -> bool:
        """Return whether a disk or remote cache had its result."""
        return bool(self.fields.get("cacheHit") or self.fields.get("remoteCacheHit"))

    @property
    def document(self) -> dict[str, Any]:
        """Return the fields that must not depend on the machine; files and variables by their names."""
        found = {name: self.fields[name] for name in _KEY if name in self.fields}
        found["environmentVariables"] = {each["name"]: each["value"] for each in found["environmentVariables"]}
        return found | {name: {each["path"]: each.get("digest") for each in found[name]} for name in _FILES}


def read_spawns(log: Path) -> tuple[Spawn, ...]:
    """Return the spawns of our mnemonics, by name."""
    found = (Spawn(fields) for fields in _objects(log.read_text(encoding="utf-8")))
    return tuple(sorted((each for each in found if each.mnemonic.startswith("PyEnv")), key=lambda each: each.name))


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield JSON objects that follow each other."""
    decoder, start = json.JSONDecoder(), text.find("{")
    while start >= 0:
        found, end = decoder.raw_decode(text, start)
        yield found
        start = text.find("{", end)


def runners(spawns: Iterable[Spawn]) -> dict[str, int]:
    """Return how many spawns each runner ran."""
    return dict(Counter(each.runner for each in spawns))
