"""`wheels runtime`: what users import of ours, as a wheel: standard library only, any Python from 3.8 on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from python_env.base.arguments import Parser
from python_env.wheels.build.rewrite import Member, write_wheel

NAME = "python-env-runtime"
_METADATA = """Metadata-Version: 2.1
Name: {name}
Version: {version}
Summary: SparkSession from a launcher manifest of rules_python_env, and cluster-pack's functions for Spark
Requires-Python: >=3.8
"""
_WHEEL = """Wheel-Version: 1.0
Generator: rules_python_env
Root-Is-Purelib: true
Tag: py3-none-any
"""


def main(argv: Sequence[str]) -> int:
    """Write the wheel; each file goes where its path says that its package lies."""
    parser = Parser(prog="python_env wheels runtime")
    parser.add_argument("--version", required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args(argv)
    info = f"{NAME.replace('-', '_')}-{options.version}.dist-info"
    members = [(_place(path), path.read_bytes()) for path in options.files]
    texts = {"METADATA": _METADATA.format(name=NAME, version=options.version), "WHEEL": _WHEEL}
    members = [*sorted(members), *((f"{info}/{name}", text.encode()) for name, text in texts.items())]
    write_wheel(tuple(Member(name=name, data=data, executable=False) for name, data in members), options.output)
    return 0


def _place(path: Path) -> str:
    """Return a file's path from the folder that its package lies in: at most one package below ours."""
    parts = path.parts[-2:] if path.parent.name == "python_env" else path.parts[-3:]
    return "/".join(parts)
