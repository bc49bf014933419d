"""pip, made to see one platform and not this machine. Imported in the child process only."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pip._internal.index.collector as collector
import pip._internal.resolution.resolvelib.factory as factory
import pip._vendor.packaging.markers as markers
from packaging.requirements import Requirement
from pip._internal.index.package_finder import CandidateEvaluator
from pip._internal.metadata import get_metadata_distribution
from pip._internal.models.link import Link
from pip._internal.models.target_python import TargetPython
from pip._internal.operations.prepare import RequirementPreparer
from pip._internal.utils.datetime import parse_iso_datetime
from pip._vendor.packaging.tags import Tag
from pip._vendor.packaging.utils import canonicalize_name
from pip._vendor.packaging.version import Version

from python_env.base.platforms import Platform, marker_environment
from python_env.base.wheel_tags import supported_tags
from python_env.lock.facts import Facts
from python_env.lock.resolvers.rewrite import rewritten
from python_env.requirements.model import Policy

_EXTRA = re.compile(r"""\bextra\s*==\s*['"]([^'"]+)['"]|['"]([^'"]+)['"]\s*==\s*extra\b""")


class IndexFailure(Exception):
    """The index did not answer: pip would go on as if it had nothing of that name."""


def target_python(platform: Platform) -> TargetPython:
    """Return pip's target with exactly the platform's tags, in their order: pip's own options know fewer."""
    target = TargetPython(py_version_info=Version(platform.python_full_version).release)
    target._valid_tags = [Tag(tag.interpreter, tag.abi, tag.platform) for tag in supported_tags(platform)]
    return target


def aim(repository: Any, platform: Platform) -> None:
    """Point a pip-tools repository, and pip's markers, tags and Requires-Python, at the platform."""
    target = target_python(platform)
    environment = marker_environment(platform)
    markers.default_environment = lambda: dict(environment)
    factory.get_supported = lambda *_, **__: target.get_sorted_tags()
    repository.finder._target_python = target
    command = repository.command
    command.make_resolver = functools.partial(command.make_resolver, py_version_info=target.py_version_info)


def refuse_failures() -> None:
    """Let a page that cannot be read be an error, except one that the index does not have (404)."""

    def fail(_link: object, reason: object, meth: object = None) -> None:
        if getattr(getattr(reason, "response", None), "status_code", None) != 404:
            raise IndexFailure(str(reason))

    collector._handle_get_simple_fail = fail


def read_upload_times() -> None:
    """Let HTML pages tell upload times, too, as uv lets them: pip reads them from JSON only (PEP 700)."""
    real = Link.from_element.__func__

    def from_element(cls: Any, anchor_attribs: Mapping[str, str | None], page_url: str, base_url: str) -> Any:
        link = real(cls, anchor_attribs, page_url, base_url)
        if link is not None and (text := anchor_attribs.get("data-upload-time")):
            link.upload_time = parse_iso_datetime(text)
        return link

    Link.from_element = classmethod(from_element)


def prefer(versions: Mapping[str, str]) -> None:
    """Let the resolver try these versions first, wherever the requirements allow them: pip takes the last candidate."""
    wanted = {name: Version(version) for name, version in versions.items()}
    real = CandidateEvaluator.get_applicable_candidates

    def preferring(self: Any, candidates: list[Any]) -> list[Any]:
        version = wanted.get(canonicalize_name(self._project_name))
        found = sorted(real(self, candidates), key=lambda candidate: bool(candidate.version == version))
        return [_kept(each) if each.version == version and each.link.is_yanked else each for each in found]

    CandidateEvaluator.get_applicable_candidates = preferring


def _kept(candidate: Any) -> Any:
    """Return a locked candidate that is yanked by now as one that is not: pip takes those only by `==` (PEP 592)."""
    link = copy.copy(candidate.link)
    link.yanked_reason = None
    return type(candidate)(candidate.name, str(candidate.version), link)


def read_metadata_from(facts_of: Callable[[Any], Facts | None]) -> None:
    """Let pip take the facts of a requirement with a link; it downloads and builds only what has none."""
    real = RequirementPreparer._fetch_metadata_only

    def fetch(self: Any, req: Any) -> Any:
        facts = facts_of(req)
        if facts is None:
            return real(self, req)
        return get_metadata_distribution(render_metadata(facts), req.link.filename, req.req.name)

    RequirementPreparer._fetch_metadata_only = fetch


def render_metadata(facts: Facts) -> bytes:
    """Return the METADATA that says what the facts say; the extras are those that the requirements name."""
    lines = ["Metadata-Version: 2.1", f"Name: {facts.name}", f"Version: {facts.version}"]
    lines += [f"Requires-Python: {facts.requires_python}"] if facts.requires_python else []
    lines += [f"Requires-Dist: {' '.join(requirement.split())}" for requirement in facts.requires]
    lines += [f"Provides-Extra: {extra}" for extra in sorted(set(_extras(facts.requires)))]
    return ("\n".join(lines) + "\n").encode()


def _extras(requires: Iterable[str]) -> Iterator[str]:
    """Yield the extras that markers compare with (PEP 508: on either side)."""
    for text in requires:
        for right, left in _EXTRA.findall(text.partition(";")[2]):
            yield str(canonicalize_name(right or left))


def rewrite_by(
    policy: Policy,
    platform: Platform,
    excludes: Mapping[str, str],
    *,
    pinned: bool,
    placed: Callable[[Requirement, str], Requirement],
) -> None:
    """Apply overrides and excludes, and what `excludes` holds by then, to what distributions require.

    Of a lock that is taken over (`pinned`) they require nothing: all that it holds is asked for. `placed` gives a
    direct reference, with who states it, the URL that pip may have.
    """
    real = factory.Factory.make_requirements_from_spec
    environment = marker_environment(platform)

    def make(self: Any, specifier: str, comes_from: Any, requested_extras: Iterable[str] = ()) -> Iterator[Any]:
        extras = tuple(requested_extras)
        if pinned:
            return
        for requirement in rewritten(
            Requirement(specifier), policy, environment=environment, extras=extras, excludes=excludes
        ):
            followed = placed(requirement, str(comes_from.name)) if requirement.url else requirement
            yield from real(self, str(followed), comes_from, extras)

    factory.Factory.make_requirements_from_spec = make
