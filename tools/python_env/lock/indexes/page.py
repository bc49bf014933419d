"""What an index's page says of its files: HTML (PEP 503) or JSON (PEP 691), or one page of links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from python_env.lock.indexes.web import Answer

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


class BadPage(Exception):
    """A page that cannot be used; says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One file that an index has."""

    file: str
    url: str
    """Absolute, without fragment and credentials."""
    index: str = ""
    """Index alias."""
    sha256: str = ""
    """Hex digest, lower case; empty where the page states none."""
    requires_python: str = ""
    yanked: str | None = None
    """Reason, maybe empty; None for a file that is not yanked (PEP 592)."""
    metadata: bool = False
    """The METADATA is served beside the file (PEP 658)."""
    size: int | None = None
    upload_time: str = ""

    @property
    def release(self) -> tuple[str, Version] | None:
        """Return the normalised name and the version in the file's name, or None for anything else."""
        try:
            if self.file.endswith(".whl"):
                name, version, _, _ = parse_wheel_filename(self.file)
                return name, version
            return parse_sdist_filename(self.file)
        except (InvalidWheelFilename, InvalidSdistFilename):
            return None


def parse_page(answer: Answer) -> tuple[Link, ...]:
    """Return the links of a page to wheels and sdists.

    Raises BadPage when it is cut off, not UTF-8, or states a digest that is none.
    """
    links = _json_links(answer) if "json" in answer.kind else _html_links(answer)
    return tuple(link for link in links if link.release is not None)


def _text(answer: Answer) -> str:
    found = re.search(r"charset=\"?([a-z0-9._-]+)", answer.kind)
    charset = found[1] if found else "utf-8"
    try:
        return answer.body.decode(charset)
    except LookupError:
        raise BadPage(f"its character set {charset} is not known") from None
    except UnicodeDecodeError as error:
        raise BadPage(f"it is not {charset}: {error.reason} at byte {error.start}") from None


def _json_links(answer: Answer) -> Iterator[Link]:
    try:
        document = json.loads(_text(answer))
        files = document["files"]
        version = str(document["meta"]["api-version"])
    except (ValueError, LookupError, TypeError) as error:
        raise BadPage(f"it is not the JSON of PEP 691 ({type(error).__name__})") from None
    if version.partition(".")[0] != "1":
        raise BadPage(f"its API version is {version}; 1.x is understood")
    for file in files:
        yield _json_link(file, answer.url)


def _json_link(file: Mapping[str, Any], base: str) -> Link:
    try:
        name, url = str(file["filename"]), str(file["url"])
        yanked = file.get("yanked", False)
        return Link(
            file=name,
            url=_plain(urljoin(base, url)),
            sha256=_digest(file.get("hashes", {}).get("sha256", ""), name),
            requires_python=file.get("requires-python") or "",
            yanked=None if not yanked else yanked if isinstance(yanked, str) else "",
            metadata=bool(file.get("core-metadata") or file.get("dist-info-metadata")),
            size=file.get("size"),
            upload_time=file.get("upload-time") or "",
        )
    except (LookupError, TypeError, AttributeError) as error:
        raise BadPage(f"a file of its JSON is not what PEP 691 says ({type(error).__name__})") from None


def _plain(url: str) -> str:
    """Return a URL without fragment, user and password."""
    parts = urlsplit(urldefrag(url)[0])
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _digest(text: str, file: str) -> str:
    if text and not _SHA256.fullmatch(text):
        raise BadPage(f"the sha256 that it states for {file} is none: {text[:80]!r}")
    return text.lower()


class _Anchors(HTMLParser):
    """Collects anchors and the base of relative links."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: list[dict[str, str | None]] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.anchors.append(dict(attrs))
        elif tag == "base" and not self.base:
            self.base = dict(attrs).get("href") or ""


def _html_links(answer: Answer) -> Iterator[Link]:
    parser = _Anchors()
    parser.feed(_text(answer))
    if parser.rawdata.lstrip().startswith("<"):
        raise BadPage("it is cut off: it ends inside a tag")
    base = urljoin(answer.url, parser.base)
    for anchor in parser.anchors:
        if href := anchor.get("href"):
            yield _html_link(urljoin(base, href.strip()), anchor)


def _html_link(url: str, anchor: Mapping[str, str | None]) -> Link:
    plain, fragment = urldefrag(url)
    file = unquote(urlsplit(plain).path.rsplit("/", 1)[-1])
    stated = re.search(r"(?:^|&)sha256=([^&]*)", fragment)
    metadata = anchor.get("data-core-metadata", anchor.get("data-dist-info-metadata", "false"))
    return Link(
        file=file,
        url=_plain(plain),
        sha256=_digest(stated[1] if stated else "", file),
        requires_python=anchor.get("data-requires-python") or "",
        yanked=(anchor["data-yanked"] or "") if "data-yanked" in anchor else None,
        metadata=metadata != "false",
        upload_time=anchor.get("data-upload-time") or "",
    )


def of_project(links: tuple[Link, ...], name: str) -> tuple[Link, ...]:
    """Return the links of one distribution, each file once."""
    found: dict[str, Link] = {}
    for link in links:
        release = link.release
        if release and canonicalize_name(release[0]) == name:
            found.setdefault(link.file, link)
    return tuple(found.values())
