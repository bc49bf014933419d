"""What a lock was made from, read back."""

from __future__ import annotations

from typing import Any

from python_env.base.resolving import Prereleases, ResolverName
from python_env.lock.entries.reader import LockReader
from python_env.lock.model import InputLine, Inputs


def parse_inputs(reader: LockReader, value: dict[str, Any]) -> Inputs:
    """Return what the lock answers; a field that an older lock does not have is its default."""

    def lines(key: str) -> tuple[InputLine, ...]:
        return tuple(
            InputLine(
                requirement=reader.take(row, "requirement", str, f"inputs.{key}[{i}]"),
                source=reader.take(row, "source", str, f"inputs.{key}[{i}]"),
                platforms=reader.strings({"platforms": [], **row}, "platforms", f"inputs.{key}[{i}]"),
            )
            for i, row in enumerate(reader.objects(value, key, "inputs"))
        )

    policy = value.get("policy", {})
    if not isinstance(policy, dict):
        raise reader.error("expected an object", "inputs.policy")
    return Inputs(
        overrides=reader.strings({"overrides": [], **policy}, "overrides", "inputs.policy"),
        excludes=reader.strings({"excludes": [], **policy}, "excludes", "inputs.policy"),
        exclude_newer=reader.take({"exclude_newer": "", **policy}, "exclude_newer", str, "inputs.policy"),
        prereleases=reader.choice({"prereleases": "", **policy}, "prereleases", Prereleases, "inputs.policy"),
        sdists=reader.strings({"sdists": [], **policy}, "sdists", "inputs.policy"),
        no_binary=reader.strings({"no_binary": [], **policy}, "no_binary", "inputs.policy"),
        marker_values=reader.pairs(policy, "marker_values", "inputs.policy"),
        extends=reader.pairs(value, "extends", "inputs"),
        extras=reader.strings({"extras": [], **value}, "extras", "inputs"),
        groups=reader.strings({"groups": [], **value}, "groups", "inputs"),
        requirements=lines("requirements"),
        constraints=lines("constraints"),
        platforms=reader.strings(value, "platforms", "inputs"),
        resolver=reader.choice({"resolver": ResolverName.UV, **value}, "resolver", ResolverName, "inputs"),
        indexes=reader.strings(value, "indexes", "inputs"),
        index_bindings=reader.pairs(value, "index_bindings", "inputs"),
        index_urls=reader.pairs(value, "index_urls", "inputs"),
    )
