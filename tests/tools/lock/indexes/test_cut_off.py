"""A cut-off date, and indexes that know no upload times."""

from __future__ import annotations

from pathlib import Path

import pytest

from python_env.lock.indexes.catalog import Catalog
from python_env.lock.indexes.credentials import Credentials
from python_env.lock.indexes.gateway import _entry
from python_env.lock.indexes.places import parse_place
from python_env.lock.indexes.web import Web
from python_env.requirements.model import Indexes
from support.index_workspace import Workspace


@pytest.mark.parametrize(("declared", "stated"), [("shelf", "1970-01-01T00:00:00Z"), ("https://h.invalid/x", None)])
def test_a_cut_off_leaves_out_nothing_of_a_folder_of_the_workspace(
    workspace: Workspace, tmp_path: Path, declared: str, stated: str | None
) -> None:
    """Nothing is uploaded there; a mirror in a folder, which a variable names, has lost the times."""
    workspace.wheel("app", "1.0")
    place = parse_place("inner", "made", tmp_path)
    indexes = Indexes(order=("inner",), urls=(("inner", declared),))
    web = Web({}, Credentials(environ={}, known={}))
    catalog = Catalog(indexes=indexes, places={"inner": place}, web=web)
    (link,) = catalog.project("app")
    assert _entry(link, "app", catalog).get("upload-time") == stated
