"""base/ask_pip.py: the machine's pip, or the one that a CPython carries for ensurepip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from python_env.base import documents

SCRIPT = Path(documents.__file__).parent / "ask_pip.py"
CONFIGURATION = """
class Configuration:
    def __init__(self, isolated): pass
    def load(self): pass
    def items(self): return [("global.index-url", "https://of-pip-conf/simple")] if {stated} else []
"""


def asked(folder: Path, *, stated: bool) -> dict[str, str]:
    """Return the answer of a Python without pip, whose ensurepip carries a wheel of one."""
    (folder / "ensurepip/_bundled").mkdir(parents=True)
    (folder / "ensurepip/__init__.py").write_text("")
    with zipfile.ZipFile(folder / "ensurepip/_bundled/pip-1-py3-none-any.whl", "w") as wheel:
        for name in ("pip", "pip/_internal", "pip/_internal/models"):
            wheel.writestr(f"{name}/__init__.py", "")
        wheel.writestr("pip/_internal/configuration.py", CONFIGURATION.format(stated=stated))
        wheel.writestr("pip/_internal/models/index.py", "class PyPI:\n    simple_url = 'https://of-pip/simple'\n")
    done = subprocess.run(
        [sys.executable, "-B", "-S", SCRIPT],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def test_the_carried_pip_says_its_own_constant(tmp_path: Path) -> None:
    """Where nothing is configured."""
    assert asked(tmp_path, stated=False)["url"] == "https://of-pip/simple"


def test_the_carried_pip_reads_the_configuration(tmp_path: Path) -> None:
    """What is configured wins, as in an installed pip."""
    assert asked(tmp_path, stated=True)["url"] == "https://of-pip-conf/simple"
