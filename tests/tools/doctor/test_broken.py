"""Every planted fault is found, and nothing else is an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from python_env.__main__ import main
from python_env.doctor.catalog import CHECKS
from support.broken_artifacts import BROKEN, Broken, sound

PLATFORM = "cp311-manylinux_2_28_x86_64"
NOT_PLANTED = {"pex-root", "pex-size", "interpreter-on-node", "cost", "zip-encrypted", "name-twice", "not-linux"}
"""Notes of every archive, and what Python's writers do not make; tested in test_doctor.py."""

PLANTED = {
    "a link to an absolute path": "link-outside-absolute",
    "a link that climbs out": "link-outside-relative",
    "a link that leaves through other links": "link-outside-through",
    "an interpreter with a shebang of the building machine": "shebang-absolute-python",
    "a PEX with such a shebang": "shebang-absolute-pex",
    "a program with such a shebang": "shebang-absolute-script",
    "a shebang that is too long": "shebang-long-a.tar.gz",
    "a .pth with an absolute path": "pth-absolute-a.tar.gz",
    "an editable install": "editable-finder",
    "a pyvenv.cfg with the building machine's home": "pyvenv-home-a.tar.gz",
    "an interpreter without execute bit": "not-executable-a.tar.gz",
    "a zip whose execute bits Spark 3.5 loses": "modes-lost-3.5",
    "a zip with stored members and data descriptors": "zip-stored-descriptor-a.zip",
    "a zip with a preamble": "zip-preamble-a.zip",
    "a zip with a symbolic link": "zip-link-a.zip",
    "a suffix that nobody unpacks": "suffix-xz",
    "a wheel of another platform": "wheel-tag-raw",
    "a newer glibc than the platform's, in a wheel of a PEX": "elf-glibc-in-wheel",
    "a library that is nowhere": "elf-needed-absent",
    "a module for another machine": "elf-machine-aarch64",
    "another Python than the cluster's": "python-minor-a.tar.gz",
    "another pyspark than the cluster's": "pyspark-version-pex",
    "another py4j than the cluster's": "py4j-version-a.pex",
    "a pyarrow that is too old": "pyarrow-minimum-a.tar.gz",
    "an entry point that keeps pyspark.daemon from starting": "pex-entry-point-a.pex",
}
"""The 25 faults that issue 6 names, one archive each, all from BROKEN."""


def doctor(capfd: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, dict[str, Any]]:
    """Run the command and return its exit code and the first file of its document."""
    stated = [] if "--platform" in words else ["--platform", PLATFORM]
    code = main(["doctor", "--json", *map(str, words), *stated])
    document = json.loads(capfd.readouterr().out)
    return code, document["files"][0]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.title)
def test_the_planted_fault_is_found_and_no_other(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], broken: Broken
) -> None:
    """The check that is meant finds it, with its severity; no other check sees an error or a warning."""
    path = broken.write(tmp_path / broken.file, broken.tree)
    code, file = doctor(capfd, path, *broken.options)
    found = {(each["check"], each["severity"]) for each in file["findings"]}
    assert (broken.check, broken.severity) in found
    assert {check for check, severity in found if severity != "note"} <= {broken.check}
    assert code == (1 if broken.severity == "error" else 0)
    texts = [each for each in file["findings"] if each["check"] == broken.check]
    assert all(each["reason"] and each["remedy"] and each["source"] for each in texts)


@pytest.mark.parametrize("words", PLANTED)
def test_the_verdict_names_the_planted_fault(tmp_path: Path, capfd: pytest.CaptureFixture[str], words: str) -> None:
    """An error is why some cluster fails, and the only reason beside what Spark 3.5 does to every zip."""
    (broken,) = [each for each in BROKEN if each.title == PLANTED[words]]
    _, file = doctor(capfd, broken.write(tmp_path / broken.file, broken.tree), *broken.options)
    reasons = {check for verdict in file["verdicts"] for check in verdict["fails"]}
    expected = {broken.check} if broken.severity == "error" else set()
    assert expected <= reasons <= expected | ({"modes-lost"} if broken.file.endswith(".zip") else set())


def test_sound_archives_have_no_fault(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Control: what the broken ones are made of has neither errors nor warnings, on any cluster."""
    for path in sound(tmp_path):
        code, file = doctor(capfd, path, "--strict")
        assert code == 0, (path.name, [each for each in file["findings"] if each["severity"] != "note"])
        assert any(verdict["runs"] for verdict in file["verdicts"])


def test_every_check_has_its_broken_archive() -> None:
    """A check that nothing can strike would be a promise without a proof."""
    assert {broken.check for broken in BROKEN} == {check.id for check in CHECKS} - NOT_PLANTED
    assert len(PLANTED) == 25
