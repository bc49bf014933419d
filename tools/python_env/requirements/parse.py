"""Requirement files, as pip reads them: text to model, with an injected reader."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from python_env.base.errors import Fault, ToolError
from python_env.base.pep508 import parse_requirement
from python_env.base.resolving import Prereleases
from python_env.requirements.direct import NotDirect, is_direct, named_text, parse_direct
from python_env.requirements.foreign_lock import hashed_pins, is_document, is_pylock, is_uv_lock, unknown_choices
from python_env.requirements.foreign_lock_pylock import parse_pylock
from python_env.requirements.foreign_lock_uv import parse_uv_lock
from python_env.requirements.indexes import make_indexes, parse_index_line
from python_env.requirements.model import Asked, Choice, Indexes, IndexLine, Policy, Request
from python_env.requirements.policy import NAME, shown
from python_env.requirements.pyproject import parse_pyproject
from python_env.requirements.toml_file import Document, TomlFile

Reader = Callable[[str], str]
"""Returns the text of a file, by the name that the lock uses; raises OSError, or ValueError for a name that is none."""

_MOST_NESTED = 50
"""Files that include one another in a chain."""

_COMMENT = re.compile(r"(^|(?<!\s)\s+)#.*$")
_HASH = re.compile(r"(?<!\s)\s+--hash(?:=|\s+)(\S+)")
"""White space is tried from its first character only: else a line of n spaces costs n * n steps."""

_NOTHING_CHOSEN = Choice()
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_WHEELS_ONLY = re.compile(r"--prefer-binary|--only-binary(?:=|\s+)(\S+)")
"""What pip takes and what holds here anyway: a wheel is taken unless the environment allows to build."""

_NO_BINARY = re.compile(r"--no-binary(?:=|\s+)(\S+)")
_EDITABLE = re.compile(r"(?:-e\s*|--editable(?:=|\s+))(.+)")

_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_INCLUDE = re.compile(r"""(?:(-r|-c)\s*|(--requirement|--constraint)(?:\s+|=))("[^"]+"|'[^']+'|[^\s"'][^"']*)""")


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: continuations joined, comments gone."""

    text: str
    number: int


