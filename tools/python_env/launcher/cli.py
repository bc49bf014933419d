"""`launcher write`: writes the launcher manifest and its renderings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from python_env.artifacts.model import ArtifactKind, Report, parse_report
from python_env.base.archive import EXECUTABLE_MODE, FILE_MODE
from python_env.base.arguments import Parser
from python_env.base.documents import render_document, write_atomically
from python_env.base.errors import Fault, ToolError
from python_env.launcher.manifest.model import make_manifest, manifest_document
from python_env.launcher.model import Cluster, Combination, Launch, Profile, Refusal, check_file_name, parse_cluster
from python_env.launcher.profiles import profiled
from python_env.launcher.renderings.dask_yarn import render_dask, runs_dask
from python_env.launcher.renderings.files import renderings
from python_env.launcher.renderings.skein import render_skein, runs_in_skein
from python_env.launcher.rules import plan_launch


def read_artifacts(paths: Sequence[Path]) -> tuple[Report, ...]:
    """Return the artifacts' reports, sorted by kind.

    Raises ToolError when they are not of one environment and platform, one kind stands twice, all is code, or
    Spark cannot name one.
    """
    artifacts = sorted((_read_report(path) for path in paths), key=lambda report: report.kind)
    identities = {(artifact.env_id, artifact.platform) for artifact in artifacts}
    kinds = [artifact.kind for artifact in artifacts]
    if len(identities) != 1 or len(set(kinds)) != len(kinds) or kinds == [ArtifactKind.CODE]:
        raise ToolError.one(
            "the artifacts are not one of each kind from one environment",
            where=", ".join(path.name for path in paths),
            fix="name artifacts of a single python_env in `artifacts`",
        )
    return tuple(artifacts)


def _read_report(path: Path) -> Report:
    report = parse_report(path.read_bytes(), where=path.name)
    check_file_name(report, where=path.name)
    return report


def parse_combinations(words: Sequence[str]) -> tuple[Combination, ...]:
    """Return the combinations that the words name; raises ToolError with all that are unknown."""
    known = {combination.value: combination for combination in Combination}
    fix = f"name some of: {', '.join(known)}"
    faults = [Fault(f"unknown combination {word!r}", "combinations", fix) for word in words if word not in known]
    if faults:
        raise ToolError(faults)
    return tuple(known[word] for word in words)


def _refused(name: str, refusals: Sequence[Refusal]) -> Iterator[Fault]:
    for refusal in refusals:
        yield Fault(
            f"{refusal.combination.value} cannot start the {refusal.artifact}: {refusal.reason}",
            f"{name}_launcher, combinations",
            f"use {refusal.alternative}",
        )


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python_env launcher write")
    parser.add_argument("--name", required=True)
    parser.add_argument("--report", type=Path, action="append", required=True)
    parser.add_argument("--combination", action="append", default=[])
    parser.add_argument("--spark-version", action="append", default=[])
    parser.add_argument("--hadoop-version", default="")
    parser.add_argument("--profile", type=Profile, choices=list(Profile), default=Profile.OWN)
    parser.add_argument(
        "--output", type=Path, required=True, help="<name>.launcher.json; renderings lie in <name>.launcher"
    )
    return parser


def main(argv: Sequence[str]) -> int:
    """Write the manifest; a combination that was asked for and cannot work fails the build."""
    options = _parser().parse_args(argv)
    artifacts = read_artifacts(options.report)
    asked = parse_combinations(options.combination)
    cluster = parse_cluster(options.spark_version, options.hadoop_version)
    plans = list(_plans(artifacts, asked or tuple(Combination), cluster=cluster, profile=options.profile))
    launches = [plan for plan in plans if isinstance(plan, Launch)]
    refusals = [plan for plan in plans if isinstance(plan, Refusal)]
    if asked and refusals:
        raise ToolError(_refused(options.name, refusals))
    if not launches:
        _warn_of_nothing(options.name, refusals)
    folder = options.output.with_suffix("")
    _write_renderings(folder, launches, name=options.name, cluster=cluster)
    if options.profile is Profile.OWN and any(each.manager == "yarn" for each in asked or Combination):
        _write_skein(folder, artifacts)
    _set_modes(folder)
    manifest = make_manifest(artifacts, launches, refusals, cluster=cluster, profile=options.profile)
    write_atomically(options.output, render_document(manifest_document(manifest)))
    return 0


def _started(artifacts: Sequence[Report]) -> tuple[list[Report], str]:
    """Return what is started, and the file of the code beside it, empty for none."""
    code = [artifact.file for artifact in artifacts if artifact.kind is ArtifactKind.CODE]
    return [artifact for artifact in artifacts if artifact.kind is not ArtifactKind.CODE], "".join(code)


def _plans(
    artifacts: Sequence[Report], combinations: Sequence[Combination], *, cluster: Cluster, profile: Profile
) -> Iterator[Launch | Refusal]:
    started, code = _started(artifacts)
    split = bool(code)
    for artifact in started:
        for each in combinations:
            plan = plan_launch(artifact, each, split=split, cluster=cluster, code_file=code)
            yield profiled(plan, artifact, profile, split=split)


def _warn_of_nothing(name: str, refusals: Sequence[Refusal]) -> None:
    """Say that nothing can start the artifacts; building for such a platform is no mistake, so that nothing fails."""
    # Spark's own refusals apart, this combination is refused for the artifact alone
    why = next(refusal for refusal in refusals if refusal.combination is Combination.YARN_CLIENT)
    lines = (
        f"warning: {name}.launcher.json holds no launch: {why.reason}",
        f"  where: {name}_launcher",
        f"  fix:   {why.alternative}, or name `combinations`, so that the build fails",
    )
    print("\n".join(lines), file=sys.stderr)


def _write_renderings(folder: Path, launches: Sequence[Launch], *, name: str, cluster: Cluster) -> None:
    spark = cluster.spark[0].text if len(cluster.spark) == 1 else ""
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder)
    for launch in launches:
        place = folder / launch.artifact / launch.combination.value
        place.mkdir(parents=True, exist_ok=True)
        for file, text in renderings(launch, name=name, spark_version=spark).items():
            (place / file).write_text(text, encoding="utf-8")


def _write_skein(folder: Path, artifacts: Sequence[Report]) -> None:
    """Write what YARN runs without Spark; Spark's own refusals do not matter there."""
    started, code = _started(artifacts)
    for artifact in (each for each in started if runs_in_skein(each)):
        place = folder / artifact.kind / "skein"
        place.mkdir(parents=True, exist_ok=True)
        (place / "skein.yaml").write_text(render_skein(artifact, split=bool(code)), encoding="utf-8")
        if runs_dask(artifact):
            (place / "dask-yarn.yaml").write_text(render_dask(artifact, split=bool(code)), encoding="utf-8")


def _set_modes(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(EXECUTABLE_MODE if path.is_dir() else FILE_MODE)  # whatever the umask


def _clear(folder: Path) -> None:
    """Empty a folder of what an earlier run wrote; those inside are Bazel's, which wants all that it declared."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            path.unlink()
