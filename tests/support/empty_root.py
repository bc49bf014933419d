"""A root folder that holds some shared libraries, an environment and nothing else: no Python, no shell."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

LIBC = ("ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1", "libutil.so.1")

COMPILER = ("libgcc_s.so.1", "libstdc++.so.6")
"""What a manylinux wheel takes from its machine beside libc (PEP 600)."""

FOLDERS = ("/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu")
ENVIRONMENT = "/cluster/env"


def in_empty_root(
    place: Path,
    libraries: Iterable[str],
    *words: str,
    over: Mapping[Path, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the environment's interpreter there; `over`: files of this machine to the paths where they are seen.

    There are the given variables alone, and a network of its own, with nothing but the loopback interface.
    """
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--clearenv", "--dev", "/dev", "--proc", "/proc"]
    for name in libraries:
        found = next(path for folder in FOLDERS if (path := Path(folder, name)).exists())
        folder = "/lib64" if name.startswith("ld-") else "/lib/x86_64-linux-gnu"
        command += ["--ro-bind", str(found.resolve()), f"{folder}/{name}"]
    command += ["--ro-bind", str(place), ENVIRONMENT]
    for source, target in (over or {}).items():
        command += ["--ro-bind", str(source), target]
    for key, value in (variables or {}).items():
        command += ["--setenv", key, value]
    command += ["--chdir", "/cluster", "./env/bin/python", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)
