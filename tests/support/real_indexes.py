"""Real index servers: pypiserver with a password, devpi-server as a mirror, and a plain directory over HTTP."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.cache import cache_of_the_tests
from support.index_server import PASSWORD, USER

PACKAGES = ("pypiserver==2.4.2", "passlib==1.7.4", "devpi-server==6.20.3")
_START_SECONDS = 60


def _programs() -> Path:
    """Return the bin folder of the servers, installed once from the index that pip is configured with."""
    place = cache_of_the_tests() / "index-servers-1"
    if not (place / ".done").exists():
        shutil.rmtree(place, ignore_errors=True)
        python = shutil.which("python3.11", path="/usr/bin:/usr/local/bin") or sys.executable
        subprocess.run([python, "-m", "venv", place], check=True)
        subprocess.run([place / "bin/pip", "install", "-q", *PACKAGES], check=True)
        (place / ".done").touch()
    return place / "bin"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def _running(command: Sequence[Any], port: int, log: Path) -> Iterator[None]:
    """Run a server until the end of the block; it must listen soon."""
    with log.open("wb") as output, subprocess.Popen(list(map(str, command)), stdout=output, stderr=output) as process:
        try:
            end = time.monotonic() + _START_SECONDS
            while not _listens(port):
                assert process.poll() is None and time.monotonic() < end, log.read_text()[-3000:]
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def pypiserver(folder: Path, work: Path) -> Iterator[str]:
    """Give the URL of the simple index of a pypiserver that asks for a password for everything."""
    programs, port = _programs(), _free_port()
    code = (
        "import sys; from passlib.apache import HtpasswdFile as F; f = F(sys.argv[1], new=True, "
        "default_scheme='sha256_crypt'); f.set_password(sys.argv[2], sys.argv[3]); f.save()"
    )
    subprocess.run([programs / "python", "-c", code, work / "htpasswd", USER, PASSWORD], check=True)
    listen = ["-i", "127.0.0.1", "-p", port, "--disable-fallback"]
    private = ["-a", "list,download,update", "-P", work / "htpasswd"]
    with _running([programs / "pypi-server", "run", *listen, *private, folder], port, work / "pypiserver.log"):
        yield f"http://127.0.0.1:{port}/simple"


@contextmanager
def directory(folder: Path, work: Path) -> Iterator[str]:
    """Give the URL of a folder that `python -m http.server` lists: no digests, no ranges, no PEP 503."""
    port = _free_port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", folder, port]
    with _running(command, port, work / "directory.log"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def devpi_mirror(of: str, work: Path) -> Iterator[str]:
    """Give the URL of the simple index of a devpi-server that mirrors another index."""
    programs, port = _programs(), _free_port()
    data = ["--serverdir", work / "devpi"]
    subprocess.run([programs / "devpi-init", *data, "--no-root-pypi"], check=True, capture_output=True)
    listen = ["--host", "127.0.0.1", "--port", port]
    with _running([programs / "devpi-server", *data, *listen], port, work / "devpi.log"):
        root = f"http://127.0.0.1:{port}"
        token = _ask(f"{root}/+login", "POST", {"user": "root", "password": ""})["result"]["password"]
        header = base64.b64encode(f"root:{token}".encode()).decode()
        _ask(f"{root}/root/mirror", "PUT", {"type": "mirror", "mirror_url": f"{of}/", "volatile": True}, header)
        yield f"{root}/root/mirror/+simple"


def _ask(url: str, method: str, body: dict[str, Any], token: str = "") -> Any:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    headers |= {"X-Devpi-Auth": token} if token else {}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read())
