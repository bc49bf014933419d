"""Wheels are digested while they are opened and planned: what changed since it was locked is refused all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from artifacts.conftest import Builder

from python_env.__main__ import main
from python_env.base.documents import render_document
from python_env.wheels.check.model import Check, check_document
from support.wheels import sha256

CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "the same zip, one byte of a member changed": lambda data: data[:60] + bytes([data[60] ^ 0xFF]) + data[61:],
    "another directory": lambda data: data[:-30] + bytes([data[-30] ^ 0xFF]) + data[-29:],
    "cut": lambda data: data[:-1],
    "no zip": lambda data: b"x" * len(data),
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("kind", ["venv", "pex"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_wheel_that_changed_after_its_check_is_refused(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], kind: str, change: str
) -> None:
    """Whatever planning makes of it, the error is that its bytes are not the locked ones, and nothing is left."""
    wheel, output = builder.wheels[0], builder.folder / "made" / "out"
    output.parent.mkdir()
    check = wheel.with_suffix(".check.json")
    check.write_bytes(render_document(check_document(Check(sha256=sha256(wheel), requires_python=""))))
    words = [*builder.words(output), "--check", str(check)]
    words += ["--pex-wheel", str(fake_pex_wheel)] if kind == "pex" else []
    wheel.write_bytes(CHANGES[change](wheel.read_bytes()))
    assert main(["artifacts", kind, *words]) == 2
    error = capsys.readouterr().err
    assert error.count("error: ") == 1
    assert f"the bytes of {wheel.name} differ from the lock: sha256 {sha256(wheel)}" in error
    assert list(output.parent.iterdir()) == []