@dataclass(slots=True)
class _Parse:
    read: Reader
    variables: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()
    """Tags that the files now read are for; empty: all."""
    prereleases: bool = False
    require_hashes: str = ""
    """Place of the first `--require-hashes`."""
    no_binary: set[str] = field(default_factory=set)
    only_binary: set[str] = field(default_factory=set)
    requirements: list[Asked] = field(default_factory=list)
    constraints: list[Asked] = field(default_factory=list)
    choice: Choice = _NOTHING_CHOSEN
    documents: list[Document] = field(default_factory=list)
    index_lines: list[IndexLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    done: set[tuple[str, bool, tuple[str, ...]]] = field(default_factory=set)
    """Files that were read, as requirements or as constraints (True), and for which platforms: each is read once."""

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


def parse_request(
    requirements: list[str],
    constraints: list[str],
    *,
    read: Reader,
    variables: Mapping[str, str] | None = None,
    for_platforms: Mapping[str, Sequence[str]] | None = None,
    choice: Choice = _NOTHING_CHOSEN,
) -> Request:
    """Return everything that the files ask for, files reached by -r and -c included.

    `variables` are the values that `${NAME}` may stand for; `for_platforms` holds by file name the platform tags that
    a file is read for, all where it is not named. Raises ToolError with all lines that are not understood.
    """
    parse = _Parse(read, variables or {}, choice=choice)
    for source in requirements:
        parse.platforms = tuple(sorted((for_platforms or {}).get(source, ())))
        _parse_file(parse, source, parse.requirements, stack=())
    parse.platforms = ()
    for source in constraints:
        _parse_file(parse, source, parse.constraints, stack=())
    _check_hashes(parse)
    for name in sorted(parse.no_binary & parse.only_binary):
        what = f"{name} stands under --no-binary and under --only-binary"
        parse.fault(what, ", ".join(requirements), "keep one of the two")
    indexes = _indexes(parse)
    if faults := parse.faults or unknown_choices(parse.documents, choice):
        raise ToolError(faults)
    return Request(
        requirements=hashed_pins(parse.requirements),
        constraints=tuple(parse.constraints),
        policy=Policy(
            no_binary=tuple(sorted(parse.no_binary)),
            prereleases=Prereleases.ALLOW if parse.prereleases else Prereleases.AS_ASKED,
        ),
        choice=choice,
        scopes=tuple(document.scope for document in parse.documents),
        indexes=indexes,
        index_lines=tuple(parse.index_lines),
    )


def _indexes(parse: _Parse) -> Indexes:
    try:
        return make_indexes(parse.index_lines)
    except ToolError as error:
        parse.faults += error.faults
        return Indexes()


def _check_hashes(parse: _Parse) -> None:
    """Note every requirement without a hash where a file says --require-hashes."""
    for asked in parse.requirements if parse.require_hashes else ():
        if not asked.hashes and not (asked.direct and asked.direct.sha256):
            what = f"{asked.text} has no hash, but {parse.require_hashes} says --require-hashes"
            fix = "add --hash=sha256:..., or remove --require-hashes: the lock holds all hashes"
            parse.fault(what, asked.where, fix)


def _read(parse: _Parse, source: str, *, where: str) -> str | None:
    try:
        return parse.read(source)
    except FileNotFoundError:
        fix = f'add it to `included = [..., "{posixpath.basename(source)}"]` of python_env, or mend its name'
        parse.fault(f"{shown(source)} is no file that Bazel was told of", where, fix)
    except UnicodeDecodeError as error:
        parse.fault(f"not UTF-8: {error.reason} at byte {error.start}", source, "save the file as UTF-8")
    except OSError as error:
        parse.fault(f"{shown(source)} cannot be read: {error.strerror}", where, "name a requirement file")
    except ValueError as error:
        parse.fault(f"{source!r} cannot be read: {error}", where, "name a requirement file")
    return None


def _parse_file(parse: _Parse, source: str, into: list[Asked], *, stack: tuple[str, ...], where: str = "") -> None:
    if source in stack:
        chain = " -> ".join((*stack[stack.index(source) :], source))
        parse.fault(f"requirement files include each other: {chain}", where, "remove one of the -r or -c lines")
        return
    reading = (source, into is parse.constraints, parse.platforms)
    if reading in parse.done:
        return
    parse.done.add(reading)
    if len(stack) == _MOST_NESTED:
        parse.fault(f"requirement files are nested deeper than {_MOST_NESTED}", where, "include them in fewer steps")
        return
    text = _read(parse, source, where=where or source)
    if text is None:
        return
    if is_document(source):
        _parse_document(parse, text, source, into, where=where)
        return
    for line in logical_lines(text):
        _parse_line(parse, line, source, into, stack=(*stack, source))


def _parse_document(parse: _Parse, text: str, source: str, into: list[Asked], *, where: str) -> None:
    """Take a file that is no requirement file, by its name."""
    name = posixpath.basename(source)
    if where or into is parse.constraints:
        what = f"{name} is not a {'constraint' if into is parse.constraints else 'requirement'} file"
        parse.fault(what, where or source, f"list {name} in the attribute `requirements`")
        return
    file = TomlFile(source)
    if name == "pyproject.toml":
        document = parse_pyproject(text, file, parse.choice)
    elif is_pylock(source):
        document = parse_pylock(text, file, parse.choice)
    elif is_uv_lock(source):
        document = parse_uv_lock(text, file, parse.choice)
    else:
        fix = "name pyproject.toml, pylock.toml, uv.lock or requirement files; other tools can export one of them"
        parse.fault(f"{name} is not a file that is understood", source, fix)
        return
    parse.faults += file.faults
    parse.documents.append(document)
    into += document.asked


def _climbs(path: str) -> int:
    """Return how many folders a path goes up; a file of another repository starts with one."""
    return path.split("/").count("..")


def _parse_line(parse: _Parse, line: Line, source: str, into: list[Asked], *, stack: tuple[str, ...]) -> None:
    where = f"{source}:{line.number}"
    unknown = [name for name in _VARIABLE.findall(line.text) if name not in parse.variables]
    for name in unknown:
        parse.fault(f"variable {name} is not declared", where, f'declare it: `variables = {{"{name}": ...}}`')
    if unknown:
        return
    text = _VARIABLE.sub(lambda found: parse.variables[found[1]], line.text)
    if include := _INCLUDE.fullmatch(text):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), include[3].strip().strip("'\"")))
        constraint = (include[1] or include[2]) in ("-c", "--constraint")
        if target.startswith("/") or _climbs(target) > _climbs(source):
            parse.fault(f"{shown(target)} lies outside the workspace", where, "name a file of the workspace")
            return
        _parse_file(parse, target, parse.constraints if constraint else into, stack=stack, where=where)
    elif index := parse_index_line(text, source, line.number):
        parse.index_lines.append(index)
    elif not _take_option(parse, text, where):
        _parse_requirement(parse, Line(text, line.number), source, into)


