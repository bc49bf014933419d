"""A folder of this machine, for real: the command, twenty kills, two at once, modes."""

from __future__ import annotations

import errno
import getpass
import hashlib
import json
import os
import pwd
import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from deploy.helpers import Client, check_whole, metadata, report, source

from python_env.__main__ import main
from python_env.base.errors import ToolError
from python_env.deploy.cli import main as upload
from python_env.deploy.edge import who
from python_env.deploy.names import metadata_name, temporary_of
from python_env.deploy.stores.local import LocalStore, told_apart
from python_env.deploy.stores.protocol import AlreadyThere, Changed, Denied, Full, StoreFault, Transient

TOOLS = Path(main.__code__.co_filename).parents[1]
KILLS = 20


def artifact(folder: Path, data: bytes) -> list[str]:
    """Write an artifact with its report; return the options that name them."""
    folder.mkdir(parents=True, exist_ok=True)
    sha256 = hashlib.sha256(data).hexdigest()
    (folder / "a.venv.tar.gz").write_bytes(data)
    (folder / "a.json").write_bytes(report(sha256, len(data)))
    return ["--artifact", str(folder / "a.venv.tar.gz"), "--report", str(folder / "a.json")]


def files(folder: Path) -> dict[str, bytes]:
    """Return what another client sees."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check_folder(folder: Path) -> None:
    """No part is visible, no channel points at nothing."""
    check_whole(files(folder))


def deploy(to: Path, words: list[str], capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    """Run the command and return its receipt or plan."""
    capsys.readouterr()
    assert main(["deploy", "upload", *words, "--to", str(to), "--json", *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_command_deploys_skips_and_plans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The receipt says where, who and when; a plan writes nothing."""
    words, to = artifact(tmp_path / "a", b"data"), tmp_path / "to"
    plan = deploy(to, words, capsys, "--dry-run")
    assert (plan["files"][0]["action"], to.exists()) == ("upload", False)
    receipt = deploy(to, words, capsys, "--channel", "stable", "--receipt", str(tmp_path / "receipt.json"))
    assert receipt == json.loads((tmp_path / "receipt.json").read_text())
    assert (receipt["action"], receipt["channels"], "@" in receipt["who"]) == ("upload", ["stable"], True)
    assert Path(receipt["uri"].removeprefix("file://")).read_bytes() == b"data"
    assert deploy(to, words, capsys)["action"] == "skip"
    assert deploy(to, words, capsys, "--dry-run")["files"][0]["action"] == "skip"
    check_folder(to)


def test_the_metadata_says_what_it_is_and_nothing_of_who_and_when(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Environment, lock, platform and packages; those two stand in the receipt alone."""
    receipt = deploy(tmp_path / "to", artifact(tmp_path / "a", b"data"), capsys)
    found = json.loads((tmp_path / "to" / f"{receipt['file']}.json").read_text())
    said = {key: found[key] for key in ("env_id", "lock", "platform", "packages")}
    assert said == {"env_id": "e", "lock": "l", "platform": receipt["platform"], "packages": {"numpy": "2.0"}}
    assert not {"who", "when", "channels"} & set(found)


def test_the_channel_command_shows_and_rolls_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And `gc` keeps both targets."""
    to, options = tmp_path / "to", ["stable", "--file", "a.venv.tar.gz"]
    first = deploy(to, artifact(tmp_path / "a", b"1"), capsys, "--channel", "stable")
    second = deploy(to, artifact(tmp_path / "a", b"2"), capsys, "--channel", "stable")
    where = ["deploy", "channel", "--to", str(to), *options, "--platform", second["platform"], "--json"]
    assert main(where) == 0
    assert json.loads(capsys.readouterr().out)["target"]["uri"] == second["uri"]
    assert main([*where, "--rollback"]) == 0
    assert json.loads(capsys.readouterr().out)["target"]["uri"] == first["uri"]
    assert main(["deploy", "gc", "--to", str(to), "--keep", "0", "--older-than", "0s", "--dry-run"]) == 0
    assert main(["deploy", "gc", "--to", str(to), "--keep", "0", "--older-than", "0s"]) == 0
    check_folder(to)


def test_an_artifact_that_is_not_what_its_report_says_is_refused(tmp_path: Path) -> None:
    """Of the same length; nothing of it is left there."""
    words, to = artifact(tmp_path / "a", b"data"), tmp_path / "to"
    (tmp_path / "a/a.venv.tar.gz").write_bytes(b"date")
    with pytest.raises(ToolError, match="build the artifact again"):
        upload([*words, "--to", str(to)])
    assert files(to) == {}


def test_another_file_of_the_name_stays(tmp_path: Path) -> None:
    """Refused with exit code 2, by the command and by its plan."""
    words, to = artifact(tmp_path / "a", b"data"), tmp_path / "to"
    to.mkdir()
    name = f"a.venv-{hashlib.sha256(b'data').hexdigest()[:16]}.tar.gz"
    (to / name).write_bytes(b"other")
    assert main(["deploy", "upload", *words, "--to", str(to)]) == 2
    assert main(["deploy", "upload", *words, "--to", str(to), "--dry-run"]) == 2
    assert files(to) == {name: b"other"}


def test_of_two_artifacts_none_is_sent_when_one_is_refused(tmp_path: Path) -> None:
    """What is refused is found before the first one is sent."""
    good, bad, to = artifact(tmp_path / "a", b"good"), artifact(tmp_path / "b", b"data"), tmp_path / "to"
    to.mkdir()
    name = f"a.venv-{hashlib.sha256(b'data').hexdigest()[:16]}.tar.gz"
    (to / name).write_bytes(b"other")
    assert main(["deploy", "upload", *good, *bad, "--to", str(to)]) == 2
    assert files(to) == {name: b"other"}


def test_a_relative_place_is_of_where_the_person_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`bazel run` starts the tool in its runfiles and says the folder in a variable; the receipt's, too."""
    words = artifact(tmp_path / "a", b"data")
    (tmp_path / "stand").mkdir()
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(tmp_path / "stand"))
    receipt = deploy(Path("to"), words, capsys, "--receipt", "receipt.json")
    assert receipt["uri"].startswith(f"file://{tmp_path}/stand/to/")
    assert json.loads((tmp_path / "stand/receipt.json").read_text()) == receipt


