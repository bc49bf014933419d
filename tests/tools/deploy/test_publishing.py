"""One artifact is published: what its receipt says, and what the bar is told."""

from __future__ import annotations

from pathlib import Path

from deploy.helpers import metadata, source
from deploy.memory import MemoryStore

from python_env.deploy.documents.receipt import Action, make_receipt, render_receipt
from python_env.deploy.edge import Author, Opened
from python_env.deploy.publishing import Wanted, publish
from python_env.deploy.retry import Policy, Retry
from python_env.deploy.stores.protocol import Transient
from python_env.deploy.upload import Uploader
from python_env.deploy.uri import parse_place

AUTHOR = Author(who="a@b", now=lambda: "2026-01-01T00:00:00+00:00", unique=lambda: "0123456789ab")


def test_a_receipt_is_whole(tmp_path: Path) -> None:
    """Who and when are handed in, so that every byte of it is known before."""
    store, path = MemoryStore(), source(tmp_path, b"any")
    wanted = metadata(b"any")
    opened = Opened(place=parse_place("s3://b/envs"), store=store, retry=Retry(), author=AUTHOR)
    publish(opened, Wanted(path=path, metadata=wanted), ["stable"], quiet=True)
    receipt = make_receipt(
        wanted,
        action=Action.UPLOAD,
        uri=f"s3://b/envs/{wanted.file}",
        channels=("stable",),
        who="a@b",
        when="2026-01-01T00:00:00+00:00",
    )
    assert store.files[f"receipts/{wanted.file}/0123456789ab.json"] == render_receipt(receipt)


def test_an_attempt_that_fails_takes_back_what_it_had_sent(tmp_path: Path) -> None:
    """The bar of the next attempt ends at all bytes, and not beyond."""
    told: list[int] = []

    def fault(step: str, when: str) -> None:
        if step.startswith("sha256") and when == "before" and not failed:
            failed.append(step)
            raise Transient("reset")

    failed: list[str] = []
    retry = Retry(policy=Policy(attempts=2), sleep=lambda _seconds: None)
    uploader = Uploader(
        store=MemoryStore(fault=fault), retry=retry, unique=AUTHOR.unique, uri=str, progress=told.append
    )
    uploader.send(metadata(b"whole"), source(tmp_path, b"whole"))
    assert told == [5, -5, 5]
