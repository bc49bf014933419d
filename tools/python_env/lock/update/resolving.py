"""Every platform asked side by side, until each pin has a wheel there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from packaging.tags import Tag
from packaging.utils import canonicalize_version

from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform
from python_env.base.wheel_tags import supported_tags
from python_env.lock.choice import unfit_versions
from python_env.lock.extends.pins import explained, forced, lost
from python_env.lock.pins import answer, make_question
from python_env.lock.resolvers.model import Candidate, Question, Resolved, Unresolvable
from python_env.lock.sources.model import Origin
from python_env.lock.update.choosing import Choice, Chooser, allowed_digests, no_hash, no_wheel, references
from python_env.lock.update.faults import merge_faults
from python_env.lock.update.task import Task

_MOST_REASONS = 15
"""Lines of a resolver's explanation that are told where versions were refused before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """One platform's pins with their wheels."""

    platform: Platform
    wheels: Mapping[str, tuple[str, Candidate]]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """By name, where those wheels come from that are built or lie outside the indexes."""


def resolve_all(task: Task, platforms: Sequence[Platform], preferred: Mapping[str, Mapping[str, str]]) -> list[Chosen]:
    """Ask for all platforms at once; the faults of all that fail are raised together."""
    faults: list[tuple[str, Fault]] = []
    chosen: list[Chosen] = []
    with ThreadPoolExecutor(max_workers=len(platforms)) as pool:
        futures = [pool.submit(_resolve, task, each, preferred.get(each.tag, {})) for each in platforms]
        for platform, future in zip(platforms, futures, strict=True):
            try:
                chosen.append(future.result())
            except Unresolvable as error:
                faults += [(platform.tag, fault) for fault in error.faults]
    if faults:
        raise ToolError(merge_faults(faults))
    return chosen


def _resolve(task: Task, platform: Platform, preferred: Mapping[str, str]) -> Chosen:
    """Ask the resolver until every pin has a wheel for the platform's floor, or none is left to ask for.

    A distribution with a version that has none is asked for at most once more: all its unfit versions are refused then.
    Where its files are not known, one version is refused in each round.
    """
    question = make_question(task.request, platform, preferred)
    question = replace(question, references=references(task, question))
    question = forced(question, task.base) if task.base else question
    chooser = Chooser(task, question, supported_tags(platform), allowed_digests(task, platform))
    unfit: dict[str, str] = {}
    while True:
        task.progress(platform.tag, f"asking {task.resolver.name}")
        choices = [chooser.choose(pin) for pin in _answer(task, question, unfit)]
        refused = {(choice.pin.name, choice.pin.version) for choice in choices if choice.wheel is None}
        if not refused:
            task.progress(platform.tag, f"{len(choices)} distributions")
            return _chosen(platform, choices)
        if task.base and (gone := lost(task.base, platform, sorted(name for name, _ in refused))):
            raise Unresolvable(gone)
        if hashed := sorted((name, version) for name, version in refused if name in chooser.allowed):
            raise Unresolvable([no_hash(name, version, platform, task.request) for name, version in hashed])
        if refused <= question.refused:
            raise Unresolvable([no_wheel(name, version, platform) for name, version in sorted(refused)])
        unfit = {**dict(sorted(refused)), **unfit}
        question = replace(question, refused=question.refused | refused | _unfit(task, refused, chooser.tags))


def _unfit(task: Task, refused: Iterable[tuple[str, str]], tags: tuple[Tag, ...]) -> set[tuple[str, str]]:
    """Return the versions without a fitting wheel of all distributions that may not be built."""
    policy = task.request.policy
    names = {name for name, _ in refused} - {*policy.sdists, *policy.no_binary}
    return {(name, version) for name in names for version in unfit_versions(task.files(name), tags)}


def _answer(task: Task, question: Question, unfit: Mapping[str, str]) -> tuple[Resolved, ...]:
    """Return the resolver's answer; its explanation is led by what was refused of the names in it."""
    try:
        return answer(task.resolver, question)
    except Unresolvable as error:
        said = "\n".join(fault.what for fault in error.faults)
        named = [name for name in unfit if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", said)]
        reasons = map(_shortened, error.faults) if named else error.faults
        faults = [*(no_wheel(name, unfit[name], question.platform) for name in named), *reasons]
        raise Unresolvable(explained(faults, task.base, question.platform) if task.base else faults) from None


def _shortened(fault: Fault) -> Fault:
    """Return a fault without the end of a long explanation: it goes through all that was refused, one by one."""
    lines = fault.what.splitlines()
    more = len(lines) - _MOST_REASONS
    return fault if more <= 0 else replace(fault, what="\n".join([*lines[:-more], f"({more} more lines)"]))


def _chosen(platform: Platform, choices: Sequence[Choice]) -> Chosen:
    return Chosen(
        platform=platform,
        wheels={each.pin.name: (_version(each.pin), each.wheel) for each in choices if each.wheel},
        origins={each.pin.name: each.origin for each in choices if each.origin},
    )


def _version(pin: Resolved) -> str:
    return canonicalize_version(pin.version, strip_trailing_zero=False)
