"""Which indexes a person named, in attributes and in requirement files, and what is bound to one of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from python_env.base.distribution_names import canonical_name
from python_env.base.errors import Fault, ToolError
from python_env.requirements.model import Indexes, IndexLine

_OPTION = re.compile(
    r"(?:(-i|-f)\s*|(--index-url|--extra-index-url|--find-links|--pypi-url)(?:=|\s+))"
    r"""(?P<value>"[^"]+"|'[^']+'|[^\s"']+)"""
)
_LONG = {"-i": "--index-url", "-f": "--find-links", "--pypi-url": "--index-url"}
_ALIAS = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PATTERN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[A-Za-z0-9][A-Za-z0-9._-]*\*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

DEFAULT = "default"
_STATED = "index"
"""Alias of the index that a file names by --index-url: it takes the place of `default`."""


def parse_index_line(text: str, source: str, line: int) -> IndexLine | None:
    """Return the index option that a logical line is, or None."""
    if re.fullmatch(r"--no-index", text):
        return IndexLine(option="--no-index", value="", source=source, line=line)
    found = _OPTION.fullmatch(text)
    if not found:
        return None
    option = found[1] or found[2]
    value = found["value"].strip().strip("'\"")
    return IndexLine(option=_LONG.get(option, option), value=value, source=source, line=line)


def make_indexes(
    lines: Sequence[IndexLine],
    *,
    order: Sequence[str] = (),
    bindings: Sequence[str] = (),
    urls: Sequence[str] = (),
) -> Indexes:
    """Return the indexes of index lines and of a rule's attributes (`bindings` as ALIAS=NAME, `urls` as ALIAS=URL).

    Raises ToolError with every word that is not understood.
    """
    faults: list[Fault] = []
    stated = dict(_attribute_urls(urls, faults))
    from_files = _file_urls(lines, faults)
    bound = dict(_bindings(bindings, faults))
    faults += _alias_faults([*order, *stated, *bound.values()], order)
    faults += [
        Fault(f"{alias} is the alias of an index that a requirement file names", "index_urls", "take another alias")
        for alias in sorted(set(stated) & set(from_files))
    ]
    asked = _order(lines, from_files, order, set(bound.values()))
    if not asked and not faults:
        faults.append(
            Fault("--no-index leaves no place to look", _where(lines), "add a --find-links line, or remove it")
        )
    if faults:
        raise ToolError(faults)
    known = {alias: url for alias, url in {**stated, **from_files}.items() if alias in (*asked, *bound.values())}
    return Indexes(order=asked, urls=tuple(sorted(known.items())), bindings=tuple(sorted(bound.items())))


def _where(lines: Sequence[IndexLine]) -> str:
    return next((line.where for line in lines if line.option == "--no-index"), "indexes")


def _order(
    lines: Sequence[IndexLine], from_files: Iterable[str], order: Sequence[str], bound: set[str]
) -> tuple[str, ...]:
    """Return the aliases that are asked for what is bound nowhere, first to last.

    What the files name comes first, as in uv: find-links, extra indexes, the index itself. An alias that an attribute
    names keeps its place there, and one that only has bindings is asked for those alone.
    """
    options = {line.option for line in lines}
    base = [_STATED if alias == DEFAULT and "--index-url" in options else alias for alias in order or (DEFAULT,)]
    named = {*base, *bound}
    first = [alias for alias in from_files if alias != _STATED and alias not in named]
    asked = list(dict.fromkeys([*first, *base]))
    if "--no-index" in options:
        asked = [alias for alias in asked if alias not in (DEFAULT, _STATED) and not alias.startswith("extra-")]
    return tuple(asked)


