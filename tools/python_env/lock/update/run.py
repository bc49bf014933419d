"""One run of `lock update`: all platforms together, or as many as succeed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.console import Console

from python_env.base.errors import Fault, ToolError
from python_env.base.marker_values import MarkerValues
from python_env.base.platforms import Platform
from python_env.lock.cli_inputs import parse_platforms
from python_env.lock.extends.model import Base
from python_env.lock.model import Inputs, Lock
from python_env.lock.request_words import RequestWords
from python_env.lock.update.merge import check_kept, merge
from python_env.lock.update.old_lock import OldLock
from python_env.lock.update.open_task import Assignment, Programs, open_tasks
from python_env.lock.update.options import Options
from python_env.lock.update.refresh import refresh
from python_env.lock.update.upgrades import Upgrades
from python_env.requirements.model import Request

_MEND = 'mend the failure above, or ask for the distribution only elsewhere, e.g. triton; sys_platform == "linux"'


def _asked_platforms(options: Options, values: MarkerValues) -> tuple[Platform, ...]:
    """Return the platforms to refresh: all that the lock shall hold, or those of them that a person names."""
    locked = parse_platforms(options.locked_platform, values)
    unknown = [tag for tag in options.platform if tag not in options.locked_platform]
    if unknown:
        fix = f"name one of: {', '.join(options.locked_platform)}; or add it to `platforms`"
        raise ToolError(Fault(f"{tag} is not among the environment's platforms", "--platform", fix) for tag in unknown)
    return tuple(platform for platform in locked if not options.platform or platform.tag in options.platform)


@dataclass(frozen=True, slots=True)
class Refresher:
    """One run of the command."""

    options: Options
    console: Console
    request: Request
    inputs: Inputs
    old: OldLock
    upgrades: Upgrades
    base: Base | None = None

    def run(self) -> tuple[Lock, list[Fault]]:
        """Return the new lock, and the faults of platforms that kept their old section."""
        platforms = _asked_platforms(self.options, self.request.policy.marker_values)
        kept = [tag for tag in self.inputs.platforms if tag not in {platform.tag for platform in platforms}]
        if kept:
            check_kept(self.old.lock, self.inputs, kept)
        if not self.options.keep_going:
            return self._joined(self._refresh(platforms)), []
        return self._one_by_one(platforms)

    def _one_by_one(self, platforms: Sequence[Platform]) -> tuple[Lock, list[Fault]]:
        """Refresh what can be refreshed; raises ToolError when nothing can, or nothing is there to keep."""
        try:
            return self._joined(self._refresh(platforms)), []
        except ToolError as error:
            faults = list(error.faults)
        good = [platform for platform in platforms if self._succeeds(platform)]
        failed = [platform.tag for platform in platforms if platform not in good]
        try:
            check_kept(self.old.lock, self.inputs, failed)
        except ToolError as error:
            raise ToolError([*faults, *(replace(fault, fix=_MEND) for fault in error.faults)]) from None
        if not good:
            raise ToolError(faults)
        try:
            return self._joined(self._refresh(good)), faults
        except ToolError as error:
            raise ToolError(dict.fromkeys([*faults, *error.faults])) from None

    def _succeeds(self, platform: Platform) -> bool:
        try:
            self._refresh([platform])
        except ToolError:
            return False
        return True

    def _joined(self, new: Lock) -> Lock:
        return merge(new, self.old.lock, self.inputs) if self.old.lock else replace(new, inputs=self.inputs)

    def _refresh(self, platforms: Sequence[Platform]) -> Lock:
        assignment = Assignment(
            request=replace(self.request, constraints=(*self.request.constraints, *self.upgrades.pins)),
            platforms=platforms,
            base=self.base,
            programs=Programs(uv=self.options.uv, pip_tools_wheels=self.options.pip_tools_wheel),
            root=self.options.root,
            files_root=RequestWords.of(self.options).files_root,
            kept=None if self.options.upgrade else self.old.pins,
            moving=self.upgrades.names,
            tool_constraints=self.upgrades.tool_pins,
        )
        with (
            open_tasks(assignment, [self.options.resolver]) as (task,),
            self.console.status(f"locking {self.options.name}") as status,
        ):
            whole = len(platforms) == len(self.inputs.platforms)
            told = replace(task, progress=lambda tag, what: status.update(f"{tag}: {what}"), all_platforms=whole)
            return refresh(told)
