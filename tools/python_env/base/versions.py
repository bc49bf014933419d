"""Versions (PEP 440) compared, with the standard library alone: two spellings of one version have one key."""

from __future__ import annotations

import re

_VERSION = re.compile(
    r"v?(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)"
    r"(?:[-_.]?(?P<pre>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?P<pre_number>[0-9]+)?)?"
    r"(?P<post>-(?P<post_dash>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>[0-9]+)?)?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_number>[0-9]+)?)?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.IGNORECASE,
)
"""Appendix B of PEP 440, without surrounding white space."""

_PRE = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_NONE = "-"


def version_key(text: str) -> str | None:
    """Return the normal form of a version without trailing zeros, for comparing only; None when it is no version."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    release = [_number(part) for part in match["release"].split(".")]
    while len(release) > 1 and release[-1] == "0":
        release.pop()
    pre = (match["pre"] or _NONE).lower()
    local = [_number(part) if part.isdigit() else part for part in re.split("[-_.]", (match["local"] or "").lower())]
    return "|".join(
        (
            _number(match["epoch"]),
            ".".join(release),
            _PRE.get(pre, pre) + _number(match["pre_number"]),
            _number(match["post_dash"] or match["post_number"]) if match["post"] else _NONE,
            _number(match["dev_number"]) if match["dev"] else _NONE,
            ".".join(local),
        )
    )


def _number(digits: str | None) -> str:
    return (digits or "").lstrip("0") or "0"
