"""First-party code that reads a file beside itself."""

import json
import sys
import sysconfig
from pathlib import Path


def where() -> dict[str, str]:
    """Return where this code lies, what lies beside it, and which code layer it is of."""
    import numpy

    here = Path(__file__)
    layer = json.loads((here.parents[1] / "python_env.json").read_text())
    environment = next(
        json.loads((folder / "python_env.json").read_text())["env_id"]
        for folder in (Path(sys.prefix), Path(sysconfig.get_path("purelib")))
        if (folder / "python_env.json").is_file()
    )
    return {
        "code": str(here),
        "code_env_id": layer["env_id"],
        "cwd": str(Path.cwd()),
        "env_id": environment,
        "layer": layer["layer"],
        "numpy": numpy.__file__,
        "prefix": sys.prefix,
        "python": sysconfig.get_python_version() + ".",
        "words": (here.parent / "words.txt").read_text().strip(),
    }
