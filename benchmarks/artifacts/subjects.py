"""Our tools as subjects: the very commands of Bazel's last build, read from the parameter files of its actions."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import table
from measure import ROOT, Command, Subject

sys.path.insert(0, str(ROOT / "tests"))

from support.interpreters import JAR_ROOT, cpython_jar

INTERPRETER = "3.11.3"
"""The CPython that one of the venvs carries: a jar of Maven Central, as the tests have it."""

MOST_IN_ZIPAPP = 65_534
"""Files of a zip that CPython 3.11 starts: a zipapp of more installed files is refused by ours, and a dud of pex's."""

_OWN_PLACES = ("--output", "--report")


@dataclass(frozen=True, slots=True)
class Built:
    """An environment whose artifacts Bazel built: `workspace` and `<package>/<name>`."""

    workspace: Path
    env: str

    @property
    def name(self) -> str:
        """The environment's name."""
        return self.env.rpartition("/")[2]

    def file(self, ending: str) -> Path:
        """Return a built file, e.g. `.pex.json`."""
        return self.workspace / "bazel-bin" / (self.env + ending)

    def has(self, artifact: str) -> bool:
        """Whether Bazel built the artifact `.pex`, `.venv.tar.gz` or `.wheelhouse.zip`."""
        return self.file(f"{artifact}-0.params").exists()

    @property
    def fits_zipapp(self) -> bool:
        """Whether its installed files fit into one zip that Python starts."""
        return int(json.loads(self.file(".pex.json").read_text())["file_count"]) < MOST_IN_ZIPAPP

    def words(self, artifact: str) -> list[str]:
        """Return the options of the action that makes `artifact`, with absolute paths, without its outputs.

        Exits with the command to run where Bazel has not built it.
        """
        params = self.file(f"{artifact}-0.params")
        if not params.exists():
            package, _, name = self.env.rpartition("/")
            sys.exit(f"run first, in {self.workspace}: bazelw build //{package}:{name}_{artifact.split('.')[1]}")
        execroot = (self.workspace / "bazel-out").resolve().parent
        # the first word tells how a param file was encoded; these words are given as they are
        words = [word for word in params.read_text().splitlines() if not word.startswith("--encoding=")]
        return absolute(words, execroot, self.workspace)


def absolute(words: Sequence[str], execroot: Path, workspace: Path) -> list[str]:
    """Return an action's options with absolute paths, and without `--output` and `--report`.

    Repositories are taken where Bazel fetched them and sources from the workspace, since the next build may unlink both
    from the execution root.
    """
    taken = []
    rest = iter(words)
    for word in rest:
        if word in _OWN_PLACES:
            next(rest)
        elif word.startswith("--source-path="):
            taken.append("--source-path=" + _full(word.partition("=")[2], execroot, workspace))
        else:
            taken.append(_full(word, execroot, None))
    return taken


def _full(word: str, execroot: Path, workspace: Path | None) -> str:
    if word.startswith("external/"):
        return str(execroot.parents[1] / word)
    if word.startswith("bazel-out/"):
        return str(execroot / word)
    return str(workspace / word) if workspace else word


def values(words: Sequence[str], option: str) -> list[str]:
    """Return the values of an option that stands once or several times."""
    return [value for key, value in itertools.pairwise(words) if key == option]


def without(words: Sequence[str], option: str) -> list[str]:
    """Return the words without an option and its values."""
    dropped = {index for index, word in enumerate(words) if word == option}
    return [word for index, word in enumerate(words) if index not in dropped and index - 1 not in dropped]


def with_pex_options(words: Sequence[str], options: Mapping[str, object]) -> list[str]:
    """Return the words of the PEX with other options, beside those that it has."""
    start = "--options="
    given = next(json.loads(word.removeprefix(start)) for word in words if word.startswith(start))
    others = [word for word in words if not word.startswith(start)]
    return [*others, start + json.dumps({**given, **options}, sort_keys=True)]


