"""`requirements.<tag>.txt`: as pip-compile writes it."""

from __future__ import annotations

from python_env.lock.export.origin import Origin
from python_env.lock.export.requirements import render_requirements
from python_env.lock.model import Lock
from python_env.requirements.parse import parse_request
from support.fake_index import LINUX, WINDOWS


def test_the_text(lock: Lock, origin: Origin) -> None:
    """One distribution after the other, sorted, with the platform's one digest and who asks for it."""
    app, lib = (lock.files[package.file].sha256 for package in lock.sections[LINUX].packages)
    assert render_requirements(lock, lock.sections[LINUX], origin=origin) == (
        f"# Everything for {LINUX}: pip install --require-hashes --no-deps -r <this file>\n"
        f"# Written by rules_python_env from //envs:a.lock.json, environment {lock.env_id[:16]}.\n"
        f"app==1.0 \\\n    --hash=sha256:{app}\n    # via -r r.in\n"
        f"lib==2.0+cpu \\\n    --hash=sha256:{lib}\n    # via app\n"
    )


def test_our_own_reader_takes_it(lock: Lock, origin: Origin) -> None:
    """What is written is a requirement file again: the same pins with the same hashes."""
    text = render_requirements(lock, lock.sections[WINDOWS], origin=origin)
    asked = parse_request(["r.txt"], [], read=lambda _: text).requirements
    assert {(each.name, each.text, each.hashes) for each in asked} == {
        (package.name, f"{package.name}=={package.version}", (lock.files[package.file].sha256,))
        for package in lock.sections[WINDOWS].packages
    }
    assert len(asked) == 3
