"""Releases as numbers: of Spark, Hadoop and Python as somebody states them, and of what is installed."""

from __future__ import annotations

import re

Numbers = tuple[int, ...]

_STATED = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4}){1,2})(?:[.+_-][A-Za-z0-9.+_-]*)?", re.ASCII)
_START = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*", re.ASCII)


def parse_release(text: str) -> Numbers | None:
    """Return `X.Y` or `X.Y.Z` as numbers, without a vendor's suffix (`3.1.1.7.2-18`); None for what is none."""
    found = _STATED.fullmatch(text)
    return _numbers(found[1]) if found else None


def release_of(version: str) -> Numbers:
    """Return the numbers that a distribution's version starts with; none where it starts otherwise."""
    found = _START.match(version)
    return _numbers(found[0]) if found else ()


def is_older(version: str, minimum: str) -> bool:
    """Return whether a release comes before another one: 18.0 is 18.0.0, and what is no release is not older."""
    found, wanted = release_of(version), release_of(minimum)
    length = max(len(found), len(wanted))
    return bool(found) and _padded(found, length) < _padded(wanted, length)


def dotted(numbers: Numbers) -> str:
    """Return `3.5` of (3, 5)."""
    return ".".join(str(number) for number in numbers)


def _numbers(text: str) -> Numbers:
    return tuple(int(part) for part in text.split("."))


def _padded(numbers: Numbers, length: int) -> Numbers:
    return numbers + (0,) * (length - len(numbers))
