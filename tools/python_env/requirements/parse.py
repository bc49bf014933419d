"""Requirement files, as pip reads them: text to model, with an injected reader."""

from __future__ import annotations

import datetime
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.requirements.indexes import make_indexes, parse_index_line
from python_env.requirements.model import Asked, IndexLine, Policy, Request

Reader = Callable[[str], str]
"""Returns the text of a file, by the name that the lock uses; raises FileNotFoundError."""

_COMMENT = re.compile(r"(^|\s+)#.*$")
_HASH = re.compile(r"\s+--hash(?:=|\s+)(\S+)")
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_WHEELS_ONLY = re.compile(r"--prefer-binary|--only-binary(?:=|\s+):all:")
"""What pip takes and what always holds here: only wheels are locked."""

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
_INCLUDE = re.compile(r"(?:(-r|-c)\s*|(--requirement|--constraint)(?:\s+|\s*=\s*))(.+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: continuations joined, comments gone."""

    text: str
    number: int


@dataclass(slots=True)
class _Parse:
    read: Reader
    requirements: list[Asked] = field(default_factory=list)
    constraints: list[Asked] = field(default_factory=list)
    index_lines: list[IndexLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, what: str, where: str, fix: str) -> None:
        self.faults.append(Fault(what, where, fix))


def logical_lines(text: str) -> Iterator[Line]:
    """Yield the logical lines of a requirement file: continuations first, then comments, as pip does."""
    pending, start = "", 0
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not pending:
            start = number
        comment = _COMMENT.search(raw)
        if raw.endswith("\\") and not (comment and not raw[: comment.start()].strip()):
            pending += raw[:-1]
            continue
        line = _COMMENT.sub("", pending + raw).strip()
        pending = ""
        if line:
            yield Line(line, start)
    if line := _COMMENT.sub("", pending).strip():
        yield Line(line, start)


def parse_request(requirements: list[str], constraints: list[str], *, read: Reader) -> Request:
    """Return everything that the files ask for, files reached by -r and -c included.

    Raises ToolError with all lines that are not understood or not supported.
    """
    parse = _Parse(read)
    for source in requirements:
        _parse_file(parse, source, parse.requirements, stack=())
    for source in constraints:
        _parse_file(parse, source, parse.constraints, stack=())
    try:
        indexes = make_indexes(parse.index_lines)
    except ToolError as error:
        parse.faults += error.faults
    if parse.faults:
        raise ToolError(parse.faults)
    return Request(
        requirements=tuple(parse.requirements),
        constraints=tuple(parse.constraints),
        indexes=indexes,
        index_lines=tuple(parse.index_lines),
    )


def parse_policy(*, overrides: Sequence[str], excludes: Sequence[str], exclude_newer: str, prereleases: str) -> Policy:
    """Return a policy from the words of a rule's attributes.

    Raises ToolError with every word that is not understood.
    """
    faults: list[Fault] = []
    replaced = [_override(text, faults) for text in overrides]
    for name in excludes:
        if not _NAME.fullmatch(name):
            faults.append(Fault(f"not the name of a distribution: {name!r}", "excludes", "write the name alone"))
    for name in sorted(
        {canonicalize_name(each.name) for each in replaced if each} & set(map(canonicalize_name, excludes))
    ):
        faults.append(Fault(f"{name} is both overridden and excluded", "overrides, excludes", "keep one of the two"))
    if exclude_newer and not _is_date(exclude_newer):
        faults.append(Fault(f"not a date: {exclude_newer!r}", "exclude_newer", "write it as YYYY-MM-DD"))
    if prereleases not in ("", "allow", "disallow"):
        faults.append(
            Fault(f"unknown value {prereleases!r}", "prereleases", "write allow or disallow, or leave it out")
        )
    if faults:
        raise ToolError(faults)
    return Policy(
        overrides=tuple(sorted((each for each in replaced if each), key=str)),
        excludes=tuple(sorted({canonicalize_name(name) for name in excludes})),
        exclude_newer=exclude_newer,
        prereleases=prereleases,
    )


def _override(text: str, faults: list[Fault]) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        faults.append(Fault(f"not a requirement: {text} ({reason})", "overrides", "write it as PEP 508 says"))
        return None


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _parse_file(parse: _Parse, source: str, into: list[Asked], *, stack: tuple[str, ...], where: str = "") -> None:
    if source in stack:
        chain = " -> ".join((*stack[stack.index(source) :], source))
        parse.fault(f"requirement files include each other: {chain}", where, "remove one of the -r or -c lines")
        return
    try:
        text = parse.read(source)
    except FileNotFoundError:
        fix = "mend the name; in Bazel, list the file in `included` (or `requirements`, `constraints`) too"
        parse.fault(f"there is no requirement file {source}", where or source, fix)
        return
    except UnicodeDecodeError as error:
        parse.fault(f"not UTF-8: {error.reason} at byte {error.start}", source, "save the file as UTF-8")
        return
    for line in logical_lines(text):
        _parse_line(parse, line, source, into, stack=(*stack, source))


def _parse_line(parse: _Parse, line: Line, source: str, into: list[Asked], *, stack: tuple[str, ...]) -> None:
    where = f"{source}:{line.number}"
    if include := _INCLUDE.fullmatch(line.text):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), include[3].strip().strip("'\"")))
        constraint = (include[1] or include[2]) in ("-c", "--constraint")
        _parse_file(parse, target, parse.constraints if constraint else into, stack=stack, where=where)
    elif not _VARIABLE.search(line.text) and (index := parse_index_line(line.text, source, line.number)):
        parse.index_lines.append(index)
    elif reason := _unsupported(_HASH.sub("", line.text)):
        parse.fault(f"{reason[0]}: {line.text}", where, reason[1])
    elif not _WHEELS_ONLY.fullmatch(line.text):
        _parse_requirement(parse, line, source, into)


