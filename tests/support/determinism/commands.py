"""The commands of the tools, as Bazel's actions call them: from a lock and wheels to everything that they write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from support.determinism.inputs import OTHER_TAG, TAG

Command = list[str]
FOLDERS = ("checks", "other")
"""Where outputs lie that have the names of others."""

PEXES: Mapping[str, tuple[str, dict[str, object]]] = {
    "PEX zipapp": ("zipapp.pex", {}),
    "packed": ("packed.pex.zip", {"layout": "packed"}),
    "pre_installed": ("installed.pex", {"pre_installed": True}),
    "packed, pre_installed": ("packed_installed.pex.zip", {"layout": "packed", "pre_installed": True}),
    "sh_boot": ("sh_boot.pex", {"sh_boot": True, "entry_point": "job:main", "inject_env": {"A": "\u00fc"}}),
}
VENVS = {"tar.gz": "plain.venv.tar.gz", "zip": "plain.venv.zip", "dir": "plain.venv"}
BUNDLED = {"tar.gz": "bundled.venv.tar.gz", "zip": "bundled.venv.zip"}
_REPORTS = [f"{file}.json" for file, _ in PEXES.values()]
_REPORTS += [f"{file}.json" for file in (*VENVS.values(), *BUNDLED.values(), "hello.wheelhouse.zip")]

COLUMNS: dict[str, Sequence[str]] = {
    "env": ("hello.env.json", "other/hello.env.json"),
    "wheel checks": ("checks",),
    **{name: (file,) for name, (file, _) in PEXES.items()},
    **{f"venv {name}": (file,) for name, file in VENVS.items()},
    "interpreter": ("interpreter.zip", "interpreter.json"),
    **{f"bundled {name}": (file,) for name, file in BUNDLED.items()},
    "wheelhouse": ("hello.wheelhouse.zip",),
    "reports": _REPORTS,
    "launcher": ("hello.launcher.json", "hello.launcher"),
    "program": ("ninja",),
}
"""Heading of the matrix to the files that stand for it."""


def commands(inputs: Path, out: Path, reverse: bool) -> Iterator[Command]:
    """Yield the arguments behind `run.py`; FOLDERS of `out` exist. `inputs` is read on the way."""

    def ordered(items: Sequence[Path]) -> list[Path]:
        return sorted(items, reverse=reverse)

    wheels = ordered(list((inputs / "wheels").glob("*.whl")))
    envs = [out / "hello.env.json", out / "other/hello.env.json"]
    for tag, path in zip((TAG, OTHER_TAG), envs, strict=True):
        words = ["--lock", str(inputs / "hello.lock.json"), "--lock-label", "//:hello.lock.json"]
        yield ["env", "closure", *words, "--update-command=x", f"--platform={tag}", "--name=hello", f"--output={path}"]
    checked = [wheel for wheel in wheels if wheel.name.startswith(("numpy", "coverage"))]
    checks = [out / "checks" / f"{wheel.name}.check.json" for wheel in checked]
    for wheel, check in zip(checked, checks, strict=True):
        yield ["wheels", "check", f"--wheel={wheel}", f"--output={check}"]
    given = [word for wheel in wheels for word in ("--wheel", str(wheel))]
    sources = [
        word
        for path in ordered(list((inputs / "code").iterdir()))
        for word in (f"--source={path.name}", f"--source-path={path}")
    ]
    common = [*given, *(f"--check={check}" for check in checks), *sources]
    yield from _pexes(inputs, out, common)
    yield from _venvs(inputs, out, common)
    several = [word for env in ordered(envs) for word in ("--env", str(env))]
    yield ["artifacts", "wheelhouse", *several, *given, *_output(out / "hello.wheelhouse.zip")]
    reports = ordered([out / "zipapp.pex.json", out / "launched.venv.tar.gz.json"])
    words = [f"--report={report}" for report in reports]
    yield ["launcher", "write", "--name=hello", *words, *_launcher(out)]
    ninja = next(wheel for wheel in wheels if wheel.name.startswith("ninja"))
    yield ["wheels", "program", f"--wheel={ninja}", "--program=ninja", f"--output={out / 'ninja'}"]


def _output(path: Path) -> list[str]:
    return ["--output", str(path), "--report", f"{path}.json"]


def _launcher(out: Path) -> list[str]:
    return [f"--output={out / 'hello.launcher.json'}"]


def _pexes(inputs: Path, out: Path, common: Sequence[str]) -> Iterator[Command]:
    pex = next(inputs.glob("pex-*.whl"))
    for name, (file, options) in PEXES.items():
        env = out / "hello.env.json" if name == "PEX zipapp" else inputs / "difficult.env.json"
        words = [f"--env={env}", *common, f"--pex-wheel={pex}", f"--options={json.dumps(options)}"]
        yield ["artifacts", "pex", *words, *_output(out / file)]


def _venvs(inputs: Path, out: Path, common: Sequence[str]) -> Iterator[Command]:
    difficult = [f"--env={inputs / 'difficult.env.json'}", *common]
    hello = [f"--env={out / 'hello.env.json'}", *common]
    for name, file in VENVS.items():
        yield ["artifacts", "venv", *difficult, f"--format={name}", *_output(out / file)]
    yield ["artifacts", "venv", *hello, *_output(out / "launched.venv.tar.gz")]
    parts = [f"{out / 'interpreter'}.zip", f"{out / 'interpreter'}.json"]
    words = [f"--archive={inputs / 'cpython.tar'}", "--strip-prefix=python"]
    yield ["artifacts", "interpreter", *words, f"--output={parts[0]}", f"--document={parts[1]}"]
    bundle = [f"--interpreter={parts[0]}", f"--interpreter-document={parts[1]}"]
    for name, file in BUNDLED.items():
        yield ["artifacts", "venv", *difficult, *bundle, f"--format={name}", *_output(out / file)]
