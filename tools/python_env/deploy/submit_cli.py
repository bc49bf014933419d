"""`deploy submit`: uploads what is missing, then becomes spark-submit with exactly the manifest's options."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from python_env.artifacts.model import ArtifactKind
from python_env.base.caches import cache_folder
from python_env.base.click_commands import run_command
from python_env.base.errors import ToolError
from python_env.deploy.completing import check_launcher, places_of, read_launcher
from python_env.deploy.driver import driver_folder, unpack
from python_env.deploy.edge import caller_folder, faults_in_parts, open_place, place_options, say
from python_env.deploy.publishing import Wanted, check_none_refused, plans, publish, read_wanted, say_plans
from python_env.deploy.submission import Submission, choose_launch, master_of, submission
from python_env.deploy.upload import check_source
from python_env.deploy.uri import parse_place
from python_env.launcher.manifest.model import unfilled
from python_env.launcher.model import Launch


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The command line."""

    artifact: tuple[Path, ...]
    report: tuple[Path, ...]
    launcher: Path
    to: str
    kind: str
    combination: str
    master: str
    driver_python: str
    attempts: int
    timeout: float
    dry_run: bool
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Driver:
    """What a driver on this machine runs with."""

    python: str = ""
    code: str = ""
    copies: Mapping[Path, Path] = field(default_factory=dict)
    """Archive to the folder that it is unpacked to before the start."""


def spark_submit(environment: Mapping[str, str], *, needed: bool) -> str:
    """Return the user's spark-submit; raises ToolError when it is needed and there is none."""
    home = environment.get("SPARK_HOME", "")
    found = (
        str(Path(home) / "bin" / "spark-submit") if home else shutil.which("spark-submit", path=environment.get("PATH"))
    )
    if found and os.access(found, os.X_OK):
        return found
    if not needed:
        return found or "spark-submit"
    where = f"SPARK_HOME={home}" if home else "PATH; SPARK_HOME is not set"
    raise ToolError.one("there is no spark-submit", where=where, fix="set SPARK_HOME to the folder of Spark")


def plan_driver(launch: Launch, wanted: Sequence[Wanted], *, python: str, cache: Path) -> Driver:
    """Return the driver's own copies of what the launch runs on this machine; none where it runs on the cluster."""
    needs = {name for setting in (*launch.conf, *launch.env) for name in unfilled(setting.value)}
    if not needs & {"driver_python", "driver_code"}:
        return Driver()
    folders = {each.metadata.artifact: driver_folder(cache, each.metadata.file) for each in wanted}
    paths = {each.metadata.artifact: each for each in wanted}
    copies = {}
    if not python and ArtifactKind.VENV in paths:
        copies[paths[ArtifactKind.VENV].path] = folders[ArtifactKind.VENV]
        python = str(folders[ArtifactKind.VENV] / paths[ArtifactKind.VENV].python_path)
    if ArtifactKind.CODE in paths:
        copies[paths[ArtifactKind.CODE].path] = folders[ArtifactKind.CODE]
    return Driver(python=python, code=str(folders.get(ArtifactKind.CODE, "")), copies=copies)


def run(options: Options) -> Submission:
    """Return what is to be started, once everything that it needs is there."""
    launcher = read_launcher(options.launcher, None)
    launch = choose_launch(launcher.manifest, kind=options.kind, combination=options.combination, where=launcher.name)
    wanted = read_wanted(options.artifact, options.report)
    check_launcher(launcher, [each.metadata for each in wanted])
    shipped = [each for each in wanted if each.metadata.artifact in (launch.artifact, ArtifactKind.CODE)]
    driver = plan_driver(launch, wanted, python=options.driver_python, cache=cache_folder(os.environ) / "drivers")
    place = parse_place(options.to, start=caller_folder())
    uris = {each.metadata.artifact: place.file(each.metadata.file) for each in shipped}
    if launch.artifact not in uris:
        raise ToolError.one(f"no {launch.artifact} is among the artifacts", where="artifacts", fix="add it to them")
    local = {"driver_python": driver.python, "driver_code": driver.code, "master": master_of(launch, options.master)}
    values = {**places_of(uris)[launch.artifact], **{name: value for name, value in local.items() if value}}
    program = spark_submit(os.environ, needed=not options.dry_run)
    found = submission(launch, values, program=program, words=options.words)
    _upload(shipped, options)
    for each in wanted:
        if each.path in driver.copies:
            _copy(each, driver.copies[each.path])
    return found


def _copy(wanted: Wanted, folder: Path) -> None:
    """Unpack what was deployed for the driver, once: a file that was present there is not read by the upload."""
    if not folder.is_dir():
        check_source(wanted.metadata, wanted.path)
        unpack(wanted.path, folder)


def _upload(shipped: Sequence[Wanted], options: Options) -> None:
    """Make the artifacts be there, or say what would be done."""
    with faults_in_parts(options.to):
        opened = open_place(options.to, attempts=options.attempts, timeout=options.timeout)
        planned = plans(opened, shipped)
        check_none_refused(opened, planned)
        say_plans(opened, planned)
        if not options.dry_run:
            for each in shipped:
                publish(opened, each, (), quiet=False)


def _start(found: Submission) -> None:
    """Become spark-submit, in the person's folder."""
    say(found.said())
    sys.stdout.flush()
    try:
        os.chdir(caller_folder())
        os.execvpe(found.words[0], list(found.words), found.environment(os.environ))
    except OSError as error:
        where, fix = found.words[0], "set SPARK_HOME to a Spark that runs here"
        raise ToolError.one(f"spark-submit cannot be started: {error.strerror}", where=where, fix=fix) from error


_SETTINGS = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command("submit", context_settings=_SETTINGS, help="Upload what is missing, then run spark-submit.")
@click.option("--artifact", multiple=True, required=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--report", multiple=True, required=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--launcher", required=True, type=click.Path(path_type=Path), hidden=True)
@place_options
@click.option("--kind", default="", help="pex or venv; by default the venv.")
@click.option("--combination", default="", help="Master and deploy mode, e.g. yarn-client; by default yarn-cluster.")
@click.option("--master", default="", metavar="HOST:PORT", help="Of a standalone cluster or Kubernetes.")
@click.option("--driver-python", default="", help="Interpreter of a driver on this machine; by default a copy's.")
@click.option("--dry-run", is_flag=True, help="Print the command; nothing is sent or submitted.")
@click.argument(
    "words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="[OPTIONS OF SPARK-SUBMIT] JOB [ARGS]"
)
def command(**words: Any) -> int:
    """Parse the command line and run."""
    options = Options(**words)
    found = run(options)
    if options.dry_run:
        sys.stdout.write(found.text() + "\n")
    else:
        _start(found)
    return 0


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    return run_command(command, argv, "submit")
