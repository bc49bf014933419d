"""A module beside a package of its name is never imported; where one of them is first-party code, that is told."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from python_env.artifacts.install.precedence import unimportable

OURS = "first-party code"
SITE = "lib/python3.11/site-packages"


def faults(*ours: str, wheel: tuple[str, ...]) -> list[str]:
    """Return what is said of first-party files beside those of a wheel."""
    owners = {f"{SITE}/{path}": "a.whl" for path in wheel} | {f"{SITE}/{path}": OURS for path in ours}
    return [fault.what for fault in unimportable(owners, OURS)]


@pytest.mark.parametrize(
    ("ours", "wheel", "dead", "owner"),
    [
        ("click.py", "click/__init__.py", "click.py of first-party code", "a.whl"),
        ("six/__init__.py", "six.py", "six.py of a.whl", OURS),
        ("google/x.py", "google/x/__init__.py", "google/x.py of first-party code", "a.whl"),
    ],
)
def test_what_a_package_hides_is_told(ours: str, wheel: str, dead: str, owner: str) -> None:
    """Both ways, with both owners, also below folders that are shared."""
    assert faults(ours, wheel=(wheel,)) == [
        f"{SITE}/{dead} could never be imported: {owner} has a package of that name"
    ]


def test_what_is_imported_passes() -> None:
    """A folder without __init__ comes after a module, data is none, and a pair of one owner is its own business."""
    assert faults("click.py", "words.txt", wheel=("click/words.txt", "words/__init__.py")) == []
    assert faults("job.py", "job/__init__.py", wheel=("six.py", "six/__init__.py")) == []


def test_python_prefers_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the whole check rests on."""
    (tmp_path / "twice_there").mkdir()
    (tmp_path / "twice_there/__init__.py").write_text("kind = 'package'\n")
    (tmp_path / "twice_there.py").write_text("kind = 'module'\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert importlib.import_module("twice_there").kind == "package"
