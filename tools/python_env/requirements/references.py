"""References as a requirement file would write them, made of what TOML files state part by part."""

from __future__ import annotations

import re

from python_env.requirements.direct import NotDirect


def git_reference(url: str, *, revision: str, subdirectory: str = "") -> str:
    """Return the reference of a repository. Raises NotDirect for what is no URL."""
    url = url.removeprefix("git+")
    if "://" not in url:
        raise NotDirect("the repository is named by no URL", "write https://host/path, or ssh://git@host/path")
    return f"git+{url}{f'@{revision}' if revision else ''}{_fragment(subdirectory=subdirectory)}"


def url_reference(url: str, *, sha256: str = "", subdirectory: str = "") -> str:
    """Return the reference of an archive. Raises NotDirect for what is no URL."""
    plain = url.partition("#")[0]
    if not re.match(r"https?://", plain):
        raise NotDirect("the archive is named by no URL", "write https://host/file")
    return plain + _fragment(sha256=sha256, subdirectory=subdirectory) if sha256 or subdirectory else url


def path_reference(path: str, *, subdirectory: str = "") -> str:
    """Return the reference of a path, which is never taken for a URL. Raises NotDirect for characters that part it."""
    if not path or "#" in path:
        raise NotDirect("the path is empty or holds a #", "rename the folder")
    begin = "" if path.startswith(("/", "./", "../")) else "./"
    return f"{begin}{path}{_fragment(subdirectory=subdirectory)}"


def _fragment(**fields: str) -> str:
    stated = [f"{key}={value}" for key, value in fields.items() if value]
    return f"#{'&'.join(stated)}" if stated else ""
