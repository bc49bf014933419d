"""One question, answered by pip-tools and pip. Imported in the child process only."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version
from pip._internal.exceptions import DistributionNotFound, PipError
from pip._internal.req.constructors import install_req_from_line
from piptools.repositories import PyPIRepository
from piptools.resolver import BacktrackingResolver

from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform, marker_environment, parse_platform
from python_env.base.wheel_tags import supported_tags
from python_env.lock.resolvers import pip_target
from python_env.lock.resolvers.pip_offers import Ask, Offers, seen
from python_env.lock.resolvers.pip_options import pip_words
from python_env.lock.resolvers.rewrite import rewritten
from python_env.requirements.model import Policy

_WHERE = "the resolver pip-tools, index alias default"
_VERSIONS_SHOWN = 5


@dataclass(slots=True)
class _Run:
    question: Mapping[str, Any]
    platform: Platform
    policy: Policy
    repository: Any
    links: dict[str, dict[str, Any]]
    """Every link of every project page that was read, by name and URL."""
    offers: Offers
    missing: dict[str, str] = field(default_factory=dict)
    """Distributions without any wheel for the platform, and why; they are left out to find the others."""

    def answer(self) -> dict[str, Any]:
        """Return the pins, all distributions without a wheel, or the reasons of a conflict."""
        while True:
            try:
                resolver = BacktrackingResolver(list(self._asked()), {}, self.repository, allow_unsafe=True)
                pinned = resolver.resolve()
            except DistributionNotFound as error:
                if name := self.offers.buildable(_causes(error)):
                    self.offers.build(name)
                elif not self._note_missing(error):
                    return {"missing": self.missing} if self.missing else {"conflict": self._reasons(error)}
                continue
            if self.missing:
                return {"missing": self.missing}
            return {"pins": [self._pin(ireq) for ireq in sorted(pinned, key=lambda each: str(each.name))]}

    def _asked(self) -> Iterator[Any]:
        environment = marker_environment(self.platform)
        for text, where in self.question["requirements"]:
            for each in rewritten(Requirement(text), self.policy, environment=environment, excludes=self.missing):
                if self.offers.counts(each):
                    line = self.offers.placed(each, where) if each.url else each
                    yield install_req_from_line(str(line), comes_from=where, user_supplied=True)
        refused = [(f"{name}!={version}", "no wheel for the floor") for name, version in self.question["refused"]]
        for text, where in [*self.question["constraints"], *refused]:
            yield install_req_from_line(text, comes_from=where, constraint=True, user_supplied=True)

    def record(self, real: Any) -> Any:
        """Return a finder's `evaluate_links` that also keeps the links."""

        def evaluate(link_evaluator: Any, links: Iterable[Any]) -> Any:
            found = seen(links, timed=bool(self.question["exclude_newer"]))
            known = self.links.setdefault(canonicalize_name(link_evaluator.project_name), {})
            known.update((link.url, link) for link in found if link.ext)  # the page itself is among them
            return real(link_evaluator, found)

        return evaluate

    def _note_missing(self, error: DistributionNotFound) -> bool:
        """Remember what has no candidate at all; return whether that is news."""
        news = False
        for cause in _causes(error):
            name = canonicalize_name(cause.requirement.project_name)
            if not name.startswith("<"):  # pip's name of Requires-Python
                news |= self._is_missing(name)
        return news

    def _is_missing(self, name: str) -> bool:
        if name in self.missing or name in self.offers.direct or self.repository.finder.find_all_candidates(name):
            return False
        links = self.links.get(name, {}).values()
        wheels = sum(link.is_wheel for link in links)
        found = f"{len(links)} files of it, {wheels} of them wheels, none for this platform and Python"
        self.missing[name] = f"the index has {found if links else 'no file of it'}"
        return True

    def _reasons(self, error: Exception) -> str:
        """Return pip's causes of a conflict, one a line."""
        causes = _causes(error)
        names = sorted({canonicalize_name(cause.requirement.project_name) for cause in causes})
        lines = {_cause(cause) for cause in causes}
        lines |= {
            f"{text} is a constraint of {where}"
            for text, where in self.question["constraints"]
            if canonicalize_name(Requirement(text).name) in names
        }
        text = "\n".join([*sorted(lines), *(self._available(name) for name in names)]) or str(error)
        return self.offers.readable(text)

    def _available(self, name: str) -> str:
        if name in self.offers.direct:
            return f"{name} is what its direct reference leads to"
        versions = sorted({each.version for each in self.repository.finder.find_all_candidates(name)}, reverse=True)
        shown = ", ".join(map(str, versions[:_VERSIONS_SHOWN]))
        more = f" and {len(versions) - _VERSIONS_SHOWN} older ones" if len(versions) > _VERSIONS_SHOWN else ""
        return f"{name} has wheels for this platform of: {shown or 'no version'}{more}"

    def _pin(self, ireq: Any) -> dict[str, Any]:
        name = canonicalize_name(ireq.name)
        version = next(iter(ireq.specifier)).version
        if name in self.offers.direct:
            return {"name": name, "sdist": None, "version": version, "wheels": [], "yanked": None}
        if name in self.offers.built:
            sdist = self.offers.sdist(name, version)
            return {"name": name, "sdist": sdist, "version": version, "wheels": [], "yanked": None}
        wheels = sorted(self._wheels(name, Version(version)))
        return {"name": name, "sdist": None, "version": version, "wheels": wheels, "yanked": self._yanked(name, wheels)}

    def _yanked(self, name: str, wheels: Iterable[tuple[str, str, str]]) -> str | None:
        """Return why the wheels are yanked (PEP 592); None where they are not: then all of a version are."""
        urls = {url for _, url, _ in wheels}
        yanked = (link for link in self.links.get(name, {}).values() if link.is_yanked)
        reasons = [link.yanked_reason or "" for link in yanked if link.url_without_fragment in urls]
        return reasons[0] if reasons else None

    def _wheels(self, name: str, version: Version) -> Iterator[tuple[str, str, str]]:
        """Yield (file, url, sha256) of every wheel of a version; of yanked ones only where all are."""
        links = [link for link in self.links.get(name, {}).values() if self._is_of(link, version)]
        for link in [link for link in links if not link.is_yanked] or links:
            if link.hash_name == "sha256":
                yield link.filename, link.url_without_fragment, link.hash
            elif self._fits(link):  # an index without digests: what pip-tools does, too
                digest = self.repository._get_file_hash(link).partition(":")[2]
                yield link.filename, link.url_without_fragment, digest

    def _is_of(self, link: Any, version: Version) -> bool:
        try:
            found = parse_wheel_filename(link.filename)[1]
        except InvalidWheelFilename:
            return False
        cut = self.question["exclude_newer"]
        return found == version and not (cut and link.upload_time and link.upload_time >= _midnight(cut))

    def _fits(self, link: Any) -> bool:
        return not parse_wheel_filename(link.filename)[3].isdisjoint(supported_tags(self.platform))


