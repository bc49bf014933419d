"""What `bazel run //envs:training_deploy -- ...` runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deploy.test_local import artifact, check_folder, files

from python_env.__main__ import main
from python_env.deploy.target_cli import command_of

OWN = ["--artifact", "a.pex", "--report", "a.json", "--to", "/t", "--channel", "latest", "--replication", "2"]


@pytest.mark.parametrize(
    ("said", "command", "words"),
    [
        ([], "upload", OWN),
        (["--channel", "stable"], "upload", [*OWN, "--channel", "stable"]),
        (["upload", "--json"], "upload", [*OWN, "--json"]),
        (["gc", "--keep", "3"], "gc", ["--to", "/t", "--keep", "3"]),
        (["channel", "stable"], "channel", ["--to", "/t", "--report", "a.json", "stable"]),
    ],
)
def test_what_a_person_says_stands_behind_the_targets_own_words(
    said: list[str], command: str, words: list[str]
) -> None:
    """So that it wins over them, or adds to them; `gc` and `channel` take what they know."""
    found, got = command_of([*sorted_pairs(OWN), "--", *said])
    assert (found, sorted_pairs(got)) == (command, sorted_pairs(words))


def test_without_the_mark_a_person_has_said_nothing() -> None:
    """Such as one who runs the tool by hand."""
    assert command_of(OWN) == command_of([*OWN, "--"])


def sorted_pairs(words: list[str]) -> list[str]:
    """Return options with their values in an order of their own; the order of options means nothing."""
    pairs = [words[number : number + 2] for number in range(0, len(words) // 2 * 2, 2)]
    return [word for pair in sorted(pairs) for word in pair] + words[len(words) // 2 * 2 :]


def target(folder: Path, data: bytes) -> list[str]:
    """Return the words of a target with one artifact, deployed to a folder."""
    return ["deploy", "target", *artifact(folder / "a", data), "--to", str(folder / "to"), "--channel", "stable"]


def test_a_plan_of_every_command_writes_nothing(tmp_path: Path) -> None:
    """`:<name>_deploy.plan` has --dry-run among its words."""
    assert main([*target(tmp_path, b"1"), "--"]) == 0
    assert main([*target(tmp_path, b"2"), "--"]) == 0
    before = files(tmp_path / "to")
    plan = [*target(tmp_path, b"3"), "--dry-run", "--"]
    for said in ([], ["channel", "stable", "--rollback"], ["gc", "--keep", "0", "--older-than", "0s"]):
        assert main([*plan, *said]) == 0
        assert files(tmp_path / "to") == before


def test_a_target_shows_and_rolls_back_its_artifacts_channel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """File name and platform come from the report."""
    assert main([*target(tmp_path, b"1"), "--"]) == 0
    words = target(tmp_path, b"2")
    assert main([*words, "--"]) == 0
    capsys.readouterr()
    assert main([*words, "--", "channel", "stable", "--rollback", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [move["rollback"] for move in found["history"]] == [False, False, True]
    assert found["target"] == {key: found["history"][0][key] for key in ("file", "sha256", "uri")}
    check_folder(tmp_path / "to")


def test_an_unknown_file_is_told_with_those_that_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2."""
    assert main([*target(tmp_path, b"1"), "--", "channel", "stable", "--file", "b.pex"]) == 2
    assert "--file is one of a.venv.tar.gz" in capsys.readouterr().err


def test_of_two_artifacts_none_is_rolled_back_when_one_cannot(tmp_path: Path) -> None:
    """The second has no earlier target: the first stays where it is."""
    for data in (b"1", b"2"):
        assert main([*target(tmp_path, data), "--"]) == 0
    report = tmp_path / "pex.json"
    report.write_text((tmp_path / "a/a.json").read_text().replace("a.venv.tar.gz", "b.venv.tar.gz"))
    before = files(tmp_path / "to")
    words = ["stable", "--to", str(tmp_path / "to"), "--report", str(tmp_path / "a/a.json"), "--report", str(report)]
    assert main(["deploy", "channel", *words, "--rollback"]) == 2
    assert files(tmp_path / "to") == before


def test_a_channel_of_a_folder_that_was_copied_points_into_the_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its document names the old folder, which may be gone: that is told, and the next rollback writes the new one."""
    for data in (b"1", b"2", b"3"):
        assert main([*target(tmp_path, data), "--"]) == 0
    (tmp_path / "to").rename(tmp_path / "copy")
    capsys.readouterr()
    there = [*target(tmp_path, b"3"), "--to", str(tmp_path / "copy"), "--", "channel", "stable", "--json"]
    assert main(there) == 0
    out, said = capsys.readouterr()
    assert json.loads(out)["target"]["uri"].startswith((tmp_path / "copy").as_uri())
    assert f"warning: its document says {(tmp_path / 'to').as_uri()}/" in said
    assert main([*there, "--rollback"]) == 0
    out, said = capsys.readouterr()
    assert "warning" not in said
    written = json.loads(next((tmp_path / "copy/channels").rglob("stable.json")).read_bytes())
    assert written == json.loads(out)
    places = [written["target"], *written["previous"], written["history"][-1]]
    assert all(row["uri"].startswith((tmp_path / "copy").as_uri()) for row in places)
    receipts = [json.loads(path.read_bytes()) for path in (tmp_path / "copy/receipts").rglob("*.json")]
    assert [row["uri"] for row in receipts if row["action"] == "rollback"] == [written["target"]["uri"]]
