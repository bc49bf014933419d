"""The CI recipes of docs/sharing.md: their scripts as they stand, run in clones of a repository as their systems do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from support.bazel import CONFIGURATIONS, ROOT, SHORT_LIVED, scratch_workspace
from support.cache import cache_of_the_tests

PAGE = (ROOT / "docs/sharing.md").read_text()
SHELLS = {
    "GitHub Actions": ("bash", "-e", "-c"),
    "GitLab": ("bash", "-eo", "pipefail", "-c"),
    "Jenkins": ("sh", "-xe", "-c"),
}
"""How each starts a script; GitLab starts all lines of a job as one."""
KEPT = (".bazel-repositories", ".bazel-disk")
"""What a runner of GitLab brings from one job's folder into the next one's."""
WHO = ("-c", "user.name=t", "-c", "user.email=t@example.invalid")
MERGE = "https://locks:secret@gitlab.example.com/team/envs.git"

pytestmark = pytest.mark.skipif("7.7.1 bzlmod" not in CONFIGURATIONS, reason="no Bazel 7")


def blocks(language: str) -> list[str]:
    """Return the blocks of a language, in the page's order."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def recipe(name: str, system: str) -> list[str]:
    """Return the scripts of the recipe of that job; those of GitLab are one."""
    if system == "Jenkins":
        [block] = [block for block in blocks("groovy") if f"stage('{name}')" in block]
        return re.findall(r"sh '(?:'')?(.*?)'(?:'')? *(?:}|\n *})", block, re.DOTALL)
    for block in map(yaml.safe_load, blocks("yaml")):
        if system == "GitLab" and name in block:
            return ["\n".join(block[name]["script"])]
        if system == "GitHub Actions" and name in block.get("jobs", {}):
            return [step["run"] for step in block["jobs"][name]["steps"] if "run" in step]
    raise AssertionError(f"no recipe {name} for {system}")


@dataclass(frozen=True)
class Runner:
    """A machine that runs jobs, each in a clone that is new."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def origin(self) -> Path:
        """Return the bare repository."""
        return self.folder / "origin.git"

    @property
    def clone(self) -> Path:
        """Return the folder of the job."""
        return self.folder / "job"

    def git(self, *words: str) -> str:
        """Ask the bare repository."""
        return subprocess.run(
            ["git", "-C", self.origin, *words], capture_output=True, text=True, check=True
        ).stdout.strip()

    def job(self, name: str, system: str) -> str:
        """Run a recipe in a new clone and return what it printed; Bazel's output base is gone afterwards."""
        subprocess.run(["git", "clone", "-q", self.origin, self.clone], check=True)
        for kept in KEPT:
            if (self.folder / kept).exists():
                (self.folder / kept).rename(self.clone / kept)
        try:
            return "".join(self._run(script, system) for script in recipe(name, system))
        finally:
            self._run("bazel clean --expunge", system)
            for kept in KEPT:
                if (self.clone / kept).exists():
                    (self.clone / kept).rename(self.folder / kept)
            shutil.rmtree(self.clone)

    def _run(self, script: str, system: str) -> str:
        command = [*SHELLS[system], script]
        done = subprocess.run(
            command,
            cwd=self.clone,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout


def _programs(folder: Path) -> str:
    """Write `bazel` and `gh` and return a PATH with them; `gh` knows no change, and notes what it is told."""
    folder.mkdir()
    path = os.environ["PATH"]
    programs = {
        "bazel": f'exec env PATH="{path}" "{ROOT}/bazelw" "$@"\n',
        "gh": f'[ "$2" = view ] && exit 1\nprintf "%s\\n" "$*" >> "{folder}/gh.log"\n',
    }
    for name, text in programs.items():
        (folder / name).write_text("#!/bin/sh\n" + text)
        (folder / name).chmod(0o755)
    return f"{folder}:{path}"


@pytest.fixture(params=list(SHELLS))
def system(request: pytest.FixtureRequest) -> str:
    """Give a name of the page."""
    return str(request.param)


@pytest.fixture
def runner(system: str) -> Iterator[Runner]:
    """Give a repository with a locked environment, and with no line for a server."""
    workspace = scratch_workspace(f"recipes-{system.replace(' ', '-')}")
    shutil.copyfile(ROOT / "examples/hello/hello.lock.json", workspace.path / "envs/training.lock.json")
    (workspace.path / ".bazelignore").write_text("\n".join(KEPT) + "\n")
    folder = workspace.path.with_name(workspace.path.name + "-runner")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*WHO, "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", workspace.path, *words], check=True)
    made = Runner(
        folder,
        {
            **SHORT_LIVED,
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(cache_of_the_tests().parent),
            "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME") or str(Path("~/.config").expanduser()),  # pip's index
            "PATH": _programs(folder / "programs"),
            "GH_TOKEN": "secret",
            "PUSH_TOKEN": "secret",
            "CI_SERVER_HOST": "gitlab.example.com",
            "CI_PROJECT_PATH": "team/envs",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{folder}/origin.git.insteadOf",
            "GIT_CONFIG_VALUE_0": MERGE,
        },
    )
    subprocess.run(["git", "clone", "-q", "--bare", workspace.path, made.origin], check=True)
    made.git("config", "receive.advertisePushOptions", "true")
    shutil.rmtree(workspace.path)
    yield made
    shutil.rmtree(folder)


def test_a_second_job_executes_nothing(runner: Runner, system: str) -> None:
    """What the first job left in the two folders is all that the next one needs."""
    first, second = (runner.job("build", system) for _ in range(2))
    assert "linux-sandbox" in first and "disk cache hit" not in first
    assert "linux-sandbox" not in second and "disk cache hit" in second, second[-2000:]


def test_a_refresh_opens_a_change_of_the_lock_alone(runner: Runner, system: str) -> None:
    """The branch has the new pin and nothing else; a second refresh, of what was merged, pushes nothing."""
    work = runner.folder / "work"
    subprocess.run(["git", "clone", "-q", runner.origin, work], check=True)
    with (work / "envs/requirements.in").open("a") as file:
        file.write("iniconfig\n")
    subprocess.run(["git", "-C", work, *WHO, "commit", "-qam", "two"], check=True)
    subprocess.run(["git", "-C", work, "push", "-q"], check=True)
    runner.job("refresh", system)
    assert runner.git("diff", "--name-only", "main", "refresh-locks") == "envs/training.lock.json"
    assert "iniconfig" in runner.git("show", "refresh-locks:envs/training.lock.json")
    if system == "GitHub Actions":
        told = (runner.folder / "programs/gh.log").read_text()
        assert told.startswith("pr create --head refresh-locks --title Refresh the locks --body-file change.md")
    runner.git("update-ref", "refs/heads/main", "refs/heads/refresh-locks")
    runner.git("branch", "-D", "refresh-locks")
    runner.job("refresh", system)
    assert "refresh-locks" not in runner.git("branch")
