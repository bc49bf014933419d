"""The generated rule reference."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """Return docs/reference.py as a module."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["reference"] = module
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_fresh(reference: ModuleType) -> None:
    """docs/rules.md is what the docstrings say; the failure is the command that refreshes it."""
    assert (ROOT / "docs" / "rules.md").read_text() == reference.render(ROOT), "python3 docs/reference.py --write"


def test_the_launcher_tables_are_fresh(reference: ModuleType) -> None:
    """docs/launcher.md says what the launcher rules do; the failure is the command that refreshes it."""
    page = (ROOT / "docs" / "launcher.md").read_text()
    assert page == reference.render_launcher(ROOT, page), "python3 docs/reference.py --write"


def test_the_doctors_tables_are_fresh(reference: ModuleType) -> None:
    """docs/doctor.md names every check; the failure is the command that refreshes it."""
    page = (ROOT / "docs" / "doctor.md").read_text()
    assert page == reference.render_doctor(ROOT, page), "python3 docs/reference.py --write"


def test_everything_public_is_documented(reference: ModuleType) -> None:
    """No rule, attribute, provider field or argument of the public files stands without its text."""
    text = reference.render(ROOT)
    assert not [line for line in text.splitlines() if re.search(r"\|\s+\|$", line)]
    assert "### python_env_pex" in text and "### PyEnvInfo" in text


def test_every_relative_link_of_the_docs_leads_somewhere() -> None:
    """A link from one page to another file of the repository names a file that exists."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page}: {link}"