def _file_urls(lines: Sequence[IndexLine], faults: list[Fault]) -> dict[str, str]:
    """Return by alias where the files say that indexes lie; an alias is the option and the position."""
    links: dict[str, str] = {}
    for option, alias in (("--find-links", "links"), ("--extra-index-url", "extra"), ("--index-url", _STATED)):
        places: dict[str, str] = {}
        for line in lines:
            if line.option == option:
                place = _place(line.value, beside=line.source, where=line.where, faults=faults)
                if place:
                    places[_flat(place) if option == "--find-links" else place] = line.where
        if alias == _STATED and len(places) > 1:
            faults.append(
                Fault("the files name two different indexes", ", ".join(places.values()), "keep one --index-url line")
            )
        names = [alias] if alias == _STATED else [f"{alias}-{number}" for number in range(1, len(places) + 1)]
        links.update(zip(names, places, strict=False))
    return links


def _flat(place: str) -> str:
    return f"flat+{place}" if "://" in place else place


def _attribute_urls(words: Sequence[str], faults: list[Fault]) -> Iterator[tuple[str, str]]:
    for word in words:
        alias, _, value = word.partition("=")
        if alias == DEFAULT:
            fix = "take another alias: default is what pip is configured with"
            faults.append(Fault("the index alias default has no URL of its own", "index_urls", fix))
        elif place := _place(value, beside="", where=f"index_urls[{alias!r}]", faults=faults):
            yield alias, place


def _place(value: str, *, beside: str, where: str, faults: list[Fault]) -> str:
    """Return a URL without its final slash, or a path relative to the workspace; empty after a fault."""
    if re.match(r"(flat\+)?https?://", value):
        fault = _url_fault(value)
    elif _SCHEME.match(value) or value.startswith(("/", "~", "\\")):
        fault = (
            f"an absolute path or a URL that is not http names one machine: {value}",
            "write a path relative to this file, or give an alias its place by a variable: PYTHON_ENV_INDEX_<ALIAS>",
        )
    else:
        return posixpath.normpath(posixpath.join(posixpath.dirname(beside), value))
    if fault:
        faults.append(Fault(fault[0], where, fault[1]))
        return ""
    return value.rstrip("/")


def _url_fault(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url.removeprefix("flat+"))
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or (port is None and parts.netloc.rpartition("@")[2].endswith(":")):
        return f"not a URL: {url}", "write it as https://<host>/<path>"
    if "@" in parts.netloc or parts.query:
        return (
            f"a secret stands in a file: {url.partition('?')[0]}",
            "write the URL without user, password and query; put them into netrc (machine, login, password), let a "
            "credential helper give them, or give the whole URL by a variable: PYTHON_ENV_INDEX_<ALIAS>",
        )
    return None


def _bindings(words: Sequence[str], faults: list[Fault]) -> Iterator[tuple[str, str]]:
    """Yield each bound name or prefix with its alias; a name is bound to one index."""
    seen: dict[str, str] = {}
    for word in words:
        alias, _, name = word.partition("=")
        where = f"index_bindings[{alias!r}]"
        if not _PATTERN.fullmatch(name):
            fix = "write a name, or its beginning and *: acme-*"
            faults.append(Fault(f"not the name of a distribution: {name!r}", where, fix))
            continue
        pattern = normalised_pattern(name)
        if seen.setdefault(pattern, alias) != alias:
            what = f"{pattern} is bound to two indexes: {seen[pattern]} and {alias}"
            faults.append(Fault(what, "index_bindings", "keep one of them"))
        yield pattern, alias


def normalised_pattern(name: str) -> str:
    """Return a bound name as PEP 503 writes it; a final * stays."""
    if not name.endswith("*"):
        return canonicalize_name(name)
    return canonical_name(name[:-1]) + "*"


def _alias_faults(aliases: Iterable[str], order: Sequence[str]) -> Iterator[Fault]:
    for alias in sorted({alias for alias in aliases if not _ALIAS.fullmatch(alias)}):
        fix = "write lower-case letters, digits and single dashes, a letter first"
        yield Fault(f"not an index alias: {alias!r}", "indexes, index_bindings, index_urls", fix)
    for alias in sorted({alias for alias in order if list(order).count(alias) > 1}):
        yield Fault(f"index alias {alias} stands twice", "indexes", "remove one of them")
