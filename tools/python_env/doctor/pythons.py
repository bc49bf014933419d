"""Which Python an archive is for, by what lies in it."""

from __future__ import annotations

import re
from collections import Counter

from python_env.doctor.model import Target
from python_env.doctor.subject import Subject

EXTENSION = re.compile(r"\.cpython-3(\d{1,2})t?-[^/]*\.so$")
_SHEBANG = re.compile(rb"python3\.(\d{1,2})\b")
_WHEEL = re.compile(r"-cp3(\d{1,2})-cp3\d{1,2}t?-[^/]*\.whl$")


def own_python(subject: Subject) -> tuple[int, int] | None:
    """Return the Python that the archive is made for, or None where nothing says it.

    The folder `lib/python3.X`, else most of its native modules and wheels, else the first line of a PEX.
    """
    if len(subject.python_folders) == 1:
        return subject.python_folders[0]
    votes: Counter[int] = Counter()
    for member in subject.everything:
        for pattern in (EXTENSION, _WHEEL):
            if match := pattern.search(member.name):
                votes[int(match[1])] += 1
    if votes:
        return 3, max(votes, key=lambda minor: (votes[minor], minor))
    match_line = _SHEBANG.search(subject.archive.preamble)
    return (3, int(match_line[1])) if match_line else None


def python_of(subject: Subject, target: Target) -> tuple[int, int] | None:
    """Return the Python that will run it: the cluster's where it is stated, else the one it is made for."""
    if target.python is not None:
        return target.python
    if target.platform is not None:
        return target.platform.python
    return own_python(subject)
