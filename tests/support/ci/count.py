"""Counts test cases in JUnit files: `count.py PASSED FAILED FILE_OR_FOLDER...` prints the sums."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases passed, failed (errors included) and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, other: Count) -> Count:
        """Return both together."""
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def count_text(text: str) -> Count:
    """Return the cases of one JUnit document; one that is cut counts as a failure."""
    try:
        cases = list(ElementTree.fromstring(text).iter("testcase"))
    except ElementTree.ParseError:
        return Count(failed=1)
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return Count(len(cases) - failed - skipped, failed, skipped)


def junit_files(places: Iterable[Path]) -> Iterator[Path]:
    """Yield the files themselves, and every test.xml below folders."""
    for place in places:
        if place.is_dir():
            yield from sorted(place.rglob("test.xml"))
        elif place.exists():
            yield place


def main() -> None:
    """Print `passed failed skipped`."""
    total = Count(int(sys.argv[1]), int(sys.argv[2]))
    for file in junit_files(map(Path, sys.argv[3:])):
        total = total.plus(count_text(file.read_text(encoding="utf-8", errors="replace")))
    print(total.passed, total.failed, total.skipped)


if __name__ == "__main__":
    main()
