"""Two builds' actions, field by field: what `aquery` says of them, and the execution log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from support.differ.model import walk
from support.differ.parts import bytes_difference
from support.remote.spawns import Spawn

Documents = Mapping[str, Any]
"""Name of an action to its fields."""


def spawn_documents(spawns: Iterable[Spawn]) -> Documents:
    """Return what must not depend on the machine, of each spawn."""
    return {each.name: each.document for each in spawns}


def aquery_documents(text: str) -> Documents:
    """Return the actions out of `aquery --output=jsonproto`, with paths for its numbers; what follows is not read."""
    graph, _ = json.JSONDecoder().raw_decode(text)
    files = _files(graph)
    inputs = {each["id"]: each for each in graph["depSetOfFiles"]}
    documents = {}
    for action in graph["actions"]:
        outputs = sorted(files[number] for number in action["outputIds"])
        names = sorted(files[number] for number in _members(inputs, action.get("inputDepSetIds", [])))
        fields = {key: value for key, value in action.items() if not key.endswith(("Id", "Ids"))}
        fields["environmentVariables"] = {each["key"]: each["value"] for each in action["environmentVariables"]}
        documents[f"{action['mnemonic']} {outputs[0]}"] = {**fields, "inputs": names, "outputs": outputs}
    return documents


def _files(graph: Mapping[str, Any]) -> dict[int, str]:
    fragments = {each["id"]: each for each in graph["pathFragments"]}

    def path(number: int) -> str:
        parent = fragments[number].get("parentId")
        label = str(fragments[number]["label"])
        return f"{path(parent)}/{label}" if parent else label

    return {each["id"]: path(each["pathFragmentId"]) for each in graph["artifacts"]}


def _members(sets: Mapping[int, Mapping[str, Any]], wanted: Iterable[int]) -> set[int]:
    found: set[int] = set()
    seen: set[int] = set()
    queue = list(wanted)
    while queue:
        if (number := queue.pop()) not in seen:
            seen.add(number)
            found.update(sets[number].get("directArtifactIds", ()))
            queue.extend(sets[number].get("transitiveDepSetIds", ()))
    return found


def key_difference(one: Documents, other: Documents) -> str:
    """Return the first difference in one line, or an empty string."""
    names = sorted(one)
    found = walk(
        names, sorted(other), lambda index: bytes_difference(_text(one[names[index]]), _text(other[names[index]]))
    )
    return str(found or "")


def _text(document: Any) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True).encode()