def _take_option(parse: _Parse, text: str, where: str) -> bool:
    """Take a line that is an option; return whether it was one."""
    if text == "--pre":
        parse.prereleases = True
    elif text == "--require-hashes":
        parse.require_hashes = parse.require_hashes or where
    elif found := _WHEELS_ONLY.fullmatch(text):
        parse.only_binary |= _names(parse, found[1] or "", where, all_means=())
    elif found := _NO_BINARY.fullmatch(text):
        parse.no_binary |= _names(parse, found[1], where, all_means=None)
    elif re.match(r"-[^'\"]*(?:\"[^\"]*|'[^']*)$", text):
        parse.fault(f"a quotation mark is not closed: {text}", where, "close it")
    elif text.startswith("-") and not _EDITABLE.fullmatch(text):
        what = f"this option is not supported: {text}"
        parse.fault(what, where, "remove the line")
    else:
        return False
    return True


def _names(parse: _Parse, text: str, where: str, *, all_means: tuple[str, ...] | None) -> set[str]:
    """Return the normalised names of a comma-separated list, as --no-binary and --only-binary take it."""
    names: set[str] = set()
    for word in filter(None, text.split(",")):
        if word == ":all:" and all_means is not None:
            names.update(all_means)
        elif word.startswith(":") or not NAME.fullmatch(word):
            parse.fault(f"not the name of a distribution: {word}", where, "name the distributions, separated by commas")
        else:
            names.add(canonicalize_name(word))
    return names


def _project_name(parse: _Parse, folder: str) -> str:
    """Return the name that a project's pyproject.toml states (PEP 621), or an empty string."""
    try:
        table = tomllib.loads(parse.read(posixpath.join(folder, "pyproject.toml"))).get("project", {})
    except (OSError, ValueError):
        return ""
    name = table.get("name", "") if isinstance(table, dict) else ""
    return name if isinstance(name, str) else ""


def _parse_requirement(parse: _Parse, line: Line, source: str, into: list[Asked]) -> None:
    where = f"{source}:{line.number}"
    hashes = _HASH.findall(line.text)
    for text in hashes:
        if not _SHA256.fullmatch(text):
            fix = "write --hash=sha256:<64 lower-case hexadecimal digits>"
            parse.fault(f"not a sha256 hash: {text}", where, fix)
    plain = _HASH.sub("", line.text)
    editable = _EDITABLE.fullmatch(plain)
    text = editable[1].strip() if editable else plain
    if re.search(r"\s--\w", text):
        what = f"options of a requirement other than --hash are not supported: {line.text}"
        parse.fault(what, where, "remove them")
        return
    try:
        if is_direct(text):
            text = named_text(text, source=source, project_name=lambda folder: _project_name(parse, folder))
        requirement = parse_requirement(text)
        direct = parse_direct(requirement.url) if requirement.url else None
    except NotDirect as error:
        parse.fault(f"{error.what}: {shown(line.text)}", where, error.fix)
        return
    except InvalidRequirement as error:
        fix = "write it as PEP 508 says, e.g. numpy>=2,<3"
        parse.fault(f"not a requirement: {shown(line.text)} ({error})", where, fix)
        return
    if into is parse.constraints and requirement.extras:
        parse.fault(f"a constraint cannot have extras: {line.text}", where, "write the name without them")
        return
    digests = tuple(sorted({text.partition(":")[2] for text in hashes}))
    asked = Asked(
        requirement=requirement,
        source=source,
        line=line.number,
        hashes=digests,
        platforms=parse.platforms,
        editable=editable is not None,
        direct=direct,
    )
    if fault := _direct_fault(asked, constraint=into is parse.constraints):
        parse.fault(f"{fault[0]}: {line.text}", where, fault[1])
        return
    into.append(asked)


def _direct_fault(asked: Asked, *, constraint: bool) -> tuple[str, str] | None:
    """Return what is wrong with a direct reference beyond its own form, and what to do instead."""
    direct = asked.direct
    if asked.editable and (direct is None or not direct.is_folder):
        return "only a project's folder can be editable", "remove -e"
    if direct is None:
        return None
    if constraint:
        return "a constraint cannot be a direct reference", "name it in the requirement file"
    if asked.hashes and not direct.sha256 and direct.kind == "git":
        return "a commit has no sha256", "remove --hash; the commit names the source"
    return None
