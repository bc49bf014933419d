"""Direct references: a distribution that is named by where it lies, not by what an index has (PEP 508, PEP 440)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from python_env.requirements.model import ARCHIVES, Asked, Direct, DirectKind

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_NAMED = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:(\[[^\]]*\])\s*)?@\s*(\S.*)")
_MARKER = re.compile(r"(?<!\s)\s+;|;\s+")
_EXTRAS = re.compile(r"(.*?)(\[[A-Za-z0-9._,\s-]*\])?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN = re.compile(r"[A-Za-z0-9/._~%!$&'()*+,;=:@?\[\]-]*")
"""RFC 3986: what a URL holds. lock.entries.sources takes the same."""
_PROJECT_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")

ProjectName = Callable[[str], str]
"""Returns the name that the project in a folder states; empty where it states none. Raises FileNotFoundError."""


class NotDirect(ValueError):
    """A reference that cannot be taken: `what`, and `fix`, what to write instead."""

    def __init__(self, what: str, fix: str) -> None:
        self.what = what
        self.fix = fix
        super().__init__(what)


def is_direct(text: str) -> bool:
    """Return whether a requirement's text holds a direct reference, named or bare."""
    return _reference_part(text) is not None


def _reference_part(text: str) -> str | None:
    named = _NAMED.fullmatch(text)
    bare = _without_marker(named[3] if named else text)[0]
    if named or _SCHEME.match(bare) or bare.startswith(("/", "./", "../")) or bare in (".", ".."):
        return bare
    path = _EXTRAS.fullmatch(bare)
    looks = "/" in bare or "\\" in bare or bool(path and path[1].endswith(ARCHIVES))
    return bare if looks else None


def _without_marker(text: str) -> tuple[str, str]:
    found = _MARKER.search(text)
    return (text[: found.start()].strip(), text[found.end() :].strip()) if found else (text.strip(), "")


def named_text(text: str, *, source: str, project_name: ProjectName) -> str:
    """Return the requirement as `name[extras] @ reference; marker`, its path made relative to the workspace's root.

    Paths are read from the folder of the file that names them, as those of `-r` are.
    Raises NotDirect for a reference that is not taken.
    """
    named = _NAMED.fullmatch(text)
    reference, marker = _without_marker(named[3] if named else text)
    extras = (named[2] or "") if named else ""
    if not named and not _SCHEME.match(reference):
        found = _EXTRAS.fullmatch(reference)
        reference, extras = (found[1].strip(), found[2] or "") if found else (reference, "")
    reference = _normal(reference, source)
    direct = parse_direct(reference)
    name = named[1] if named else _name_of(direct, reference, project_name)
    _check_archive(direct, name)
    return f"{name}{extras} @ {reference}" + (f" ; {marker}" if marker else "")


def named_reference(name: str, reference: str, *, source: str) -> tuple[str, Direct]:
    """Return a reference of a distribution whose name is known, its path made relative to the root, and its parts.

    Raises NotDirect for a reference that is not taken.
    """
    if re.search(r"[\s;]", reference):
        raise NotDirect("the reference has characters that stand in no lock", "rename the file, or write %XX in a URL")
    reference = _normal(reference, source)
    direct = parse_direct(reference)
    _check_archive(direct, name)
    return reference, direct


def direct_asked(
    requirement: Requirement, reference: str, *, source: str, marker: Marker | None, line: int = 0
) -> Asked:
    """Return a requirement, of which name and extras count, by where the distribution lies. Raises NotDirect."""
    place, direct = named_reference(requirement.name, reference, source=source)
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    taken = Requirement(f"{requirement.name}{extras} @ {place}")
    taken.marker = marker
    return Asked(requirement=taken, source=source, line=line, direct=direct)


def _check_archive(direct: Direct, name: str) -> None:
    if direct.kind is DirectKind.LOCAL and not direct.is_folder and not direct.is_wheel:
        raise NotDirect("an sdist of the workspace is not taken", "unpack it and name its folder, or build a wheel")
    if not direct.is_wheel:
        return
    try:
        found = parse_wheel_filename(unquote(urlsplit(direct.location).path.rpartition("/")[2]))[0]
    except InvalidWheelFilename as error:
        raise NotDirect(str(error), "name a wheel by its whole file name, or an sdist") from None
    if found != canonicalize_name(name):
        raise NotDirect(f"the file is no wheel of {name}", "name the distribution as the wheel's file does")


def _normal(reference: str, source: str) -> str:
    """Return a reference whose path, if it is one, stands as `./<path from the workspace's root>`."""
    if _DRIVE.match(reference) or "\\" in reference:
        raise NotDirect("a Windows path is not the same on every machine", "write a relative path with slashes")
    lowered = reference.lower()
    if lowered.startswith("file:"):
        reference = unquote(re.sub(r"^//(localhost)?(?=/)", "", reference[5:]))
    elif _SCHEME.match(reference):
        return reference
    if reference.startswith("/"):
        raise NotDirect("an absolute path is not the same on every machine", "write it relative to the file")
    path, mark, fragment = reference.partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    if path == ".." or path.startswith("../"):
        raise NotDirect("the path leaves the workspace", "move what it names into the workspace")
    return f"./{path}{mark}{fragment}"


