"""`lock export`: writes a lock as files that pip, uv and every reader of PEP 751 understand."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from python_env.base.arguments import Parser
from python_env.base.documents import sha256_hex, write_atomically
from python_env.base.errors import Fault, ToolError
from python_env.lock.document import parse_lock
from python_env.lock.export.constraints import render_constraints
from python_env.lock.export.origin import Origin
from python_env.lock.export.pylock import Place, render_pylock
from python_env.lock.export.requirements import render_requirements
from python_env.lock.model import Lock, LockedFile

_ROOT_FIX = "name it as --file-root URL, or --file-root ALIAS=URL for another index than `default`"


def parse_roots(words: Sequence[str]) -> dict[str, str]:
    """Return by index alias the URL below which the index keeps its files.

    Raises ToolError with every word that is not such a URL, or that would put a secret into the files.
    """
    faults: list[Fault] = []
    roots: dict[str, str] = {}
    for number, word in enumerate(words, 1):
        match = re.fullmatch(r"(?:([A-Za-z0-9._-]+)=)?([a-z]+://.+)", word)
        alias, url = (match[1] or "default", match[2]) if match else ("", "")
        where = f"--file-root {alias or f'number {number}'}"  # never its text: that may hold a secret
        parts = urlsplit(url)
        if "@" in parts.netloc:
            faults.append(Fault("a user or password would be written into the files", where, "leave it out of the URL"))
        elif parts.scheme not in ("http", "https", "file") or parts.query or parts.fragment:
            faults.append(Fault("not the URL of a folder of files", where, _ROOT_FIX))
        elif alias in roots:
            faults.append(Fault("the file root of one index is named twice", where, "name it once"))
        roots[alias] = url.rstrip("/")
    if faults:
        raise ToolError(faults)
    return roots


def parse_wheels_folder(text: str) -> str:
    """Return the folder, relative to the pylock file, in which wheels lie; `.` for beside it.

    Raises ToolError when it is not a relative path with forward slashes.
    """
    if not text or text.startswith("/") or "\\" in text or ":" in text:
        raise ToolError.one(
            f"{text!r} is not a folder relative to the pylock file", where="--wheels-folder", fix="write e.g. wheels"
        )
    return "" if text == "." else text.rstrip("/") + "/"


def make_place(lock: Lock, *, folder: str, roots: Mapping[str, str]) -> Place:
    """Return what says where a wheel is: in a folder beside the file, or below the file roots, if any are named.

    Raises ToolError with every index of the lock that has no file root.
    """
    if not roots:
        return lambda file: ("path", folder + file.name)
    used = {file.index for file in lock.files.values()} | {source.index for source in lock.sources.values()}
    missing = sorted(used - set(roots) - {""})
    if missing:
        raise ToolError(
            Fault(f"the file root of index {alias} is not named", f"index alias {alias}", _ROOT_FIX)
            for alias in missing
        )

    def url(file: LockedFile) -> tuple[str, str]:
        return ("url", f"{roots[file.index]}/{file.path}") if file.index else ("path", folder + file.name)

    return url


def render_files(lock: Lock, *, origin: Origin, place: Place) -> dict[str, str]:
    """Return the texts of all files by name. A platform tag has no dot, as PEP 751 demands of the name."""
    texts = dict(render_constraints(lock, origin=origin))
    for tag, section in lock.sections.items():
        texts[f"pylock.{tag}.toml"] = render_pylock(lock, section, origin=origin, place=place)
        texts[f"requirements.{tag}.txt"] = render_requirements(lock, section, origin=origin)
    return dict(sorted(texts.items()))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="export", description="Write the lock as files for pip, uv and others.")
    parser.add_argument("--lock", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--lock-label", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--update-command", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--wheels-folder", default="wheels", help="where the wheels lie, relative to the pylock files")
    parser.add_argument(
        "--file-root",
        action="append",
        default=[],
        metavar="[ALIAS=]URL",
        help="name wheels by URL: where the index keeps its files; may be repeated, by index alias",
    )
    parser.add_argument("--output", type=Path, required=True, help="the folder to write into")
    return parser


def main(argv: Sequence[str]) -> int:
    """Write all files into the folder, or none; `bazel run` says where the person stands."""
    options = _parser().parse_args(argv)
    where = options.lock_label
    fix = options.update_command
    folder, roots = parse_wheels_folder(options.wheels_folder), parse_roots(options.file_root)
    data = options.lock.read_bytes()
    lock = parse_lock(data, where=where, fix=fix)
    if lock is None:
        raise ToolError.one("nothing is locked yet", where=where, fix=fix)
    origin = Origin(label=where, sha256=sha256_hex(data), env_id=lock.env_id)
    texts = render_files(lock, origin=origin, place=make_place(lock, folder=folder, roots=roots))
    output = Path(os.environ.get("BUILD_WORKING_DIRECTORY", ".")) / options.output
    output.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_atomically(output / name, text.encode())
    return 0
