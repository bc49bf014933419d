"""A line that is an option for all distributions, as `--pre` is."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

from python_env.requirements.line_requirement import EDITABLE
from python_env.requirements.parse_state import ParseState
from python_env.requirements.policy import NAME
from python_env.requirements.wheels_only import ALL

_WHEELS_ONLY = re.compile(r"--prefer-binary|--only-binary(?:=|\s+)(\S+)")
"""What pip takes; a wheel is taken anyway unless the environment allows to build, which `wheels_only` compares."""

_NO_BINARY = re.compile(r"--no-binary(?:=|\s+)(\S+)")


def take_option(parse: ParseState, text: str, where: str) -> bool:
    """Take a line that is an option; return whether it was one."""
    if text == "--pre":
        parse.prereleases = True
    elif text == "--require-hashes":
        parse.require_hashes = parse.require_hashes or where
    elif found := _WHEELS_ONLY.fullmatch(text):
        _take_only_binary(parse, found[1] or "", where)
    elif found := _NO_BINARY.fullmatch(text):
        parse.no_binary |= _names(parse, found[1], where)
    elif re.match(r"-[^'\"]*(?:\"[^\"]*|'[^']*)$", text):
        parse.fault(f"a quotation mark is not closed: {text}", where, "close it")
    elif text.startswith("-") and not EDITABLE.fullmatch(text):
        what = f"this option is not supported: {text}"
        parse.fault(what, where, "remove the line")
    else:
        return False
    return True


def _take_only_binary(parse: ParseState, text: str, where: str) -> None:
    """Take names or `:all:`, which in pip also holds for what an earlier --no-binary names, not for a later one."""
    words = text.split(",")
    everything = {ALL, *parse.no_binary} if ALL in words else set()
    for name in everything | _names(parse, ",".join(word for word in words if word != ALL), where):
        parse.only_binary.setdefault(name, where)


def _names(parse: ParseState, text: str, where: str) -> set[str]:
    """Return the normalised names of a comma-separated list, as --no-binary and --only-binary take it."""
    names: set[str] = set()
    for word in filter(None, text.split(",")):
        if word.startswith(":") or not NAME.fullmatch(word):
            parse.fault(f"not the name of a distribution: {word}", where, "name the distributions, separated by commas")
        else:
            names.add(canonicalize_name(word))
    return names
