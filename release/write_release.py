"""Writes the archive of the rules, and the lines that pin it: `write_release.py TOOLS_ENTRY @PARAMS`.

Started by an action (release.bzl) on a bare interpreter; the archive's writer is the tools' own.
"""

from __future__ import annotations

import argparse
import base64
import re
import sys
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]).absolute().parent))

from python_env.base.archive import FILE_MODE
from python_env.base.archive.deflate import deflated
from python_env.base.archive.output import open_output
from python_env.base.archive.tar_gzip import TarGzipWriter
from python_env.base.archive.zip_read import DEFLATED
from python_env.base.errors import EXIT_BAD_INPUT, ToolError
from python_env.base.param_file import read_words

MARK = "# This repository's own environments"
"""Begins the comment in MODULE.bazel and WORKSPACE behind which stands what the archive has nothing for."""

PLACE = "https://example.com/"
"""Where the archive lies is for the user to say; example.com is nobody's (RFC 2606)."""

_MODULE = """\
bazel_dep(name = "rules_python_env", version = "{version}")
archive_override(
    module_name = "rules_python_env",
    integrity = "{integrity}",
    strip_prefix = "{prefix}",
    urls = ["{url}"],
)
"""

_WORKSPACE = """\
load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive")

http_archive(
    name = "rules_python_env",
    sha256 = "{sha256}",
    strip_prefix = "{prefix}",
    urls = ["{url}"],
)
"""


def cut(text: str, name: str) -> bytes:
    """Return what of MODULE.bazel or WORKSPACE (`name`) stands before the mark; raises ToolError without one."""
    head, mark, _ = text.partition(MARK)
    if not mark:
        raise ToolError.one(
            f"{name} has no line that begins with {MARK!r}",
            where=name,
            fix="write that comment before what only this repository's own environments need",
        )
    return (head.rstrip() + "\n").encode()


def check_version(module: str, version: str) -> None:
    """Raise ToolError where MODULE.bazel states another version."""
    found = re.search(r'^module\((?:[^)]*\n)?\s*version = "([^"]*)"', module, re.MULTILINE)
    if not found or found[1] != version:
        raise ToolError.one(
            f"the release is version {version}, MODULE.bazel states {found[1] if found else 'none'}",
            where="release/BUILD, version",
            fix="write the same version in both",
        )


def write_archive(path: Path, prefix: str, files: Mapping[str, bytes]) -> str:
    """Write files below one folder, sorted by path, and return the archive's sha256 (hex)."""
    with open_output(path, mode=FILE_MODE) as output:
        tar = TarGzipWriter(output)
        for name, data in sorted(files.items()):
            raw, method = deflated(data)
            add = tar.add_deflated if method == DEFLATED else tar.add_stored
            add(f"{prefix}/{name}", [raw], crc=zlib.crc32(data), size=len(data))
        return tar.finish()


def render_snippets(*, version: str, prefix: str, file: str, sha256: str) -> tuple[str, str]:
    """Return the lines of MODULE.bazel and of WORKSPACE that pin an archive with this digest (hex)."""
    integrity = "sha256-" + base64.b64encode(bytes.fromhex(sha256)).decode()
    url = PLACE + file
    module = _MODULE.format(integrity=integrity, prefix=prefix, url=url, version=version)
    return module, _WORKSPACE.format(prefix=prefix, sha256=sha256, url=url)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="write_release.py", allow_abbrev=False)
    parser.add_argument("--version", required=True)
    parser.add_argument("--file", action="append", default=[], metavar="NAME")
    parser.add_argument("--file-path", type=Path, action="append", default=[], metavar="PATH")
    for name in ("--module", "--workspace", "--output", "--module-snippet", "--workspace-snippet"):
        parser.add_argument(name, type=Path, required=True)
    return parser.parse_args(list(argv))


def write_release(argv: Sequence[str]) -> int:
    """Write the three files that the arguments name."""
    options = _parse(read_words(argv))
    module = options.module.read_text()
    check_version(module, options.version)
    files = {name: path.read_bytes() for name, path in zip(options.file, options.file_path, strict=True)}
    files["MODULE.bazel"] = cut(module, "MODULE.bazel")
    files["WORKSPACE"] = cut(options.workspace.read_text(), "WORKSPACE")
    prefix = f"rules_python_env-{options.version}"
    sha256 = write_archive(options.output, prefix, files)
    snippets = render_snippets(version=options.version, prefix=prefix, file=options.output.name, sha256=sha256)
    options.module_snippet.write_text(snippets[0])
    options.workspace_snippet.write_text(snippets[1])
    return 0


def main() -> int:
    """Write what the arguments ask for; bad input exits 2 with three parts."""
    try:
        return write_release(sys.argv[2:])
    except ToolError as error:
        print(error.render(), file=sys.stderr)
        return EXIT_BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
