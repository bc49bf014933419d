"""What a wheel says of itself, read from the index (PEP 658, range requests) and remembered by digest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from email.parser import HeaderParser
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name, canonicalize_version

from python_env.base.documents import write_atomically
from python_env.base.errors import ToolError
from python_env.lock.indexes.beside import Warn, read_beside
from python_env.lock.indexes.page import Link
from python_env.lock.indexes.web import TooLarge, Web
from python_env.lock.indexes.wheel_file import MOST_WHOLE, from_wheel, told

_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The METADATA fields that a closure depends on (core metadata), and the file's size."""

    name: str
    version: str
    requires: tuple[str, ...]
    requires_python: str
    size: int
    extras: tuple[str, ...] = ()
    """Normalised names of the extras that it has, sorted."""


def parse_facts(document: Mapping[str, Any]) -> Facts:
    """Return the facts that `asdict` made a document of; raises TypeError or KeyError when they are none."""
    return Facts(**{**document, "requires": tuple(document["requires"]), "extras": tuple(document["extras"])})


def parse_metadata(text: str, *, size: int) -> Facts:
    """Return the facts in a METADATA text (core metadata)."""
    message = HeaderParser().parsestr(text)
    return Facts(
        name=canonicalize_name(message.get("Name", "")),
        version=canonicalize_version(message.get("Version", ""), strip_trailing_zero=False),
        requires=tuple(message.get_all("Requires-Dist") or ()),
        requires_python=message.get("Requires-Python") or "",
        size=size,
        extras=_extras(message.get_all("Provides-Extra") or (), message.get_all("Requires-Dist") or ()),
    )


def _extras(provided: Iterable[str], requires: Iterable[str]) -> tuple[str, ...]:
    """Return the stated extras, and those that only a marker names: old metadata leaves the statement out."""
    named = (extra for requirement in requires for extra in _EXTRA.findall(requirement))
    return tuple(sorted({str(canonicalize_name(extra)) for extra in (*provided, *named)}))


class Pages(Protocol):
    """What the pages of the indexes say of files; `lock.indexes.catalog.Catalog` is the real one."""

    def link(self, url: str, file: str, *, ask: bool = False) -> Link | None:
        """Return what is said of a file by a page that was read; with `ask`, also by one that was not."""

    def beside(self, link: Link) -> bytes | None:
        """Return the METADATA beside a wheel, or None where the index does not have what its page states."""


class FactSource:
    """Facts of wheels, by digest: from the cache folder, else from the index.

    They come out of the wheel itself, whose digest is locked, and must be what the index says beside it (PEP 658),
    because that is what the resolver was told. Of a large wheel on a server without ranges the latter is enough.
    """

    def __init__(
        self, cache: Path, environment: Mapping[str, str], web: Web | None = None, pages: Pages | None = None
    ) -> None:
        self._cache = cache
        self._web = web or Web(environment)
        self._pages = pages

    def get(self, *, url: str, sha256: str, file: str) -> Facts:
        """Return the facts of one wheel.

        Raises ToolError when the index does not serve it, says another thing beside it, or it holds no METADATA.
        """
        facts = self.remembered(sha256)
        if facts is None:
            facts = self._fetch(url, sha256, file)
            self._remember(sha256, facts)
        return facts

    def for_resolver(self, link: Link, warn: Warn) -> Facts:
        """Return the facts that decide a resolver's next step: of the METADATA beside the wheel where one is served.

        Raises ToolError as `get` does.
        """
        if not link.metadata:
            return self.get(url=link.url, sha256=link.sha256, file=link.file)
        told_of = f"{link.sha256}.{link.metadata_sha256 or 'beside'}"
        facts = self.remembered(link.sha256) or self.remembered(told_of)
        if facts is None:
            data = read_beside(self._web, link, warn)
            if data is None:
                return self.get(url=link.url, sha256=link.sha256, file=link.file)
            facts = parse_metadata(data.decode("utf-8"), size=0)
            self._remember(told_of, facts)
        return facts

    def download(self, url: str) -> bytes:
        """Return a file's bytes; raises ToolError when they cannot be had."""
        place = urlsplit(url)._replace(query="", fragment="").geturl()
        environ = self._web.credentials.environ
        return told(lambda: (self._web.read(url)[0], 0), file=place, alias=self._web.alias_of(url), environ=environ)[0]

    def remembered(self, key: str) -> Facts | None:
        """Return the facts in the cache folder, by sha256; None where they are not, or cannot be read."""
        try:
            return parse_facts(json.loads((self._cache / f"{key}.json").read_bytes()))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _remember(self, key: str, facts: Facts) -> None:
        self._cache.mkdir(parents=True, exist_ok=True)
        write_atomically(self._cache / f"{key}.json", json.dumps(asdict(facts), sort_keys=True).encode())

    def _fetch(self, url: str, sha256: str, file: str) -> Facts:
        alias = self._web.alias_of(url)
        beside = self._beside(self._pages.link(url, file)) if self._pages else None
        try:
            facts = self._of_wheel(url, sha256, file, most_whole=MOST_WHOLE)
        except TooLarge as error:
            return self._without_ranges(url, sha256, file, size=error.size)
        if beside is not None:
            _check_same(parse_metadata(beside.decode("utf-8"), size=facts.size), facts, file=file, alias=alias)
        return facts

    def _beside(self, link: Link | None) -> bytes | None:
        if self._pages is None or link is None or not link.metadata or link.url.startswith("file:"):
            return None
        return self._pages.beside(link)

    def _without_ranges(self, url: str, sha256: str, file: str, *, size: int) -> Facts:
        """Return the facts of a large wheel that the server would send whole: the METADATA beside it is enough."""
        link = self._pages.link(url, file, ask=True) if self._pages else None
        size = size or (link.size if link else 0) or 0
        data = self._beside(link) if size else None
        return parse_metadata(data.decode("utf-8"), size=size) if data else self._of_wheel(url, sha256, file)

    def _of_wheel(self, url: str, sha256: str, file: str, *, most_whole: int = 0) -> Facts:
        data, size = told(
            lambda: from_wheel(url, self._web, sha256, most_whole=most_whole),
            file=file,
            alias=self._web.alias_of(url),
            environ=self._web.credentials.environ,
        )
        return parse_metadata(data.decode("utf-8"), size=size)


def _check_same(said: Facts, is_: Facts, *, file: str, alias: str) -> None:
    """Raise ToolError where an index says another thing beside a wheel than the wheel itself."""
    differing = [
        f"{each.name} {_shown(getattr(said, each.name))}, the wheel {_shown(getattr(is_, each.name))}"
        for each in fields(Facts)
        if getattr(said, each.name) != getattr(is_, each.name)
    ]
    if differing:
        raise ToolError.one(
            f"{file}.metadata of index alias {alias} contradicts its wheel: it says {'; '.join(differing)}",
            where=f"{file} on index alias {alias}",
            fix="have the index make its metadata anew (PEP 658: a copy of the wheel's own), or exclude that version",
        )


def _shown(value: object) -> str:
    return repr(", ".join(value) if isinstance(value, tuple) else value)
