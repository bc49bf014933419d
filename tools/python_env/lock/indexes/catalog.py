"""What the indexes have of a distribution: of the one that it is bound to, or of the first in order that has it."""

from __future__ import annotations

import hashlib
import http.client
import threading
import urllib.error
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from python_env.base.errors import Fault, ToolError
from python_env.lock.indexes.beside import out_of_wheel, read_beside
from python_env.lock.indexes.page import BadPage, Link, of_project, parse_page
from python_env.lock.indexes.places import Place
from python_env.lock.indexes.web import Answer, Truncated, Web, broken, http_fault
from python_env.requirements.model import Indexes

_BLOCK = 1 << 20


@dataclass(slots=True)
class Catalog:
    """The projects of all aliases, each page asked for once in a run."""

    indexes: Indexes
    places: Mapping[str, Place]
    web: Web
    faults: list[Fault] = field(default_factory=list)
    """What is wrong with the indexes that were asked."""
    absent: set[str] = field(default_factory=set)
    """Names that no index had that may be asked for them."""
    warnings: dict[str, None] = field(default_factory=dict)
    """What a person should know, once each, in the order in which it was found."""
    _projects: dict[str, tuple[Link, ...]] = field(default_factory=dict)
    _flat: dict[str, tuple[Link, ...]] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)
    _besides: dict[str, bytes | None] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def project(self, name: str) -> tuple[Link, ...]:
        """Return the files of a normalised name, empty where no index has it.

        Raises ToolError, and remembers its faults.
        """
        with self._lock(f"project {name}"):
            if name not in self._projects:
                try:
                    self._projects[name] = self._find(name)
                except ToolError as error:
                    self.remember(error)
                    raise
            return self._projects[name]

    def remember(self, error: ToolError) -> None:
        """Keep the faults of an error, once each."""
        with self._guard:
            self.faults += [fault for fault in error.faults if fault not in self.faults]

    def warn(self, text: str) -> None:
        """Remember a warning."""
        with self._guard:
            self.warnings[text] = None

    def link(self, url: str, file: str, *, ask: bool = False) -> Link | None:
        """Return what its page says of an index's wheel; with `ask`, also of a page that was not read yet."""
        if url not in self.web.aliases:
            return None
        try:
            name = parse_wheel_filename(file)[0]
        except InvalidWheelFilename:
            return None
        links = self.project(name) if ask or name in self._projects else ()
        return next((link for link in links if link.file == file and unquote(link.url) == unquote(url)), None)

    def beside(self, link: Link) -> bytes | None:
        """Return the METADATA beside a wheel, read once in a run; None where the index does not have it.

        Raises ToolError when it cannot be used.
        """
        with self._lock(f"beside {link.url}"):
            if link.url not in self._besides:
                self._besides[link.url] = read_beside(self.web, link, self.warn)
            return self._besides[link.url]

    def metadata(self, link: Link) -> bytes:
        """Return the METADATA of a wheel, from beside it or out of it; raises ToolError when there is none."""
        if link.metadata and not link.url.startswith("file:"):
            found = self.beside(link)
            if found is not None:
                return found
        return out_of_wheel(self.web, link)

    def _lock(self, key: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())

    def _find(self, name: str) -> tuple[Link, ...]:
        for alias in self.indexes.asked_for(name):
            links = self._of_index(self.places[alias], name)
            if links is not None:
                return tuple(replace(link, index=alias) for link in links)
        self.absent.add(name)
        return ()

    def _of_index(self, place: Place, name: str) -> tuple[Link, ...] | None:
        """Return what one index has of a name; None where it does not know the name."""
        if place.is_folder:
            return of_project(self._folder_links(place, name), name) or None
        if place.flat:
            return of_project(self._flat_links(place), name) or None
        answer = self.web.page(f"{place.url}/{name}/", alias=place.alias, of=name)
        if answer is None:
            return None
        try:
            links = of_project(parse_page(answer), name)
        except BadPage as error:
            raise broken(place.alias, name, str(error)) from None
        if not links:
            raise broken(place.alias, name, "the page has no link to a file of it")
        return links

    def _folder_links(self, place: Place, name: str) -> tuple[Link, ...]:
        """Return the files of a folder: what the project's own index.html links to, else what lies there."""
        page = place.folder / name / "index.html"
        if not page.is_file():
            return _folder_links(place, name)
        answer = Answer(url=f"{place.url}/{quote(name)}/index.html", kind="text/html", body=page.read_bytes())
        try:
            links = parse_page(answer)
        except BadPage as error:
            raise broken(place.alias, name, str(error)) from None
        if any(not link.url.startswith(f"{place.url}/") for link in links):
            raise broken(place.alias, name, "its page links to what lies outside the folder")
        return links

    def _flat_links(self, place: Place) -> tuple[Link, ...]:
        with self._lock(f"flat {place.alias}"):
            if place.alias not in self._flat:
                self._flat[place.alias] = self._read_flat(place)
            return self._flat[place.alias]

    def _read_flat(self, place: Place) -> tuple[Link, ...]:
        url = place.url if place.url.endswith((".html", ".htm")) else f"{place.url}/"
        answer = self.web.page(url, alias=place.alias, of="its page of links")
        if answer is None:
            raise broken(place.alias, "its page of links", "it answers 404 Not Found")
        try:
            links = parse_page(answer)
        except BadPage as error:
            raise broken(place.alias, "its page of links", str(error)) from None
        if not links:
            raise broken(place.alias, "its page of links", "it has no link to a wheel or an sdist")
        return links

    def digest(self, link: Link) -> str:
        """Return the sha256 of a file: as the index states it, else of the whole file, read once in a run.

        Raises ToolError when the file is not to be had.
        """
        if link.sha256:
            return link.sha256
        with self._lock(f"digest {link.url}"):
            if link.url not in self._digests:
                self._digests[link.url] = self._read_digest(link)
            return self._digests[link.url]

    def _read_digest(self, link: Link) -> str:
        digest = hashlib.sha256()
        for block in self.blocks(link):
            digest.update(block)
        return digest.hexdigest()

    def blocks(self, link: Link) -> Iterator[bytes]:
        """Yield the bytes of a file; raises ToolError when it is not to be had."""
        if link.url.startswith("file:"):
            yield from _file_blocks(Path(unquote(urlsplit(link.url).path)))
            return
        try:
            with self.web.open(link.url) as response:
                came = 0
                while block := response.read(_BLOCK):
                    came += len(block)
                    yield block
                stated = response.headers.get("Content-Length")
                if stated and came < int(stated):
                    raise Truncated(f"{came} bytes came of {stated}")
        except urllib.error.HTTPError as error:
            environ = self.web.credentials.environ
            raise http_fault(error, alias=link.index, of=link.file, environ=environ) from None
        except (OSError, http.client.HTTPException, Truncated) as error:
            raise broken(link.index, link.file, str(error) or type(error).__name__) from None


def _file_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _folder_links(place: Place, name: str) -> tuple[Link, ...]:
    """Return the files of a folder: those in it, and those in a folder of the distribution's name (PEP 503)."""
    folder = place.folder
    if not folder.is_dir():
        raise broken(place.alias, name, "there is no such folder")
    found = [*sorted(folder.iterdir()), *(sorted((folder / name).iterdir()) if (folder / name).is_dir() else ())]
    files = [path for path in found if path.is_file()]
    return tuple(
        Link(file=path.name, url=f"{place.url}/{quote(path.relative_to(folder).as_posix())}", size=path.stat().st_size)
        for path in files
    )


def path_of(link: Link, place: Place) -> str:
    """Return how the lock names a file: below the folder of the index, or its URL's path on the index's host."""
    if place.is_folder:
        return link.url.removeprefix(place.url).lstrip("/")
    return urlsplit(urljoin(place.url, link.url)).path.lstrip("/")