def _causes(error: Exception) -> tuple[Any, ...]:
    """Return pip's causes of a conflict: requirements, and who states them."""
    return tuple(getattr(error.__cause__, "causes", ()))


def _cause(cause: Any) -> str:
    asked = cause.requirement.format_for_error()
    return f"{cause.parent.name} {cause.parent.version} needs {asked}" if cause.parent else f"{asked} is asked for"


def _midnight(date: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"{date}T00:00:00+00:00")


def _prepared(question: Mapping[str, Any], ask: Ask) -> _Run:
    """Return a run with pip patched for its platform and policy."""
    stated = tuple(sorted(question["marker_values"].items()))
    platform = replace(parse_platform(question["platform"]), stated=stated)
    overrides = tuple(Requirement(text) for text in question["overrides"])
    policy = Policy(overrides=overrides, excludes=tuple(question["excludes"]))
    repository = PyPIRepository(pip_words(question), str(Path(question["cache"], "pip")))
    links: dict[str, dict[str, Any]] = {}
    offers = Offers(question, repository, links, ask)
    run = _Run(question, platform, policy, repository, links, offers)
    repository.finder.evaluate_links = run.record(repository.finder.evaluate_links)
    pip_target.aim(repository, platform)
    pip_target.refuse_failures()
    pip_target.read_upload_times()
    pip_target.prefer(question["preferred"])
    pip_target.rewrite_by(policy, platform, run.missing, pinned=question["pinned"], placed=offers.placed)
    pip_target.read_metadata_from(offers.facts_reader())
    return run


def answered(question: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    """Return the answer: `pins`, `missing`, `conflict` or `faults`."""
    try:
        return _prepared(question, ask).answer()
    except ToolError as error:
        return {"faults": [[fault.what, fault.where, fault.fix] for fault in error.faults]}
    except pip_target.IndexFailure as error:
        return {"faults": [_fault(question, str(error), "check the index that pip is configured with")]}
    except PipError as error:
        if "upload-time" in str(error):
            what = "the index does not say when files were uploaded (PEP 700), which exclude_newer needs"
            return {"faults": [_fault(question, what, 'leave exclude_newer out, or lock with resolver = "uv"')]}
        return {"conflict": str(error)}


def _fault(question: Mapping[str, Any], what: str, fix: str) -> list[str]:
    fault = Fault(f"pip-tools failed for {question['platform']}: {what}", _WHERE, fix)
    return [fault.what, fault.where, fault.fix]
