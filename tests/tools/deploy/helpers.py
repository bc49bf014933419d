"""Artifacts that are deployed in the tests, and what must hold of a store at any moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from deploy.memory import MemoryStore

from python_env.artifacts.model import render_report
from python_env.deploy.channels import Gone, Mover
from python_env.deploy.collect import Collection, Collector, Rules
from python_env.deploy.documents.channel import Channel, Move, Target
from python_env.deploy.documents.metadata import Metadata
from python_env.deploy.documents.receipt import Action, make_receipt
from python_env.deploy.names import deployed_name, parse_deployed
from python_env.deploy.plan import Plan
from python_env.deploy.retry import Policy, Retry
from python_env.deploy.stores.protocol import Store
from python_env.deploy.upload import Uploader
from support.reports import PLATFORM, VENV

ORIGINAL = "training.venv.tar.gz"
_RUNS: Iterator[int] = count(1)


def unique() -> str:
    """Return hexadecimal digits that stand once in a test run."""
    return f"{next(_RUNS):012x}"


def metadata(data: bytes, *, original: str = ORIGINAL) -> Metadata:
    """Return the metadata of an artifact with these bytes."""
    sha256 = hashlib.sha256(data).hexdigest()
    return Metadata(
        file=deployed_name(original, sha256),
        original=original,
        sha256=sha256,
        size=len(data),
        artifact="venv",
        name="training",
        env_id="e",
        platform=PLATFORM,
        packages={"numpy": "2.0"},
        lock="l",
        env="f",
        parent="g",
    )


def report(sha256: str, size: int) -> bytes:
    """Return the report of an artifact a.venv.tar.gz."""
    return render_report(replace(VENV, lock="l", sha256=sha256, size=size, unpacked_size=size))


@dataclass(frozen=True)
class Client:
    """One who deploys, moves channels and collects."""

    store: Store
    attempts: int = 6

    def retry(self) -> Retry:
        """Return a policy that does not sleep."""
        return Retry(policy=Policy(attempts=self.attempts), sleep=lambda _seconds: None, chance=lambda: 0.5)

    def uri(self, file: str) -> str:
        """Return a URI."""
        return f"s3://bucket/{file}"

    def uploader(self) -> Uploader:
        """Return what uploads."""
        return Uploader(store=self.store, retry=self.retry(), unique=unique, uri=self.uri, progress=lambda _count: None)

    def mover(self) -> Mover:
        """Return what moves channels."""
        return Mover(
            store=self.store, retry=self.retry(), unique=unique, uri=self.uri, original=ORIGINAL, platform=PLATFORM
        )

    def upload(self, source: Path) -> Plan:
        """Deploy a file without a channel."""
        wanted, uploader = metadata(source.read_bytes()), self.uploader()
        done = uploader.send(wanted, source)
        uploader.record(wanted)
        return done

    def deploy(self, source: Path, *channels: str) -> Plan:
        """Deploy a file, record it, move channels; again when a collection took it meanwhile."""
        wanted, mover = metadata(source.read_bytes()), self.mover()
        while True:
            done = self.upload(source)
            self.record(wanted, Action.UPLOAD, channels)
            try:
                for channel in channels:
                    mover.move(channel, Move(target=self.target(wanted), who="a@b", when="t"))
            except Gone:
                continue
            return done

    def record(self, wanted: Metadata, action: Action, channels: tuple[str, ...]) -> str:
        """Write a receipt."""
        receipt = make_receipt(wanted, action=action, uri=self.uri(wanted.file), channels=channels, who="a@b", when="t")
        return self.mover().record(receipt)

    def target(self, wanted: Metadata) -> Target:
        """Return what a channel says of a file."""
        return Target(file=wanted.file, uri=self.uri(wanted.file), sha256=wanted.sha256)

    def rollback(self, channel: str) -> Channel:
        """Return a channel to where it pointed."""
        mover = self.mover()
        return mover.move(channel, Move(target=mover.rollback_target(channel), who="a@b", when="t", rollback=True))

    def collect(self, *, keep: int = 0, seconds: float = 0) -> Collection:
        """Remove what nothing names."""
        rules = Rules(keep=keep, seconds=seconds)
        return Collector(store=self.store, retry=self.retry(), uri=self.uri, rules=rules, run=unique()).collect()


def source(folder: Path, data: bytes) -> Path:
    """Return a file with these bytes."""
    path = folder / hashlib.sha256(data).hexdigest()[:8]
    path.write_bytes(data)
    return path


def check_whole(files: dict[str, bytes]) -> None:
    """Every visible file under a deployed name has the bytes of its digest, every channel points at one."""
    for path, data in files.items():
        if parsed := parse_deployed(path):
            assert hashlib.sha256(data).hexdigest().startswith(parsed.digest), f"{path} is not whole"
        elif path.startswith("channels/") and path.endswith(".json"):
            target = json.loads(data)["target"]
            assert target["file"] in files, f"{path} points at nothing"
            assert hashlib.sha256(files[target["file"]]).hexdigest() == target["sha256"]


def check_store(store: MemoryStore) -> None:
    """See check_whole."""
    check_whole(store.files)
