"""Requirements as a person wrote them, with the place where each stands."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from python_env.base.resolving import Prereleases

_MOST_HASHES = 4
"""Hashes of one requirement that an input shows one by one; of more it shows one digest over all, to stay readable."""
ARCHIVES = (".whl", ".tar.gz", ".zip")
"""File names that a URL or a path may end with; `.tar.bz2` and `.tar.xz` are no sdists (PEP 625)."""


class DirectKind(enum.StrEnum):
    """How the bytes are had."""

    URL = "url"
    GIT = "git"
    LOCAL = "local"


@dataclass(frozen=True, kw_only=True, slots=True)
class Direct:
    """A direct reference, taken apart."""

    kind: DirectKind
    location: str
    """The URL without fragment and revision, or the path from the root of the workspace."""
    revision: str = ""
    """Git: branch, tag or commit; empty for the default branch."""
    subdirectory: str = ""
    sha256: str = ""
    """Digest that the fragment states, or empty."""
    content: str = ""
    """Local: sha256 of the wheel, or of what says how the project is built and what it needs."""

    @property
    def is_wheel(self) -> bool:
        """Return whether it names a built distribution."""
        return self.kind is not DirectKind.GIT and self.location.endswith(".whl")

    @property
    def is_folder(self) -> bool:
        """Return whether it names a project's folder in the workspace."""
        return self.kind is DirectKind.LOCAL and not self.location.endswith(ARCHIVES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One requirement line."""

    requirement: Requirement
    """Name, extras, specifier and marker (PEP 508)."""
    source: str
    """The file, named as the lock names it."""
    line: int
    """First line of the requirement, from 1."""
    hashes: tuple[str, ...] = ()
    """Hex sha256 digests that the locked file must be one of, sorted; empty: any."""
    platforms: tuple[str, ...] = ()
    """Platform tags that the file is read for, sorted; empty: all."""
    editable: bool = False
    """It was asked for by `-e`; it is built as any other local project."""
    direct: Direct | None = None
    """Where the distribution lies, for a direct reference."""
    key: str = ""
    """Key path in a TOML file, where no line is known."""
    pinned: bool = False
    """Whether a lock made elsewhere states it: exactly this version, and nothing but such pins is locked."""
    version: str = ""
    """Version that such a lock states of a direct reference, which must have it; empty: none is stated."""

    @property
    def name(self) -> str:
        """Return the normalised distribution name (PEP 503)."""
        return canonicalize_name(self.requirement.name)

    def is_for(self, tag: str) -> bool:
        """Return whether the line counts on a platform; its marker is not looked at."""
        return not self.platforms or tag in self.platforms

    @property
    def text(self) -> str:
        """Return the requirement as the one text that equal requirements share."""
        return normalised(self.requirement)

    @property
    def input_text(self) -> str:
        """Return the text with its hashes: what the lock records as an input."""
        content = [f"--content=sha256:{self.direct.content}"] if self.direct and self.direct.content else []
        if len(self.hashes) > _MOST_HASHES:
            digest = hashlib.sha256("\n".join(self.hashes).encode()).hexdigest()
            return f"{self.text} --hashes={len(self.hashes)}:sha256:{digest}"
        return " ".join([self.text, *(f"--hash=sha256:{digest}" for digest in self.hashes), *content])

    @property
    def where(self) -> str:
        """Return `file:line`, or `file: key.path`."""
        return f"{self.source}: {self.key}" if self.key else f"{self.source}:{self.line}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a person decided beside the requirements."""

    overrides: tuple[Requirement, ...] = ()
    """Each replaces every requirement of its distribution, whoever states it."""
    excludes: tuple[str, ...] = ()
    """Normalised names of distributions that are left out, whoever asks for them."""
    exclude_newer: str = ""
    """Date (YYYY-MM-DD): files that were uploaded on that day or later are not seen; empty for none."""
    prereleases: Prereleases = Prereleases.AS_ASKED
    sdists: tuple[str, ...] = ()
    """Normalised names of distributions that may be built from their sdist where no wheel fits."""
    no_binary: tuple[str, ...] = ()
    """Normalised names of distributions that are built from their sdist even where a wheel fits."""
    only_binary: tuple[tuple[str, str], ...] = ()
    """What must not be built: (normalised name or `:all:`, the `file:line` that says so), sorted."""
    marker_values: tuple[tuple[str, str], ...] = ()
    """Marker values that are stated beside the platform tags: (name, value), sorted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which optional parts of pyproject.toml files and of locks made elsewhere are asked for; names are normalised."""

    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Dependency groups (PEP 735)."""
    excludes: frozenset[str] = frozenset()
    """Distributions that are left out: of these, what cannot be taken is no fault."""
    bound: tuple[str, ...] = ()
    """Names, and prefixes with `*`, that are bound to an index: to be bound in a file as well is no fault."""

    def is_bound(self, name: str) -> bool:
        """Return whether a normalised name is bound to an index."""
        return any(name == each or (each.endswith("*") and name.startswith(each[:-1])) for each in self.bound)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """The targets that a file says it is for."""

    source: str
    requires_python: str = ""
    """Specifier (PEP 440), or empty."""
    environments: tuple[Marker, ...] = ()
    """A target must fit one of them; empty: any."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexLine:
    """One index option of a requirement file."""

    option: str
    """`--index-url`, `--extra-index-url`, `--find-links` or `--no-index`."""
    value: str
    """URL or path as written; may hold credentials until `requirements.indexes` has refused them."""
    source: str
    line: int

    @property
    def where(self) -> str:
        """Return `file:line`."""
        return f"{self.source}:{self.line}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Indexes:
    """Where distributions are looked for: aliases, and the places that a person wrote into a file."""

    order: tuple[str, ...] = ("default",)
    """Aliases that are asked, first to last, for what is bound nowhere: the first that has it is the only one."""
    urls: tuple[tuple[str, str], ...] = ()
    """(alias, place) as checked in: a URL without credentials (`flat+` before one that is a page of links), or a path
    relative to the workspace; sorted."""
    bindings: tuple[tuple[str, str], ...] = ()
    """(name or prefix with `*`, alias): looked for nowhere else; sorted."""

    def asked_for(self, name: str) -> tuple[str, ...]:
        """Return the aliases that may be asked for a normalised name: the one that it is bound to, or `order`."""
        bound = dict(self.bindings)
        if name in bound:
            return (bound[name],)
        prefixes = [each for each in bound if each.endswith("*") and name.startswith(each[:-1])]
        return (bound[max(prefixes, key=len)],) if prefixes else self.order

    @property
    def aliases(self) -> tuple[str, ...]:
        """Return every alias once, those of bindings last."""
        return tuple(dict.fromkeys([*self.order, *(alias for _, alias in self.bindings)]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """All that is asked for, from all files."""

    requirements: tuple[Asked, ...]
    constraints: tuple[Asked, ...] = ()
    policy: Policy = Policy()
    choice: Choice = Choice()
    scopes: tuple[Scope, ...] = ()
    indexes: Indexes = Indexes()
    index_lines: tuple[IndexLine, ...] = ()
    """The lines that `indexes` comes from, to be joined with a rule's attributes."""

    @property
    def pinned_by(self) -> tuple[str, ...]:
        """Return the locks made elsewhere that are taken over, sorted; where there is one, nothing is resolved."""
        return tuple(sorted({asked.source for asked in self.requirements if asked.pinned}))

    @property
    def needs_sources(self) -> bool:
        """Return whether anything may come from elsewhere than from an index as a wheel."""
        return bool(self.policy.sdists or self.policy.no_binary or any(line.direct for line in self.requirements))


def normalised(requirement: Requirement, *, marker: bool = True) -> str:
    """Return a requirement with normalised name, sorted extras and specifiers, and its marker unless told not to."""
    extras = (
        f"[{','.join(sorted(canonicalize_name(extra) for extra in requirement.extras))}]" if requirement.extras else ""
    )
    specifier = ",".join(sorted(str(part) for part in requirement.specifier))
    place = f" @ {requirement.url}" if requirement.url else ""
    tail = f"{' ' if place else ''}; {requirement.marker}" if marker and requirement.marker else ""
    return f"{canonicalize_name(requirement.name)}{extras}{specifier}{place}{tail}"
