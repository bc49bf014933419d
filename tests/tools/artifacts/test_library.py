"""`artifacts library`: the standard library as one zip of compiled modules."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

from python_env.__main__ import main

LIBRARY = Path(sysconfig.get_path("stdlib"))


def compiled(output: Path, *files: Path, root: str = LIBRARY.name) -> bytes:
    """Return the zip of some files."""
    words = [word for file in files for word in ("--file", str(file))]
    assert main(["artifacts", "library", "--root", root, *words, "--output", str(output)]) == 0
    return output.read_bytes()


def test_modules_are_imported_from_it(tmp_path: Path) -> None:
    """Without their sources, before the interpreter's own, which stay for what is not inside."""
    compiled(tmp_path / "library.zip", *sorted(LIBRARY.glob("json/*.py")))
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'library.zip')!r}); import json, csv; print(json.__file__)"
    done = subprocess.run([sys.executable, "-B", "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(tmp_path / "library.zip" / "json/__init__.pyc")


def test_order_does_not_change_its_bytes(tmp_path: Path) -> None:
    """Members are sorted, and what was compiled before leaves no trace."""
    files = sorted([*LIBRARY.glob("json/*.py"), *LIBRARY.glob("email/*.py"), LIBRARY / "argparse.py"])
    assert compiled(tmp_path / "a.zip", *files) == compiled(tmp_path / "b.zip", *reversed(files))


def test_what_is_no_code_is_left_out(tmp_path: Path) -> None:
    """Data and templates stay behind; paths begin below the root."""
    root = tmp_path / "external/cpython/lib/python3.11"
    (root / "package").mkdir(parents=True)
    (root / "package/good.py").write_text("x = 1\n")
    (root / "template.py").write_text("{{ x }\n")
    (root / "data.txt").write_text("x = 1\n")
    compiled(tmp_path / "library.zip", *(path for path in root.rglob("*") if path.is_file()), root="lib/python3.11")
    assert zipfile.ZipFile(tmp_path / "library.zip").namelist() == ["package/good.pyc"]
