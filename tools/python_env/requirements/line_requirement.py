"""A line that is a requirement: PEP 508, with pip's `-e` and `--hash`."""

from __future__ import annotations

import posixpath
import re
import tomllib

from packaging.requirements import InvalidRequirement

from python_env.base.pep508 import parse_requirement
from python_env.requirements.direct import NotDirect, is_direct, named_text, parse_direct
from python_env.requirements.lines import Line
from python_env.requirements.model import Asked
from python_env.requirements.parse_state import ParseState
from python_env.requirements.policy import shown

_HASH = re.compile(r"(?<!\s)\s+--hash(?:=|\s+)(\S+)")
"""White space is tried from its first character only: else a line of n spaces costs n * n steps."""

_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
EDITABLE = re.compile(r"(?:-e\s*|--editable(?:=|\s+))(.+)")


def _project_name(parse: ParseState, folder: str) -> str:
    """Return the name that a project's pyproject.toml states (PEP 621), or an empty string."""
    try:
        table = tomllib.loads(parse.read(posixpath.join(folder, "pyproject.toml"))).get("project", {})
    except (OSError, ValueError):
        return ""
    name = table.get("name", "") if isinstance(table, dict) else ""
    return name if isinstance(name, str) else ""


def parse_requirement_line(parse: ParseState, line: Line, source: str, into: list[Asked]) -> None:
    """Add what a line asks for, or note why it cannot be understood."""
    where = f"{source}:{line.number}"
    hashes = _HASH.findall(line.text)
    for text in hashes:
        if not _SHA256.fullmatch(text):
            fix = "write --hash=sha256:<64 lower-case hexadecimal digits>"
            parse.fault(f"not a sha256 hash: {text}", where, fix)
    plain = _HASH.sub("", line.text)
    editable = EDITABLE.fullmatch(plain)
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
