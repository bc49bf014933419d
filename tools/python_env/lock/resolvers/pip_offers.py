"""What pip is given in the place of sources, so that it builds none. Imported in the child process only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename
from packaging.version import InvalidVersion, Version

from python_env.base.errors import Fault, ToolError
from python_env.lock.facts import Facts, FactSource, parse_facts, parse_metadata
from python_env.lock.indexes.web import Web
from python_env.requirements.model import ARCHIVES

Ask = Callable[[dict[str, Any]], dict[str, Any]]
"""Asks the adapter, and returns its reply."""


class GatewayFacts(FactSource):
    """Facts of wheels behind the gateway: of what it serves beside a wheel, for it sends wheels whole."""

    def __init__(self, cache: Path, environment: Mapping[str, str]) -> None:
        super().__init__(cache / "beside", environment)
        self._whole = FactSource(cache, environment)
        self._beside = Web(environment)

    def remembered(self, sha256: str) -> Facts | None:
        """Return what is known of the wheel, else of what lay beside it."""
        return self._whole.remembered(sha256) or super().remembered(sha256)

    def _fetch(self, url: str, sha256: str, file: str) -> Facts:
        return parse_metadata(self._beside.read(f"{url}.metadata")[0].decode("utf-8"), size=0)


def fact_source(question: Mapping[str, Any]) -> FactSource:
    """Return what reads the facts of the index's wheels."""
    cache = Path(question["cache"], "metadata")
    return (GatewayFacts if question["gateway"] else FactSource)(cache, os.environ)


@dataclass(slots=True)
class Offers:
    """Wheels, sdists and stand-ins, by what pip asks for."""

    question: Mapping[str, Any]
    repository: Any
    links: Mapping[str, Mapping[str, Any]]
    """Every link of every project page that was read, by name and URL."""
    ask: Ask
    built: set[str] = field(default_factory=set)
    """Distributions of which only sdists are taken."""

    def __post_init__(self) -> None:
        """Let pip see the sdists of what must be built."""
        for name in self.question["built"]:
            self.build(name)

    def build(self, name: str) -> None:
        """Let pip see only the sdists of a distribution, from now on."""
        finder = self.repository.finder
        self.built.add(name)
        finder.format_control.no_binary.add(name)
        finder._all_candidates.pop(name, None)
        for key in [key for key in finder._best_candidates if key[0] == name]:
            del finder._best_candidates[key]

    def buildable(self, causes: Iterable[Any]) -> str:
        """Return a distribution of a conflict that may be built and has an sdist that could solve it, or nothing."""
        asked: dict[str, SpecifierSet] = {}
        for cause in causes:
            name = canonicalize_name(cause.requirement.project_name)
            asked[name] = asked.get(name, SpecifierSet()) & SpecifierSet(_specifier(cause.requirement))
        allowed = sorted({*asked} & {*self.question["sdists"]} - self.built)
        return next((name for name in allowed if self._new_versions(name, asked[name])), "")

    def _new_versions(self, name: str, specifier: SpecifierSet) -> set[str]:
        """Return the versions that have an sdist and no wheel for the platform."""
        known = {str(each.version) for each in self.repository.finder.find_all_candidates(name)}
        found = {str(version) for _, version in self._sdists(name) if specifier.contains(version, prereleases=True)}
        return found - known

    def _sdists(self, name: str) -> Iterator[tuple[Any, Version]]:
        for link in self.links.get(name, {}).values():
            version = sdist_version(link.filename)
            if version is not None:
                yield link, version

    def sdist(self, name: str, version: str) -> tuple[str, str, str] | None:
        """Return (file, url, sha256) of the sdist of a version; of a yanked one only where all are."""
        links = [link for link, found in self._sdists(name) if found == Version(version)]
        links = [link for link in links if not link.is_yanked] or links
        best = min(links, key=lambda link: (not link.filename.endswith(".tar.gz"), link.filename), default=None)
        return (best.filename, best.url_without_fragment, self._digest(best)) if best else None

    def _digest(self, link: Any) -> str:
        """Return the digest that the index states, else of the file."""
        if link.hash_name == "sha256":
            return str(link.hash)
        return str(self.repository._get_file_hash(link).partition(":")[2])

    def facts_reader(self) -> Callable[[Any], Facts | None]:
        """Return what gives the facts of a requirement with a link: pip reads only wheels without a digest itself."""
        wheels = fact_source(self.question)
        placed = {each["url"].partition("#")[0]: parse_facts(each["facts"]) for each in self._placed.values()}

        def facts_of(req: Any) -> Facts | None:
            link = req.link
            if known := placed.get(link.url_without_fragment):
                return known
            if not link.is_wheel:
                return self._sdist_facts(canonicalize_name(req.req.name), link)
            if link.is_file or link.hash_name != "sha256":
                return None
            return wheels.get(url=link.url_without_fragment, sha256=link.hash, file=link.filename)

        return facts_of

    def _sdist_facts(self, name: str, link: Any) -> Facts:
        version = str(sdist_version(link.filename))
        asked = {"file": link.filename, "name": name, "url": link.url_without_fragment, "version": version}
        return parse_facts(self.ask({"sdist": {**asked, "sha256": self._digest(link)}}))

    @property
    def _placed(self) -> Mapping[str, Any]:
        placed: Mapping[str, Any] = self.question["stand_ins"]
        return placed

    @property
    def direct(self) -> frozenset[str]:
        """Return the distributions that a direct reference names."""
        return frozenset(each["facts"]["name"] for each in self._placed.values())

    def counts(self, requirement: Requirement) -> bool:
        """Return whether a line counts: a direct reference only where the platform has it."""
        return not requirement.url or requirement.url in self._placed

    def placed(self, requirement: Requirement, asked_by: str) -> Requirement:
        """Return a direct reference with the URL of its stand-in.

        Raises ToolError of one that no line names, as uv does: whose code would be built is a person's to decide.
        """
        found = self._placed.get(requirement.url or "")
        if found is None:
            raise ToolError([_unnamed(requirement.name, asked_by, self.question["platform"])])
        made = Requirement(str(requirement))
        made.url = found["url"]
        return made

    def readable(self, text: str) -> str:
        """Return pip's words with the references that a person wrote."""
        for written, each in self._placed.items():
            text = text.replace(each["url"], written).replace(each["url"].partition("#")[0], written)
        return text


def _specifier(requirement: Any) -> str:
    """Return the specifier of one of pip's requirements; an explicit one has none."""
    _, ireq = requirement.get_candidate_lookup()
    return str(ireq.specifier) if ireq is not None else ""


def _unnamed(name: str, asked_by: str, tag: str) -> Fault:
    return Fault(
        f"{asked_by} needs {name} by a direct reference, which only a line of yours may name",
        f"the closure of {tag}",
        f"name the reference of {name} in a requirement file, or say by `overrides` what stands in its place",
    )


def sdist_version(file: str) -> Version | None:
    """Return the version in the name of an sdist (PEP 625, and older ones); None of any other file."""
    try:
        return parse_sdist_filename(file)[1]
    except (InvalidSdistFilename, InvalidVersion):
        return None


def seen(links: Iterable[Any], *, timed: bool) -> list[Any]:
    """Return the links that are looked at: no kinds of archives that are not taken, no files of unknown time.

    Where no file of a page has a time, all are left to pip, which refuses the page.
    """
    found = [link for link in links if not link.ext or link.filename.endswith(ARCHIVES)]
    known = [link for link in found if link.upload_time]
    return known if timed and known else found