def parse_direct(reference: str) -> Direct:
    """Return a normalised reference, taken apart.

    Raises NotDirect for another version control system than git, a secret in a URL, what is no archive, and characters
    that a lock does not take.
    """
    direct = _parsed(reference)
    if not _PLAIN.fullmatch(direct.location + direct.subdirectory):
        raise NotDirect("the reference has characters that stand in no lock", "rename the file, or write %XX in a URL")
    return direct


def _parsed(reference: str) -> Direct:
    if reference.startswith("./"):
        path, _, fragment = reference[2:].partition("#")
        return Direct(kind=DirectKind.LOCAL, location=path, subdirectory=_field(fragment, "subdirectory"))
    scheme = reference.partition(":")[0].lower()
    if scheme.startswith("git+"):
        return _git(reference[len("git+") :])
    if scheme.partition("+")[0] in ("hg", "svn", "bzr", "git"):
        raise NotDirect(f"{scheme} is not supported, of version control systems only git", "use git+https://…")
    if scheme not in ("http", "https"):
        raise NotDirect(f"the scheme {scheme} is not supported", "use https, git+https or a relative path")
    parts = urlsplit(reference)
    _refuse_secret(parts.username, parts.password)
    if not unquote(parts.path).endswith(ARCHIVES):
        raise NotDirect(f"the URL names no {', '.join(ARCHIVES)} file", "name a wheel or an sdist")
    return Direct(
        kind=DirectKind.URL,
        location=parts._replace(fragment="").geturl(),
        subdirectory=_field(parts.fragment, "subdirectory"),
        sha256=_digest(parts.fragment),
    )


_GIT_SCHEMES = ("file", "https", "ssh")
"""What uv takes, too; another word before a colon may be a program that git starts (gitremote-helpers)."""


def _git(text: str) -> Direct:
    parts = urlsplit(text)
    if parts.scheme not in _GIT_SCHEMES or (parts.netloc.rpartition("@")[2] or parts.path).startswith("-"):
        raise NotDirect("git is asked by https, ssh or file alone", "write git+https://host/path@<commit>")
    if parts.scheme != "ssh":
        _refuse_secret(parts.username, parts.password)
    elif parts.password:
        _refuse_secret("", parts.password)
    path, _, revision = parts.path.rpartition("@") if "@" in parts.path else (parts.path, "", "")
    if not parts.scheme or not path.strip("/"):
        raise NotDirect("the git reference names no repository", "write git+https://host/path@<commit>")
    if revision.startswith("-") or re.search(r"[\s~^:?*\[\\]", revision):
        raise NotDirect(f"{revision!r} is no name of a branch, a tag or a commit", "write git+https://…@<commit>")
    location = parts._replace(path=path, fragment="", query="").geturl()
    if parts.scheme == "file" and location.startswith("file:/") and not location.startswith("file://"):
        location = "file://" + location[len("file:") :]
    return Direct(
        kind=DirectKind.GIT, location=location, revision=revision, subdirectory=_field(parts.fragment, "subdirectory")
    )


def _refuse_secret(user: str | None, password: str | None) -> None:
    if user or password:
        raise NotDirect(
            "the URL holds a user or a password, which would stand in the lock",
            "remove it; use netrc or Bazel's credential helper",
        )


def _field(fragment: str, key: str) -> str:
    value = parse_qs(fragment).get(key, [""])[0].strip("/")
    if value.startswith("..") or "/../" in f"/{value}/":
        raise NotDirect(f"the {key} {value!r} leaves the source", f"name a folder inside it as {key}")
    return value


def _digest(fragment: str) -> str:
    for key, values in parse_qs(fragment).items():
        if key in ("md5", "sha1", "sha224", "sha384", "sha512"):
            raise NotDirect(f"{key} is not taken as a digest", "write #sha256=<64 hexadecimal digits>")
        if key == "sha256" and not _SHA256.fullmatch(values[0]):
            raise NotDirect(f"not a sha256: {values[0]}", "write #sha256=<64 lower-case hexadecimal digits>")
    return parse_qs(fragment).get("sha256", [""])[0]


def _name_of(direct: Direct, reference: str, project_name: ProjectName) -> str:
    """Return the distribution's name, which a bare reference leaves to the file's name, `#egg=` or the project."""
    file = unquote(urlsplit(direct.location).path.rsplit("/", 1)[-1])
    try:
        if direct.is_wheel:
            return parse_wheel_filename(file)[0]
        if file.endswith(ARCHIVES) and direct.kind is not DirectKind.GIT:
            return parse_sdist_filename(file)[0]
    except (InvalidWheelFilename, InvalidSdistFilename) as error:
        raise NotDirect(str(error), "write `name @ ` before it") from None
    name = _field(reference.partition("#")[2], "egg")
    if not name and direct.is_folder:
        name = project_name(posixpath.join(direct.location, direct.subdirectory))
    if not _PROJECT_NAME.fullmatch(name):
        raise NotDirect("the reference does not say which distribution it is", "write `name @ ` before it")
    return name