def _unsupported(text: str) -> tuple[str, str] | None:
    """Return what is not supported about a line, and what to do instead; None for a plain requirement."""
    if _VARIABLE.search(text):
        return "environment variables are not supported", "write the value itself"
    if re.match(r"(-e|--editable)\b", text):
        return "editable projects are not supported", "ship first-party code through `srcs`"
    if _WHEELS_ONLY.fullmatch(text):
        return None
    if text.startswith("-"):
        return "this option is not supported", "remove the line"
    if re.search(r"\s--\w", text):
        return "options of a requirement other than --hash are not supported", "remove them"
    if re.match(r"(git|hg|svn|bzr)\+", text) or re.search(r"@\s*(git|hg|svn|bzr)\+", text):
        return "version control requirements are not supported", "name a released version"
    if re.search(r"@\s*[a-z][a-z0-9+.-]*:", text) or re.match(r"[a-z][a-z0-9+.-]*://", text):
        return "direct URLs are not supported", "name the distribution and a version"
    if re.match(r"\.{0,2}/", text) or re.search(r"\.(whl|tar\.gz|zip)$", text):
        return "local paths are not supported", "name the distribution and a version"
    return None


def _parse_requirement(parse: _Parse, line: Line, source: str, into: list[Asked]) -> None:
    where = f"{source}:{line.number}"
    hashes = _HASH.findall(line.text)
    for text in hashes:
        if not _SHA256.fullmatch(text):
            fix = "write --hash=sha256:<64 lower-case hexadecimal digits>"
            parse.fault(f"not a sha256 hash: {text}", where, fix)
    try:
        requirement = Requirement(_HASH.sub("", line.text))
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        parse.fault(f"not a requirement: {line.text} ({reason})", where, "write it as PEP 508 says, e.g. numpy>=2,<3")
        return
    digests = tuple(sorted({text.partition(":")[2] for text in hashes}))
    into.append(Asked(requirement=requirement, source=source, line=line.number, hashes=digests))
