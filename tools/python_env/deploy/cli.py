"""`deploy upload`: publishes artifacts, for a person at a terminal or a CI job."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from python_env.artifacts.model import Container, Report, parse_report
from python_env.base.documents import write_atomically
from python_env.base.errors import ToolError
from python_env.deploy.channels import Gone, Mover
from python_env.deploy.edge import (
    Opened,
    caller_folder,
    console,
    faults_in_parts,
    now_text,
    open_place,
    run_command,
    say,
    unique,
    who,
)
from python_env.deploy.model import Action, Metadata, Move, Receipt, Target, make_metadata, make_receipt, render_receipt
from python_env.deploy.names import check_channel, deployed_name
from python_env.deploy.plan import Plan, refusal
from python_env.deploy.upload import Uploader

_TIMES_GONE = 3
"""How often a file may be removed by a collection between its deploy and the move of a channel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The command line."""

    artifact: tuple[Path, ...]
    report: tuple[Path, ...]
    to: str
    channel: tuple[str, ...]
    receipt: Path | None
    replication: int | None
    attempts: int
    dry_run: bool
    json: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """An artifact on this machine, and what it will be."""

    path: Path
    metadata: Metadata


def read_wanted(options: Options) -> list[Wanted]:
    """Return the artifacts of the command line; raises ToolError for one that cannot be deployed."""
    if len(options.artifact) != len(options.report):
        raise ToolError.one("each --artifact needs its --report", where="command line", fix="name both, in one order")
    if options.receipt and len(options.artifact) > 1:
        raise ToolError.one("one --receipt for several artifacts", where="command line", fix="use --json")
    pairs = zip(options.artifact, options.report, strict=True)
    return [Wanted(path=path, metadata=_metadata(path, report)) for path, report in pairs]


def _metadata(path: Path, report_path: Path) -> Metadata:
    try:
        report = parse_report(report_path.read_bytes(), where=report_path.name)
        size = path.stat().st_size
    except OSError as error:
        raise ToolError.one(f"cannot be read: {error}", where=str(path), fix="build the artifact first") from error
    _check(report, path, size)
    return make_metadata(report, deployed_name(report.file, report.sha256))


def _check(report: Report, path: Path, size: int) -> None:
    if report.container is Container.DIR or path.is_dir():
        raise ToolError.one("a folder is not deployed", where=str(path), fix='set format = "tar.gz" of the artifact')
    if size != report.size:
        what = f"{path.name} has {size} bytes, its report says {report.size}"
        raise ToolError.one(what, where=str(path), fix="build the artifact again")


@contextmanager
def _bar(title: str, total: int, *, quiet: bool) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    output = console()
    with Progress(*columns, TimeRemainingColumn(), console=output, disable=quiet or not output.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda count: progress.advance(task, count)


def _uploader(opened: Opened, progress: Any) -> Uploader:
    return Uploader(store=opened.store, retry=opened.retry, unique=unique, uri=opened.place.file, progress=progress)


def _deploy_one(opened: Opened, wanted: Wanted, options: Options) -> tuple[Receipt, list[str]]:
    """Deploy one artifact, write its receipt, move the channels; return the receipt and warnings."""
    metadata = wanted.metadata
    mover = Mover(
        store=opened.store,
        retry=opened.retry,
        unique=unique,
        uri=opened.place.file,
        original=metadata.original,
        platform=metadata.platform,
    )
    with _bar(metadata.file, metadata.size, quiet=options.json) as progress:
        uploader = _uploader(opened, progress)
        for left in reversed(range(_TIMES_GONE)):
            done = uploader.deploy(metadata, wanted.path)
            receipt = _receipt(opened, metadata, done, options)
            mover.record(receipt)
            try:
                _move(mover, receipt, options.channel)
                break
            except Gone:
                if not left:
                    raise
    warnings = opened.retry.run(lambda: opened.store.sharing_warnings(metadata.file))
    return receipt, list(warnings)


def _receipt(opened: Opened, metadata: Metadata, done: Plan, options: Options) -> Receipt:
    return make_receipt(
        metadata,
        action=done.action.value,
        uri=opened.place.file(metadata.file),
        channels=options.channel,
        who=who(),
        when=now_text(),
    )


def _move(mover: Mover, receipt: Receipt, channels: Sequence[str]) -> None:
    target = Target(file=receipt.file, uri=receipt.uri, sha256=receipt.sha256)
    for channel in channels:
        mover.move(channel, Move(target=target, who=receipt.who, when=receipt.when))


def _show_plans(opened: Opened, wanted: Sequence[Wanted], options: Options) -> int:
    """Print what would be done; a refusal is a fault here, too."""
    uploader = _uploader(opened, lambda _count: None)
    plans = [uploader.plan(each.metadata) for each in wanted]
    uris = [opened.place.file(plan.metadata.file) for plan in plans]
    if options.json:
        rows = [
            {"action": plan.action.value, "reason": plan.reason, "size": plan.metadata.size, "uri": uri}
            for plan, uri in zip(plans, uris, strict=True)
        ]
        sys.stdout.write(json.dumps({"channels": list(options.channel), "files": rows}, sort_keys=True) + "\n")
    for plan, uri in zip(plans, uris, strict=True):
        say(f"{plan.action.value:8} {uri} ({plan.metadata.size} bytes): {plan.reason}")
    refused = [refusal(p, uri) for p, uri in zip(plans, uris, strict=True) if p.action is Action.REFUSE]
    if refused:
        raise ToolError(refused)
    return 0


def run(options: Options) -> int:
    """Deploy all artifacts, or show what would be done."""
    for channel in options.channel:
        check_channel(channel)
    wanted = read_wanted(options)
    with faults_in_parts(options.to):
        opened = open_place(options.to, attempts=options.attempts, replication=options.replication)
        if options.dry_run:
            return _show_plans(opened, wanted, options)
        _check_all(opened, wanted)
        for each in wanted:
            _report(*_deploy_one(opened, each, options), options)
    return 0


def _check_all(opened: Opened, wanted: Sequence[Wanted]) -> None:
    """Raise ToolError with all artifacts that will be refused, before the first of several is sent."""
    uploader = _uploader(opened, lambda _count: None)
    plans = [uploader.plan(each.metadata) for each in wanted] if len(wanted) > 1 else []
    if refused := [plan for plan in plans if plan.action is Action.REFUSE]:
        raise ToolError(refusal(plan, opened.place.file(plan.metadata.file)) for plan in refused)


def _report(receipt: Receipt, warnings: Sequence[str], options: Options) -> None:
    data = render_receipt(receipt)
    if options.receipt:
        write_atomically(caller_folder() / options.receipt, data)
    if options.json:
        sys.stdout.write(json.dumps(json.loads(data), sort_keys=True) + "\n")
    words = {"upload": "deployed", "skip": "present, nothing sent:", "confirm": "present, read back:"}
    say(f"{words[receipt.action]} {receipt.uri}")
    for warning in warnings:
        say(f"warning: YARN cannot share it between users (PUBLIC cache): {warning}")
    for channel in receipt.channels:
        say(f"channel {channel} points at it")


@click.command("upload", help="Publish the artifact under a name with its digest; what is there is never replaced.")
@click.option("--artifact", multiple=True, required=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--report", multiple=True, required=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--to", required=True, metavar="URI", help="Folder: a path, file://, hdfs://, s3://, gs://, abfss://.")
@click.option("--channel", multiple=True, metavar="NAME", help="Point it at the artifact; may be repeated.")
@click.option("--receipt", type=click.Path(path_type=Path), help="Write the receipt there as well.")
@click.option("--replication", type=click.IntRange(1, 512), help="Copies that HDFS keeps of each block.")
@click.option("--attempts", type=click.IntRange(1, 50), default=6, show_default=True, help="Tries on transient faults.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; nothing is written.")
@click.option("--json", is_flag=True, help="Print receipts, or the plan, as JSON on standard output.")
def command(**words: Any) -> int:
    """Parse the command line and run."""
    return run(Options(**words))


def main(argv: Sequence[str]) -> int:
    """Run the command; a wrong option is bad input, too."""
    return run_command(command, argv, "upload")
