"""A small resolver that asks its index over HTTP, as uv and pip do: the newest wheel of each name."""

from __future__ import annotations

import urllib.error
import urllib.request
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import marker_environment
from python_env.base.resolving import ResolverName
from python_env.lock.index import Index
from python_env.lock.indexes.page import Link, parse_page
from python_env.lock.indexes.web import Answer
from python_env.lock.resolvers.model import Candidate, Question, Resolved, Unresolvable


class PageResolver:
    """Asks one index for names, newest wheel first, and for METADATA."""

    def __init__(self, _program: Path, index: Index, *_: object) -> None:
        self.name, self.version = ResolverName.UV, "1"
        self._index = index
        proxies = {"http": index.proxy} if index.proxy else {}
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))

    def resolve(self, question: Question) -> tuple[Resolved, ...]:
        """Return one pin per name that is reached; whatever goes wrong is told as little of as by a real one."""
        try:
            return self._resolve(question)
        except (Unresolvable, ToolError):
            raise
        except Exception as error:
            what = f"the resolver failed: {type(error).__name__}: {self._index.url}"
            raise ToolError.one(what, where="the resolver, index alias default", fix="none") from None

    def _resolve(self, question: Question) -> tuple[Resolved, ...]:
        pins: dict[str, Resolved] = {}
        queue = [asked.requirement for asked in question.request.requirements]
        while queue:
            requirement = queue.pop()
            name = canonicalize_name(requirement.name)
            if name in pins or (
                requirement.marker and not requirement.marker.evaluate(marker_environment(question.platform))
            ):
                continue
            pins[name], metadata = self._pin(name, requirement)
            queue += [Requirement(text) for text in metadata]
        return tuple(pins.values())

    def _get(self, url: str) -> Answer:
        try:
            with self._opener.open(url, timeout=10) as response:
                return Answer(response.read(), response.headers["Content-Type"], response.url)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                raise FileNotFoundError from None
            raise ToolError.one("the resolver failed", where="the index", fix="none") from None

    def _pin(self, name: str, requirement: Requirement) -> tuple[Resolved, list[str]]:
        try:
            links = parse_page(self._get(f"{self._index.url}/{name}/"))
        except FileNotFoundError:
            what = f"Because {name} was not found in the package registry"
            raise Unresolvable([Fault(what, "somewhere", "none")]) from None
        wheels = [link for link in links if link.file.endswith(".whl") and _fits(link, requirement)]
        best = max(wheels, key=lambda link: link.release[1] if link.release else 0)  # type: ignore[return-value,arg-type]
        assert best.release is not None
        pinned = str(best.release[1])
        same = [link for link in wheels if link.release and str(link.release[1]) == pinned]
        found = tuple(Candidate(file=link.file, url=link.url, sha256=link.sha256) for link in same)
        return Resolved(name=name, version=pinned, candidates=found), self._requires(best)

    def _requires(self, link: Link) -> list[str]:
        if not link.metadata:
            return []
        text = self._get(f"{link.url}.metadata").body.decode()
        return HeaderParser().parsestr(text).get_all("Requires-Dist") or []


def _fits(link: Link, requirement: Requirement) -> bool:
    if link.release is None or not requirement.specifier.contains(link.release[1], prereleases=True):
        return False
    return link.yanked is None or any(part.operator == "==" for part in requirement.specifier)