@dataclass(frozen=True, slots=True)
class Tool:
    """Our tools on one interpreter, started as the rules start them."""

    python: str

    def command(self, *words: str) -> list[str]:
        """Return a command that writes `out` and its report into the folder where it runs."""
        return [self.python, "-I", "-S", str(ROOT / "tools/run.py"), *words, "--output", "out"]

    def artifact(self, kind: str, words: Sequence[str]) -> list[str]:
        """Return the command of an artifact."""
        return self.command("artifacts", kind, *words, "--report", "out.json")

    def interpreter(self, folder: Path) -> list[str]:
        """Take the interpreter for the inside of a venv once; return the options that name it."""
        document = folder / "interpreter.json"
        words = ["--archive", str(cpython_jar(INTERPRETER)), f"--strip-prefix={JAR_ROOT}", "--document", str(document)]
        words += ["--leave-out=libjnipython.so", "--leave-out=python3.11"]
        subprocess.run(self.command("artifacts", "interpreter", *words), cwd=folder, check=True)
        parts = (folder / "out").rename(folder / "interpreter.zip")
        return ["--interpreter", str(parts), "--interpreter-document", str(document)]


def _once(name: str, command: Command, runs: int) -> Subject:
    return Subject(name, lambda _: [command], "out", runs)


def _copies(names: tuple[str, str], wheels: Sequence[str], runs: int) -> list[Subject]:
    """Return `cat` of all wheels into one file, and `cp` of them into a folder."""
    cat = ["sh", "-c", 'cat "$@" > out', "sh", *wheels]
    copy = ["sh", "-c", 'mkdir out && cp -L "$@" out', "sh", *wheels]
    return [_once(names[0], cat, runs), _once(names[1], copy, runs)]


def _pexes(tool: Tool, built: Built, runs: int) -> list[Subject]:
    words = built.words(".pex")
    more: dict[str, dict[str, object]] = {
        table.PEX: {},
        table.PACKED: {"layout": "packed"},
        table.PACKED_INSTALLED: {"layout": "packed", "pre_installed": True},
    }
    if built.fits_zipapp:
        more[table.PRE_INSTALLED] = {"pre_installed": True}
    return [_once(name, tool.artifact("pex", with_pex_options(words, options)), runs) for name, options in more.items()]


def _venvs(tool: Tool, built: Built, folder: Path, runs: int) -> list[Subject]:
    words = without(built.words(".venv.tar.gz"), "--format")
    kinds = {
        table.VENV: words,
        table.BUNDLED: [*words, *tool.interpreter(folder)],
        table.VENV_ZIP: [*words, "--format", "zip"],
        table.UNCHECKED: without(words, "--check"),
    }
    return [_once(name, tool.artifact("venv", each), runs) for name, each in kinds.items()]


def _wheelhouse(tool: Tool, built: Built, runs: int) -> list[Subject]:
    if not built.has(".wheelhouse.zip"):
        return []
    words = built.words(".wheelhouse.zip")
    copies = _copies((table.HOUSE_CAT, table.HOUSE_COPY), values(words, "--wheel"), runs)
    return [_once(table.WHEELHOUSE, tool.artifact("wheelhouse", words), runs), *copies]


def our_subjects(tool: Tool, built: Built, folder: Path, runs: int) -> list[Subject]:
    """Return our tools, and the copies of the same bytes; the wheelhouse only where it is built.

    `folder` holds what is made once before.
    """
    copies = _copies((table.CAT, table.COPY), wheels_of(built), runs)
    return [
        *_pexes(tool, built, runs),
        *_venvs(tool, built, folder, runs),
        *copies,
        *_wheelhouse(tool, built, runs),
    ]


def wheels_of(built: Built) -> list[str]:
    """Return the env's wheels where Bazel fetched them."""
    return values(built.words(".venv.tar.gz"), "--wheel")
