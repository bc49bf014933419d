"""A line that is an option for all distributions, as `--pre` is."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

from python_env.requirements.line_requirement import EDITABLE
from python_env.requirements.parse_state import ParseState
from python_env.requirements.policy import NAME

_WHEELS_ONLY = re.compile(r"--prefer-binary|--only-binary(?:=|\s+)(\S+)")
"""What pip takes and what holds here anyway: a wheel is taken unless the environment allows to build."""

_NO_BINARY = re.compile(r"--no-binary(?:=|\s+)(\S+)")


def take_option(parse: ParseState, text: str, where: str) -> bool:
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
    elif text.startswith("-") and not EDITABLE.fullmatch(text):
        what = f"this option is not supported: {text}"
        parse.fault(what, where, "remove the line")
    else:
        return False
    return True


def _names(parse: ParseState, text: str, where: str, *, all_means: tuple[str, ...] | None) -> set[str]:
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
