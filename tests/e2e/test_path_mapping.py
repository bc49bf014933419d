"""Path mapping of Bazel 7: configurations share results, because no command line or file says which one it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.bazel import CONFIGURATIONS
from support.remote.keys import aquery_documents
from support.remote.users import ARTIFACTS, OTHERS, User, first_user

ENGINE = "7.7.1 bzlmod"
STRIP = "--experimental_output_paths=strip"
REPORTS = tuple(f"{path}.json" for path in ARTIFACTS if not path.endswith(".json"))
TAGS = ("cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_28_aarch64", "cp311-win_amd64")

pytestmark = pytest.mark.skipif(ENGINE not in CONFIGURATIONS, reason="no Bazel 7")


@pytest.fixture(scope="module")
def user() -> Iterator[User]:
    """Give a user."""
    with first_user(ENGINE) as found:
        yield found


def test_fastbuild_and_opt_share_results(user: User, tmp_path: Path) -> None:
    """With paths stripped `-c opt` takes what `fastbuild` made, all bytes are those without; without it takes none."""
    plain = f"--disk_cache={tmp_path / 'plain'}"
    user.build(plain)
    expected = user.files(*ARTIFACTS, *REPORTS)
    assert not [path for path in REPORTS if b"bazel-out" in expected[path]]
    disk = f"--disk_cache={tmp_path / 'disk'}"
    fast = user.build(STRIP, disk)
    assert user.files(*ARTIFACTS, *REPORTS) == expected
    assert len(fast.executed) > 0
    assert not [each.mnemonic for each in fast.spawns if "-fastbuild" in str(each.document["commandArgs"])]
    opt = user.build(STRIP, disk, "-c", "opt")
    print(f"\nfastbuild: {len(fast.executed)} of {len(fast.spawns)} executed, opt: {len(opt.executed)}")
    assert opt.executed == []
    assert user.files(*ARTIFACTS, *REPORTS) == expected
    assert user.build(plain, "-c", "opt").executed


def test_the_other_actions_share_results(user: User, tmp_path: Path) -> None:
    """What hello's artifacts do without: code, clients, exported lock, runtime wheel, programs, release."""
    options = (STRIP, f"--disk_cache={tmp_path / 'disk'}")
    targets = tuple(OTHERS.values())
    assert {each.mnemonic for each in user.build(*options, targets=targets).spawns} >= OTHERS.keys()
    opt = user.build(*options, "-c", "opt", targets=targets)
    assert [each.name for each in opt.spawns if not each.hit] == []


def test_tools_are_built_once_for_all_platforms(user: User) -> None:
    """The actions of the exec configuration are the same ones whichever platform is wanted."""
    planned = [aquery_documents(user.actions(f"--//rules/platforms:platform={tag}")) for tag in TAGS]
    tools = [{name: each for name, each in documents.items() if "-exec" in name} for documents in planned]
    assert tools[0]
    assert tools == [tools[0]] * len(TAGS)
