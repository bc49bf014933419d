"""The folders of an archive, told or implied by what lies in them."""

from __future__ import annotations

import posixpath

from hypothesis import given
from hypothesis import strategies as st

from python_env.doctor.archive import Kind, Member
from python_env.doctor.folders import Folders

PARTS = st.lists(st.sampled_from(["a", "b", "a.b", "a-b", "lib", "é"]), min_size=1, max_size=4)
MEMBERS = st.lists(st.tuples(PARTS, st.sampled_from([Kind.FILE, Kind.FOLDER])))


@given(MEMBERS, PARTS)
def test_folders_are_those_that_names_imply(rows: list[tuple[list[str], Kind]], asked: list[str]) -> None:
    """As a list of all of them would say."""
    members = [Member(name="/".join(parts), kind=kind) for parts, kind in rows]
    listed = {m.name if m.kind is Kind.FOLDER else posixpath.dirname(m.name) for m in members} - {""}
    listed |= {"/".join(name.split("/")[:end]) for name in listed for end in range(1, name.count("/") + 1)}
    folders, path = Folders(members), "/".join(asked)
    assert (path in folders) == (path in listed)
    assert folders.starting(path) == {each for each in listed if each.startswith(path) and "/" not in each[len(path) :]}
