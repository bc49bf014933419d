"""A workspace without rules: the wheels of a lock as `http_file`s, and one action that has them as inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from python_env.lock.document import parse_lock
from python_env.lock.model import LockedFile

_HTTP = '"@bazel_tools//tools/build_defs/repo:http.bzl", "http_file"'
_FILE = 'http_file(name = "file{number}", downloaded_file_path = "{name}", sha256 = "{sha256}", urls = ["{url}"])\n'
_RULE = """\
def _impl(ctx):
    outputs = [ctx.actions.declare_file(name) for name in ctx.attr.made]
    ctx.actions.run_shell(
        inputs = ctx.files.srcs,
        outputs = outputs,
        command = "\\n".join(["cp '{}/{}' {}".format(ctx.attr.folder, each.basename, each.path) for each in outputs]),
    )
    return [DefaultInfo(files = depset(outputs))]

made = rule(
    _impl,
    attrs = {"folder": attr.string(), "made": attr.string_list(), "srcs": attr.label_list(allow_files = True)},
)
"""


def write_alone(folder: Path, lock: Path, tag: str, names: Sequence[str]) -> None:
    """Write a workspace whose target `//:training` copies files of those names that lie in its folder `made`."""
    parsed = parse_lock(lock.read_bytes(), where=lock.name, fix="none")
    assert parsed
    files = [parsed.files[package.file] for package in parsed.sections[tag].packages]
    made = folder / "made"
    made.mkdir(parents=True)
    _write_repositories(folder, files)
    (folder / "made.bzl").write_text(_RULE)
    sources = [f"@file{number}//file" for number in range(len(files))]
    attributes = f'name = "training", folder = "{made}", made = {list(names)}, srcs = {sources}'
    (folder / "BUILD").write_text(f'load("made.bzl", "made")\nmade({attributes})\n')


def _write_repositories(folder: Path, files: Iterable[LockedFile]) -> None:
    declared = "".join(
        _FILE.format(number=number, name=file.name, sha256=file.sha256, url=f"http://127.0.0.1:9/{file.name}")
        for number, file in enumerate(files)
    )
    (folder / "MODULE.bazel").write_text(f"http_file = use_repo_rule({_HTTP})\n{declared}")
    (folder / "WORKSPACE").write_text(f"load({_HTTP})\n{declared}")
    (folder / "WORKSPACE.bzlmod").touch()
    # a file of the repository cache is taken by its digest, whatever its URL was
    (folder / ".bazelrc").write_text("build --repo_env=BAZEL_HTTP_RULES_URLS_AS_DEFAULT_CANONICAL_ID=0\n")
