"""A wrong command line is told in three parts, by which of the two parsers it is ever read."""

from __future__ import annotations

import pytest

from python_env.__main__ import main

WRONG = [
    (["doctor", "a.pex", "--plattform", "x"], "--plattform", "write --platform, or leave it out"),
    (["doctor", "a.pex", "--unlike-all"], "--unlike-all", "`python_env doctor --help` says what it takes"),
    (["doctor"], "FILE", "`python_env doctor --help` says what it takes"),
    (["doctor", "a.pex", "--deploy-mode", "x"], "'client', 'cluster'", "--deploy-mode: by default both"),
    (["doctor", "a.pex", "--hadoop"], "expected one argument", "--hadoop: version of the NodeManagers' Hadoop"),
    (["deploy", "target", "--nothing", "x", "--", "gc"], "--nothing", "`python_env deploy target --help`"),
    (["deploy", "gc", "--to", "/a", "--keep", "-1"], "-1 is not in the range x>=0", "So many newest files stay."),
    (["deploy", "gc"], "'--to'", "--to URI: Folder: a path, file://, hdfs://"),
    (["deploy", "gc", "--to", "/a", "--kep", "1"], "No such option '--kep'.", "--help says what gc takes"),
    (["deploy", "channel", "--to", "/a"], "'NAME'", "--help says what channel takes"),
    (["deploy", "upload", "--to", "/a"], "'--artifact'", "--help says what upload takes"),
    (["deploy", "upload", "--to", "/a", "--timeout"], "requires an argument", "--help says what upload takes"),
    (["lock", "update", "--platfrom", "x"], "--platform", "--help says what update takes"),
    (["deploy", "nothing"], "there is no command 'deploy nothing'", "deploy upload"),
    ([], "no command is named", "deploy upload"),
]


@pytest.mark.parametrize(("argv", "what", "fix"), WRONG, ids=lambda value: " ".join(value)[:40])
def test_a_wrong_option_is_told_in_three_parts(
    argv: list[str], what: str, fix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What, where and the edit; the exit code says bad input."""
    assert main(argv) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line[:9] for line in lines] == ["error: " + lines[0][7:9], "  where: ", "  fix:   "]
    assert what in lines[0]
    assert fix in lines[2]


@pytest.mark.parametrize(("argv", "where"), [(["gc", "--to", "/a", "--keep", "-1"], "--keep"), (["gc"], "--to")])
def test_where_is_the_option(argv: list[str], where: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A person finds it among the others."""
    assert main(["deploy", *argv]) == 2
    assert f"  where: {where}\n" in capsys.readouterr().err


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    """It stands on standard output, where it can be paged."""
    assert main(["deploy", "gc", "--help"]) == 0
    assert "--older-than" in capsys.readouterr().out
