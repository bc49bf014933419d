"""Actions of two builds are compared field by field, whatever says what they are."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from support.remote.http_cache import spoil
from support.remote.keys import aquery_documents, key_difference, spawn_documents
from support.remote.spawns import Spawn, read_spawns, runners


def logged(mnemonic: str = "PyEnvPex", **more: Any) -> dict[str, Any]:
    """Return a spawn as Bazel 7 logs it."""
    return {
        "commandArgs": ["python", "tools/run.py"],
        "environmentVariables": [{"name": "LC_ALL", "value": "C"}],
        "inputs": [{"path": "a.whl", "digest": {"hash": "1"}}],
        "listedOutputs": ["out/b", "out/a"],
        "actualOutputs": [{"path": "out/a", "digest": {"hash": "2"}}],
        "mnemonic": mnemonic,
        "runner": "linux-sandbox",
        "cacheHit": False,
        **more,
    }


def planned(environment: str = "C") -> str:
    """Return a plan of one action as aquery prints it."""
    return json.dumps({
        "actions": [{
            "targetId": 1,
            "actionKey": "k",
            "mnemonic": "PyEnvPex",
            "environmentVariables": [{"key": "LC_ALL", "value": environment}],
            "inputDepSetIds": [2],
            "outputIds": [1],
        }],
        "artifacts": [{"id": 1, "pathFragmentId": 2}, {"id": 2, "pathFragmentId": 3}],
        "depSetOfFiles": [{"id": 1, "directArtifactIds": [2]}, {"id": 2, "transitiveDepSetIds": [1]}],
        "pathFragments": [
            {"id": 1, "label": "out"},
            {"id": 2, "label": "hello.pex", "parentId": 1},
            {"id": 3, "label": "a.whl"},
        ],
    })  # fmt: skip


def test_a_log_is_read(tmp_path: Path) -> None:
    """Objects that follow each other; only our mnemonics, by name; hits as either engine says it."""
    ours = [logged(), logged("PyEnvVenv", cacheHit=True), logged("PyEnvEnv", remoteCacheHit=True)]
    log = tmp_path / "log.json"
    log.write_text("\n".join(json.dumps(each, indent=1) for each in (*ours, logged("Javac"))))
    spawns = read_spawns(log)
    assert [(each.name, each.hit) for each in spawns] == [
        ("PyEnvEnv out/a", True),
        ("PyEnvPex out/a", False),
        ("PyEnvVenv out/a", True),
    ]
    assert runners(spawns) == {"linux-sandbox": 3}


def test_differences_of_logs_are_named() -> None:
    """A variable, an input's digest, a missing action; but not who ran it."""
    one = spawn_documents([Spawn(logged())])
    assert key_difference(one, spawn_documents([Spawn(logged(runner="remote"))])) == ""
    other = copy.deepcopy(one)
    other["PyEnvPex out/a"]["environmentVariables"]["HOME"] = "/root"
    assert key_difference(one, other) == "PyEnvPex out/a: $.environmentVariables.HOME: missing | there"
    other = copy.deepcopy(one)
    other["PyEnvPex out/a"]["inputs"]["a.whl"]["hash"] = "9"
    assert key_difference(one, other) == 'PyEnvPex out/a: $.inputs.a.whl.hash: "1" | "9"'
    assert "end after 0 members" in key_difference({}, one)


def test_differences_of_plans_are_named() -> None:
    """The numbers of a plan become paths, through sets in sets."""
    one = aquery_documents(planned())
    assert one["PyEnvPex out/hello.pex"]["inputs"] == ["a.whl"]
    assert key_difference(one, aquery_documents(planned())) == ""
    found = key_difference(one, aquery_documents(planned("de_DE")))
    assert found == 'PyEnvPex out/hello.pex: $.environmentVariables.LC_ALL: "C" | "de_DE"'


def test_a_store_is_spoilt(tmp_path: Path) -> None:
    """Blobs change, results stay."""
    for name, text in {"cas/ab/c": "abc", "cas/d": "", "ac/e": "e"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert spoil(tmp_path) == 1
    assert [(tmp_path / name).read_text() for name in ("cas/ab/c", "ac/e")] == ["`bc", "e"]
