"""The wheel of what users import: installed by pip's own rules, the same bytes whatever the order of its files."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from installer.sources import WheelFile

from python_env.__main__ import main

TOOLS = Path(__file__).parents[3] / "tools/python_env"
FILES = (
    *("__init__.py", "compat/__init__.py", "compat/cluster_pack.py"),
    *("runtime/__init__.py", "runtime/spark_session.py"),
)


def build(path: Path, *, reverse: bool = False) -> Path:
    """Write the wheel."""
    files = [str(TOOLS / name) for name in FILES]
    assert main(["wheels", "runtime", "--version=0.1.0", "--output", str(path), *files[:: -1 if reverse else 1]]) == 0
    return path


def test_it_is_a_wheel(tmp_path: Path) -> None:
    """Its RECORD is right, it fits any Python, and needs nothing."""
    path = build(tmp_path / "python_env_runtime-0.1.0-py3-none-any.whl")
    with WheelFile.open(path) as wheel:
        wheel.validate_record()
        assert wheel.distribution == "python_env_runtime"
        assert "Requires-Dist" not in wheel.read_dist_info("METADATA")
        assert "Tag: py3-none-any" in wheel.read_dist_info("WHEEL").splitlines()
    names = zipfile.ZipFile(path).namelist()
    assert [name for name in names if ".dist-info/" not in name] == sorted(f"python_env/{name}" for name in FILES)


def test_its_modules_import_from_the_wheel(tmp_path: Path) -> None:
    """Nothing else of ours is needed."""
    path = build(tmp_path / "python_env_runtime-0.1.0-py3-none-any.whl")
    code = "import python_env.compat.cluster_pack as c;"
    code += "import python_env.runtime.spark_session as s; print(c.__file__, s.__file__)"
    environment = {"PYTHONPATH": str(path)}
    done = subprocess.run([sys.executable, "-Sc", code], env=environment, capture_output=True, text=True, check=True)
    assert all(file.startswith(str(path)) for file in done.stdout.split())


def test_the_same_bytes_always(tmp_path: Path) -> None:
    """Whatever the order."""
    first, second = build(tmp_path / "a.whl"), build(tmp_path / "b.whl", reverse=True)
    assert first.read_bytes() == second.read_bytes()
