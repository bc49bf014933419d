"""Publishes artifacts at an opened place: the file, its metadata, a receipt, then the channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from python_env.artifacts.model import Container, Report, parse_report
from python_env.base.errors import ToolError
from python_env.deploy.channels import Gone, Mover
from python_env.deploy.documents.channel import Move, Target
from python_env.deploy.documents.metadata import Metadata, make_metadata
from python_env.deploy.documents.receipt import Action, Receipt, make_receipt
from python_env.deploy.edge import Opened, console, say
from python_env.deploy.names import deployed_name
from python_env.deploy.plan import Plan, refusal
from python_env.deploy.stores.protocol import Progress
from python_env.deploy.upload import Uploader

_TIMES_GONE = 3
"""How often a file may be removed by a collection between its deploy and the move of a channel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """An artifact on this machine, and what it will be."""

    path: Path
    metadata: Metadata
    python_path: str = ""
    """Where an interpreter lies inside, empty for none."""


def read_wanted(artifacts: Sequence[Path], reports: Sequence[Path]) -> list[Wanted]:
    """Return the artifacts, each with its report; raises ToolError for one that cannot be deployed."""
    if len(artifacts) != len(reports):
        raise ToolError.one("each --artifact needs its --report", where="command line", fix="name both, in one order")
    pairs = zip(artifacts, reports, strict=True)
    return [_wanted(path, report) for path, report in pairs]


def _wanted(path: Path, report_path: Path) -> Wanted:
    try:
        report = parse_report(report_path.read_bytes(), where=report_path.name)
        size = path.stat().st_size
    except OSError as error:
        raise ToolError.one(f"cannot be read: {error}", where=str(path), fix="build the artifact first") from error
    _check(report, path, size)
    metadata = make_metadata(report, deployed_name(report.file, report.sha256))
    return Wanted(path=path, metadata=metadata, python_path=report.python_path)


def _check(report: Report, path: Path, size: int) -> None:
    if report.container is Container.DIR or path.is_dir():
        raise ToolError.one("a folder is not deployed", where=str(path), fix='set format = "tar.gz" of the artifact')
    if not path.is_file():
        raise ToolError.one("it is no file", where=str(path), fix="build the artifact again")
    if size != report.size:
        what = f"{path.name} has {size} bytes, its report says {report.size}"
        raise ToolError.one(what, where=str(path), fix="build the artifact again")


@contextmanager
def _bar(title: str, total: int, *, quiet: bool) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    output = console()
    with Bar(*columns, TimeRemainingColumn(), console=output, disable=quiet or not output.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda count: bar.advance(task, count)


def _uploader(opened: Opened, progress: Progress) -> Uploader:
    return Uploader(
        store=opened.store, retry=opened.retry, unique=opened.author.unique, uri=opened.place.file, progress=progress
    )


def publish(opened: Opened, wanted: Wanted, channels: Sequence[str], *, quiet: bool) -> Receipt:
    """Deploy one artifact, write its receipt, move the channels; raises ToolError and the store's faults."""
    metadata = wanted.metadata
    mover = Mover(
        store=opened.store,
        retry=opened.retry,
        unique=opened.author.unique,
        uri=opened.place.file,
        original=metadata.original,
        platform=metadata.platform,
    )
    with _bar(metadata.file, metadata.size, quiet=quiet) as progress:
        uploader = _uploader(opened, progress)
        for left in reversed(range(_TIMES_GONE)):
            receipt = _receipt(opened, uploader.send(metadata, wanted.path), tuple(channels))
            _record(opened, uploader, mover, metadata, receipt)
            try:
                _move(mover, receipt)
                break
            except Gone:
                if not left:
                    raise
    return receipt


def _record(opened: Opened, uploader: Uploader, mover: Mover, metadata: Metadata, receipt: Receipt) -> None:
    """Write metadata and receipt: neither needs the other, and a later deploy makes good what fails."""
    opened.together([lambda: uploader.record(metadata), lambda: mover.record(receipt)])


def _receipt(opened: Opened, done: Plan, channels: tuple[str, ...]) -> Receipt:
    return make_receipt(
        done.metadata,
        action=done.action,
        uri=opened.place.file(done.metadata.file),
        channels=channels,
        who=opened.author.who,
        when=opened.author.now(),
    )


def _move(mover: Mover, receipt: Receipt) -> None:
    target = Target(file=receipt.file, uri=receipt.uri, sha256=receipt.sha256)
    for channel in receipt.channels:
        mover.move(channel, Move(target=target, who=receipt.who, when=receipt.when))


def plans(opened: Opened, wanted: Sequence[Wanted]) -> list[Plan]:
    """Return what would be done; nothing is written."""
    uploader = _uploader(opened, lambda _count: None)
    return [uploader.plan(each.metadata) for each in wanted]


def check_none_refused(opened: Opened, found: Sequence[Plan]) -> None:
    """Raise ToolError with all artifacts that are refused."""
    if refused := [plan for plan in found if plan.action is Action.REFUSE]:
        raise ToolError(refusal(plan, opened.place.file(plan.metadata.file)) for plan in refused)


def say_plans(opened: Opened, found: Sequence[Plan]) -> None:
    """Print what would be done, a line for each."""
    for plan in found:
        size, uri = plan.metadata.size, opened.place.file(plan.metadata.file)
        say(f"{plan.action.value:8} {uri} ({size} bytes): {plan.reason}")
