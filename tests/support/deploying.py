"""Artifacts of any bytes, the commands of deploy in processes of their own, and places on real services."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from python_env.artifacts.model import render_report
from python_env.deploy.stores.opening import open_store
from python_env.deploy.uri import parse_place
from support.hadoop.cluster import free_ports
from support.reports import VENV

TOOLS = Path(__file__).parents[2] / "tools"
PLATFORM = "cp311-manylinux_2_28_x86_64"
ORIGINAL = "a.venv.tar.gz"


@dataclass(frozen=True)
class Artifact:
    """An archive with its report."""

    path: Path
    report: Path
    sha256: str

    @property
    def file(self) -> str:
        """Return its deployed name."""
        return f"a.venv-{self.sha256[:16]}.tar.gz"

    @property
    def words(self) -> list[str]:
        """Return the options that name it."""
        return ["--artifact", str(self.path), "--report", str(self.report)]


def make_artifact(folder: Path, data: bytes) -> Artifact:
    """Write an artifact of any bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    sha256 = hashlib.sha256(data).hexdigest()
    path, report = folder / ORIGINAL, folder / "a.json"
    path.write_bytes(data)
    found = replace(VENV, file=ORIGINAL, sha256=sha256, size=len(data), unpacked_size=len(data))
    report.write_bytes(render_report(found))
    return Artifact(path, report, sha256)


@dataclass
class Command:
    """The commands of deploy, in processes of their own."""

    to: str
    environment: dict[str, str] = field(default_factory=dict)

    def below(self, name: str, **environment: str) -> Command:
        """Return the commands for a folder of this place, with more variables."""
        return Command(f"{self.to}/{name}", {**self.environment, **environment})

    def start(self, name: str, *words: str) -> subprocess.Popen[str]:
        """Start a command."""
        path = os.pathsep.join(filter(None, [str(TOOLS), self.environment.get("PYTHONPATH")]))
        return subprocess.Popen(
            [sys.executable, "-m", "python_env", "deploy", name, "--to", self.to, *words],
            env={**os.environ, **self.environment, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, name: str, *words: str, code: int = 0) -> Any:
        """Run a command; return its JSON, or what it said when it must fail."""
        process = self.start(name, *words, "--json")
        out, said = process.communicate()
        assert process.returncode == code, said
        return json.loads(out) if code == 0 else said

    def upload(self, artifact: Artifact, *words: str) -> dict[str, Any]:
        """Deploy and return the receipt."""
        found: dict[str, Any] = self.run("upload", *artifact.words, *words)
        return found

    def channel(self, name: str, *words: str) -> dict[str, Any]:
        """Return a channel."""
        options = (name, "--file", ORIGINAL, "--platform", PLATFORM)
        found: dict[str, Any] = self.run("channel", *options, *words)
        return found

    def store(self) -> Any:
        """Return the place's store, opened in this process."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            return open_store(parse_place(self.to))


@contextlib.contextmanager
def moto_s3() -> Iterator[Command]:
    """Give deploys to a bucket of a moto server; the test is skipped where there is none."""
    program = os.environ.get("MOTO_SERVER") or shutil.which("moto_server", path=str(Path(sys.executable).parent))
    if not program:
        pytest.skip("no moto_server beside this interpreter")
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL)
    try:
        _make_bucket(url, port)
        names = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hidden-secret"}
        yield Command("s3://bucket/envs", {**names, "AWS_REGION": "us-east-1"})
    finally:
        server.kill()
        server.wait()


def _make_bucket(url: str, port: int) -> None:
    end = time.monotonic() + 60
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert time.monotonic() < end, "the server did not come up"
        time.sleep(0.1)
    credential = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"
    urllib.request.urlopen(urllib.request.Request(f"{url}/bucket", method="PUT", headers={"Authorization": credential}))


def at_google(url: str, folder: Path) -> Command:
    """Return deploys to a bucket of a server at that URL, which asks for no credentials."""
    account = dict.fromkeys(("client_email", "private_key", "private_key_id"), "")
    path = folder / "account.json"
    path.write_text(json.dumps({**account, "gcs_base_url": url, "disable_oauth": True}))
    return Command("gs://bucket/envs", {"GOOGLE_BASE_URL": url, "GOOGLE_SERVICE_ACCOUNT": str(path)})


def check_whole(place: Command) -> None:
    """Every visible archive has the bytes of its name's digest; every channel points at one."""
    store = place.store()
    names: Sequence[str] = [stat.path for stat in store.list("") if not stat.path.startswith(".")]
    for name in names:
        if name.endswith(".tar.gz"):
            assert store.sha256(name, lambda _count: None).startswith(name[-23:-7]), f"{name} is not whole"
    for stat in store.list("channels"):
        if not stat.path.rpartition("/")[2].startswith("."):
            assert json.loads(store.read(stat.path).data)["target"]["file"] in names
