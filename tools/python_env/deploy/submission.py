"""Which launch a job is submitted with, and spark-submit's words for it. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from python_env.artifacts.model import ArtifactKind
from python_env.base.errors import Fault, ToolError
from python_env.launcher.manifest.model import MASTER, Manifest, fill, unfilled
from python_env.launcher.model import Combination, Launch

_KINDS = (ArtifactKind.VENV, ArtifactKind.PEX)
"""What is taken where nobody says: the first that the manifest has."""
_USUAL = Combination.YARN_CLUSTER
_SEARCH_PATH = "PYTHONPATH"
"""The one variable that a driver of spark-submit needs: properties set all others."""
_SECRET = re.compile(r"secret|password|token|access[.]?key", re.IGNORECASE)
"""What Spark itself leaves out of its logs: spark.redaction.regex."""
_REMEDIES = {
    "master": "add --master with host and port of the master",
    "driver_python": "add --driver-python, an interpreter on this machine",
    "driver_code": "add the environment's code to `artifacts`",
    "code_uri": "add the environment's code to `artifacts`",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """A process that is to be started."""

    words: Sequence[str]
    """spark-submit, the manifest's options, and the job's words."""
    search_path: str
    """Folder before what PYTHONPATH holds already; empty for none."""

    def text(self) -> str:
        """Return what a person pastes into a shell."""
        behind = f'"${{{_SEARCH_PATH}:+:${_SEARCH_PATH}}}"'
        before = f"{_SEARCH_PATH}={shlex.quote(self.search_path)}{behind} " if self.search_path else ""
        return before + shlex.join(self.words)

    def said(self) -> str:
        """Return it as logs may hold it: the job's own words may have secrets among them."""
        words: list[str] = []
        for before, word in zip(["", *self.words], self.words, strict=False):
            key, equals, _ = word.partition("=")
            if before.startswith("--") and "=" not in before and _SECRET.search(before):
                words.append("***")
            else:
                words.append(f"{key}=***" if equals and _SECRET.search(key) else word)
        return replace(self, words=words).text()

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return the process's variables."""
        if not self.search_path:
            return dict(base)
        paths = [self.search_path, base.get(_SEARCH_PATH, "")]
        return {**base, _SEARCH_PATH: ":".join(path for path in paths if path)}


def choose_launch(manifest: Manifest, *, kind: str, combination: str, where: str) -> Launch:
    """Return the launch that is meant: of `kind`, and by `combination`; empty ones are chosen.

    Raises ToolError for what the manifest refuses or does not have, and where several are left to choose from.
    """
    kinds = {launch.artifact for launch in manifest.launches}
    kind = kind or next((each for each in _KINDS if each in kinds), _KINDS[0])
    named = combination or _USUAL.value
    launches = {launch.combination.value: launch for launch in manifest.launches if launch.artifact == kind}
    if not combination and len(launches) == 1:
        return _submitted(next(iter(launches.values())), where)
    if named in launches:
        return _submitted(launches[named], where)
    fault = _refused(manifest, kind=kind, combination=named, where=where)
    raise ToolError([fault or _not_there(kind, named, known=sorted(launches), where=where)])


def _submitted(launch: Launch, where: str) -> Launch:
    if launch.combination is Combination.CONNECT:
        raise ToolError.one(
            "spark-submit starts no client of Spark Connect", where=where, fix="use the rendering connect.py"
        )
    return launch


def _refused(manifest: Manifest, *, kind: str, combination: str, where: str) -> Fault | None:
    for refused in manifest.refused:
        if (refused.artifact, refused.combination.value) == (kind, combination):
            what = f"{combination} cannot start the {kind}: {refused.reason}"
            return Fault(what, where, f"use {refused.alternative}")
    return None


def _not_there(kind: str, combination: str, *, known: Sequence[str], where: str) -> Fault:
    what = f"the launcher manifest has no {combination} of a {kind}"
    return Fault(what, where, f"--combination is one of {', '.join(known)}" if known else "name another --kind")


def submission(launch: Launch, values: Mapping[str, str], *, program: str, words: Sequence[str]) -> Submission:
    """Return what is started: exactly the launch's options, then the job's words.

    Raises ToolError with every placeholder that `values` does not fill.
    """
    options = ["--master", launch.master, "--deploy-mode", launch.deploy_mode]
    for setting in launch.conf:
        options += ["--conf", f"{setting.key}={setting.value}"]
    path = next((setting.value for setting in launch.env if setting.key == _SEARCH_PATH), "")
    filled = [fill(option, values) for option in options]
    search_path = fill(path, values)
    if missing := unfilled(" ".join([*filled, search_path])):
        what = f"{launch.combination.value} of the {launch.artifact} needs {{}}, and it is not known"
        raise ToolError(Fault(what.format(name), "command line", _REMEDIES.get(name, "name it")) for name in missing)
    return Submission(words=[program, *filled, *words], search_path=search_path)


def master_of(launch: Launch, master: str) -> str:
    """Return what stands for the placeholder, of `spark://host:7077` as of `host:7077`.

    Raises ToolError when the launch has its master already.
    """
    before, _, _ = launch.master.partition(MASTER)
    if master and MASTER not in launch.master:
        what = f"{launch.combination.value} has its master already: {launch.master}"
        raise ToolError.one(what, where=f"--master {master}", fix="leave it out, or name another --combination")
    return master.removeprefix(before)