def test_a_client_s_wheel_is_unpacked(tmp_path: Path) -> None:
    """Into the folder that Bazel made."""
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("a/b.so", b"1")
    assert main(["deploy", "client", "--wheel", str(tmp_path / "a.whl"), "--output", str(tmp_path / "out")]) == 0
    assert files(tmp_path / "out") == {"a/b.so": b"1"}


def command(to: Path, words: list[str]) -> list[str]:
    """Return the command line of a deploy into the channel stable, in a process of its own."""
    program = f"import sys; sys.path.insert(0, {str(TOOLS)!r}); from python_env import __main__ as m; "
    program += "sys.exit(m.main(sys.argv[1:]))"
    return [sys.executable, "-c", program, "deploy", "upload", "--to", str(to), "--channel", "stable", *words]


def test_twenty_kills_leave_no_part_and_the_next_run_finishes(tmp_path: Path) -> None:
    """SIGKILL at random moments of a run of a fresh artifact into a channel that has an older one."""
    to, killed, chance = tmp_path / "to", 0, random.Random(1)
    started = time.monotonic()
    subprocess.run(command(to, artifact(tmp_path / "a", b"first")), check=True, capture_output=True)
    idle = time.monotonic() - started
    for number in range(3 * KILLS):
        words = artifact(tmp_path / "a", bytes([number]) * 20_000_000)
        process = subprocess.Popen(command(to, words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(idle * chance.uniform(0.5, 1.3))
        process.send_signal(signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            killed += 1
        else:  # it had ended: the first run was slower than this machine is now
            idle *= 0.9
        check_folder(to)
        assert main(["deploy", "upload", "--to", str(to), "--channel", "stable", *words]) == 0
        check_folder(to)
        for path in to.glob(".*.part"):
            path.unlink()
        if killed == KILLS:
            break
    assert killed == KILLS, "the runs ended before they were killed"


def test_three_processes_at_once(tmp_path: Path) -> None:
    """All succeed, one file is there, one move is remembered."""
    words, to = artifact(tmp_path / "a", b"data" * 1_000_000), tmp_path / "to"
    line = command(to, words)
    running = [subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(3)]
    for process in running:
        said, _ = process.communicate()
        assert process.returncode == 0, said
    check_folder(to)
    channel = json.loads(next((to / "channels").rglob("stable.json")).read_text())
    assert len(channel["history"]) == 1
    assert not list(to.glob(".*"))


def test_modes_are_readable_whatever_the_umask(tmp_path: Path) -> None:
    """YARN's PUBLIC cache wants o+r of the file and o+x of every folder; a folder of others is named, not changed."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = os.umask(0o077)
    try:
        client = Client(LocalStore(closed / "a/b"))
        client.deploy(source(tmp_path, b"1"), "stable")
    finally:
        os.umask(before)
    name = metadata(b"1").file
    assert oct((closed / "a/b" / name).stat().st_mode)[-3:] == "644"
    assert oct((closed / "a").stat().st_mode)[-3:] == "755"
    warnings = LocalStore(closed / "a/b").sharing_warnings(name)
    assert f"others may not enter {closed} (o+x)" in warnings
    assert not [warning for warning in warnings if str(closed / "a") in warning]


def test_the_local_store_never_replaces_unasked(tmp_path: Path) -> None:
    """Create, publish and replace each refuse what another client wrote."""
    store = LocalStore(tmp_path)
    store.create("x.json", b"1")
    with pytest.raises(AlreadyThere):
        store.create("x.json", b"2")
    store.put(source(tmp_path, b"3"), "part", lambda _count: None)
    with pytest.raises(AlreadyThere):
        store.publish("part", "x.json", tmp_path)
    found = store.read("x.json")
    assert found and found.data == b"1"
    store.replace("x.json", b"4", found.version)
    with pytest.raises(Changed):
        store.replace("x.json", b"5", found.version)
    assert (tmp_path / "x.json").read_bytes() == b"4"
    assert [stat.path for stat in store.list("") if stat.path.endswith("json")] == ["x.json"]


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, Full), (errno.EACCES, Denied), (errno.EIO, Transient), (errno.ENOTDIR, StoreFault)],
)
def test_errors_of_the_system_are_told_apart(number: int, kind: type[StoreFault]) -> None:
    """By their numbers."""
    with pytest.raises(kind) as error, told_apart():
        raise OSError(number, "x")
    assert type(error.value) is kind


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system takes a part and then no more: the fault is told, the temporary file goes."""
    real = os.write

    def write(target: int, data: bytes) -> int:
        if os.fstat(target).st_size:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(target, data[:2])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(Full, match="No space left"):
        Client(LocalStore(tmp_path / "to")).upload(source(tmp_path, b"data"))
    assert files(tmp_path / "to") == {}


def test_a_document_is_whole_where_the_system_takes_a_part_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that stops in the midst is gone on with; a channel of half its bytes would be read by nobody."""
    real = os.write
    monkeypatch.setattr(os, "write", lambda target, data: real(target, data[:3]))
    store = LocalStore(tmp_path)
    store.create("channels/x.json", b"0123456789")
    store.put(source(tmp_path, b"abcdefgh"), "part", lambda _count: None)
    assert (tmp_path / "channels/x.json").read_bytes() == b"0123456789"
    assert (tmp_path / "part").read_bytes() == b"abcdefgh"


def test_a_document_that_was_being_written_is_known_as_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is cut there leaves what gc removes."""

    name = metadata_name(metadata(b"1").file)

    def cut(*_paths: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "link", cut)
    monkeypatch.setattr(Path, "unlink", lambda _path, **_options: None)
    with pytest.raises(KeyboardInterrupt):
        LocalStore(tmp_path).create(name, b"{}")
    (left,) = (stat.path for stat in LocalStore(tmp_path).list(""))
    assert temporary_of(left) == name


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's user may be a number that no list of users has: the receipt says that."""
    monkeypatch.setattr(getpass, "getuser", lambda: pwd.getpwuid(0xFFFFFFF0)[0])
    assert who().startswith(f"{os.getuid()}@")


@pytest.mark.parametrize("folder", ["receipts", "channels"])
@pytest.mark.parametrize("kind", ["loop", "pipe", "text"])
def test_what_is_no_document_stops_gc_and_is_named_with_the_edit(
    folder: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who cannot read what protects files removes none; the person is told which file to take away."""
    to = tmp_path / "to"
    deploy(to, artifact(tmp_path / "a", b"1"), capsys, "--channel", "stable")
    path = to / folder / "foreign.json"
    if kind == "loop":
        path.symlink_to(path.name)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_text("see the wiki")
    before = {name for name in files(to) if name != path.relative_to(to).as_posix()}
    words = ["deploy", "gc", "--to", str(to), "--keep", "0", "--older-than", "0s", "--attempts", "1"]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert str(path) in said
    assert "fix:   move that file elsewhere" in said or "fix:   remove that file, folder or link by hand" in said
    path.unlink()
    assert set(files(to)) == before
    assert main(words) == 0
