"""Requirement files, as pip reads them: text to model, with an injected reader."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from python_env.base.errors import ToolError
from python_env.base.resolving import Prereleases
from python_env.requirements.foreign_lock import hashed_pins, is_document, is_pylock, is_uv_lock, unknown_choices
from python_env.requirements.foreign_lock_pylock import parse_pylock
from python_env.requirements.foreign_lock_uv import parse_uv_lock
from python_env.requirements.indexes import make_indexes, parse_index_line
from python_env.requirements.line_options import take_option
from python_env.requirements.line_requirement import EDITABLE, parse_requirement_line
from python_env.requirements.lines import Line, logical_lines, split_options
from python_env.requirements.model import Asked, Choice, Indexes, Policy, Request
from python_env.requirements.parse_state import NOTHING_CHOSEN, ParseState, Reader
from python_env.requirements.policy import shown
from python_env.requirements.pyproject import parse_pyproject
from python_env.requirements.toml_file import TomlFile

_MOST_NESTED = 50
"""Files that include one another in a chain."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_INCLUDE = re.compile(r"""(?:(-r|-c)\s*|(--requirement|--constraint)(?:\s+|=))("[^"]+"|'[^']+'|[^\s"'][^"']*)""")


def parse_request(
    requirements: list[str],
    constraints: list[str],
    *,
    read: Reader,
    variables: Mapping[str, str] | None = None,
    for_platforms: Mapping[str, Sequence[str]] | None = None,
    choice: Choice = NOTHING_CHOSEN,
) -> Request:
    """Return everything that the files ask for, files reached by -r and -c included.

    `variables` are the values that `${NAME}` may stand for; `for_platforms` holds by file name the platform tags that
    a file is read for, all where it is not named. Raises ToolError with all lines that are not understood.
    """
    parse = ParseState(read, variables or {}, choice=choice)
    for source in requirements:
        parse.platforms = tuple(sorted((for_platforms or {}).get(source, ())))
        _parse_file(parse, source, parse.requirements, stack=())
    parse.platforms = ()
    for source in constraints:
        _parse_file(parse, source, parse.constraints, stack=())
    _check_hashes(parse)
    for name in sorted(parse.no_binary & parse.only_binary.keys()):
        what = f"{name} stands under --no-binary and under --only-binary"
        parse.fault(what, parse.only_binary[name], "keep one of the two, or write --only-binary :all: first")
    indexes = _indexes(parse)
    if faults := parse.faults or unknown_choices(parse.documents, choice):
        raise ToolError(faults)
    return Request(
        requirements=hashed_pins(parse.requirements),
        constraints=tuple(parse.constraints),
        policy=Policy(
            no_binary=tuple(sorted(parse.no_binary)),
            only_binary=tuple(sorted(parse.only_binary.items())),
            prereleases=Prereleases.ALLOW if parse.prereleases else Prereleases.AS_ASKED,
        ),
        choice=choice,
        scopes=tuple(document.scope for document in parse.documents),
        indexes=indexes,
        index_lines=tuple(parse.index_lines),
    )


def _indexes(parse: ParseState) -> Indexes:
    try:
        return make_indexes(parse.index_lines)
    except ToolError as error:
        parse.faults += error.faults
        return Indexes()


def _check_hashes(parse: ParseState) -> None:
    """Note every requirement without a hash where a file says --require-hashes."""
    for asked in parse.requirements if parse.require_hashes else ():
        if not asked.hashes and not (asked.direct and asked.direct.sha256):
            what = f"{asked.text} has no hash, but {parse.require_hashes} says --require-hashes"
            fix = "add --hash=sha256:..., or remove --require-hashes: the lock holds all hashes"
            parse.fault(what, asked.where, fix)


def _read(parse: ParseState, source: str, *, where: str) -> str | None:
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


def _parse_file(parse: ParseState, source: str, into: list[Asked], *, stack: tuple[str, ...], where: str = "") -> None:
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


def _parse_document(parse: ParseState, text: str, source: str, into: list[Asked], *, where: str) -> None:
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


def _parse_line(parse: ParseState, line: Line, source: str, into: list[Asked], *, stack: tuple[str, ...]) -> None:
    where = f"{source}:{line.number}"
    unknown = [name for name in _VARIABLE.findall(line.text) if name not in parse.variables]
    for name in unknown:
        parse.fault(f"variable {name} is not declared", where, f'declare it: `variables = {{"{name}": ...}}`')
    if unknown:
        return
    text = _VARIABLE.sub(lambda found: parse.variables[found[1]], line.text)
    options = split_options(text)
    if len(options) > 1 and not EDITABLE.fullmatch(text):
        for option in options:
            _parse_option(parse, option, source, line.number)
    elif include := _INCLUDE.fullmatch(text):
        _include(parse, include, source, where, into, stack=stack)
    elif index := parse_index_line(text, source, line.number):
        parse.index_lines.append(index)
    elif not take_option(parse, text, where):
        parse_requirement_line(parse, Line(text, line.number), source, into)


def _parse_option(parse: ParseState, text: str, source: str, number: int) -> None:
    """Take one of the options that share a line; pip takes several, but of files the first alone."""
    where = f"{source}:{number}"
    if _INCLUDE.fullmatch(text) or EDITABLE.fullmatch(text):
        parse.fault(f"{shown(text)} shares its line with another option", where, "write one option per line")
    elif index := parse_index_line(text, source, number):
        parse.index_lines.append(index)
    else:
        take_option(parse, text, where)


def _include(
    parse: ParseState, include: re.Match[str], source: str, where: str, into: list[Asked], *, stack: tuple[str, ...]
) -> None:
    """Take a file that a line names, or note why it cannot be taken."""
    constraint = (include[1] or include[2]) in ("-c", "--constraint")
    named = include[3].strip().strip("'\"")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), named))
    if _URL.match(named):
        file = "constraints.txt" if constraint else "requirements.txt"
        fix = f"save it in the workspace, e.g. by curl -o {file} URL, and name the file: "
        fix += f'constraints = ["{file}"]' if constraint else f'-r {file}, and included = ["{file}"]'
        parse.fault(
            f"{shown(_without_secrets(named))} is a URL", where, f"{fix}; the lock then has what it was made from"
        )
    elif target.startswith("/") or _climbs(target) > _climbs(source):
        parse.fault(f"{shown(target)} lies outside the workspace", where, "name a file of the workspace")
    else:
        _parse_file(parse, target, parse.constraints if constraint else into, stack=stack, where=where)


def _without_secrets(url: str) -> str:
    """Return a URL without user, password, query and fragment."""
    scheme, _, rest = url.partition("://")
    host, slash, path = re.split(r"[?#]", rest)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
