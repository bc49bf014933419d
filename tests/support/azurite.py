"""Azurite, Azure's own stand-in for its blob store, with an account of the tests."""

from __future__ import annotations

import base64
import contextlib
import email.utils
import hashlib
import hmac
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.deploying import Command
from support.hadoop.cluster import free_ports

ACCOUNT, CONTAINER = "account", "box"
KEY = base64.b64encode(b"a key of the tests").decode()
VERSION = "2021-12-02"


@contextlib.contextmanager
def azurite(folder: Path) -> Iterator[Command]:
    """Give deploys to a container; the test is skipped where there is no azurite-blob (npm install azurite)."""
    program = os.environ.get("AZURITE_BLOB") or shutil.which("azurite-blob")
    if not program or not Path(program).exists():
        pytest.skip("no azurite-blob: AZURITE_BLOB or PATH")
    port = free_ports(1)[0]
    words = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "-l", str(folder), "--silent", "--disableTelemetry"]
    server = subprocess.Popen(
        [program, *words, "--skipApiVersionCheck"],
        env={**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/{ACCOUNT}"
    names = {"AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": KEY, "AZURE_STORAGE_ENDPOINT": url}
    try:
        _make_container(url, server)
        yield Command(f"abfs://{CONTAINER}@{ACCOUNT}.dfs.core.windows.net/envs", names)
    finally:
        server.kill()
        server.wait()


def _make_container(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(_signed(f"{url}/{CONTAINER}?restype=container"))
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            if server.poll() is not None:
                pytest.skip("azurite-blob does not start with this Node.js")
            assert time.monotonic() < end, "the server did not come up"
            time.sleep(0.2)


def _signed(url: str) -> urllib.request.Request:
    """Return a PUT of a container, signed with the account's key (Blob service: Authorize with Shared Key)."""
    date = email.utils.formatdate(usegmt=True)
    dated = f"x-ms-date:{date}\nx-ms-version:{VERSION}"
    text = "PUT" + "\n" * 12 + f"{dated}\n/{ACCOUNT}/{ACCOUNT}/{CONTAINER}\nrestype:container"
    digest = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
    signature = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
    headers = {"Authorization": signature, "x-ms-date": date, "x-ms-version": VERSION}
    request = urllib.request.Request(url, method="PUT", headers=headers, data=b"")
    request.add_unredirected_header("Content-Type", "")  # urllib's own would have to be signed
    return request
