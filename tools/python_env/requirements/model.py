"""Requirements as a person wrote them, with the place where each stands."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


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

    @property
    def name(self) -> str:
        """Return the normalised distribution name (PEP 503)."""
        return canonicalize_name(self.requirement.name)

    @property
    def text(self) -> str:
        """Return the requirement as the one text that equal requirements share."""
        return normalised(self.requirement)

    @property
    def input_text(self) -> str:
        """Return the text with its hashes: what the lock records as an input."""
        return " ".join([self.text, *(f"--hash=sha256:{digest}" for digest in self.hashes)])

    @property
    def where(self) -> str:
        """Return `file:line`."""
        return f"{self.source}:{self.line}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a person decided beside the requirements."""

    overrides: tuple[Requirement, ...] = ()
    """Each replaces every requirement of its distribution, whoever states it."""
    excludes: tuple[str, ...] = ()
    """Normalised names of distributions that are left out, whoever asks for them."""
    exclude_newer: str = ""
    """Date (YYYY-MM-DD): files that were uploaded on that day or later are not seen; empty for none."""
    prereleases: str = ""
    """`allow` or `disallow`; empty: where a requirement names one, or there is nothing else."""


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
    indexes: Indexes = Indexes()
    index_lines: tuple[IndexLine, ...] = ()
    """The lines that `indexes` comes from, to be joined with a rule's attributes."""


def normalised(requirement: Requirement, *, marker: bool = True) -> str:
    """Return a requirement with normalised name, sorted extras and specifiers, and its marker unless told not to."""
    extras = (
        f"[{','.join(sorted(canonicalize_name(extra) for extra in requirement.extras))}]" if requirement.extras else ""
    )
    specifier = ",".join(sorted(str(part) for part in requirement.specifier))
    tail = f"; {requirement.marker}" if marker and requirement.marker else ""
    return f"{canonicalize_name(requirement.name)}{extras}{specifier}{tail}"
