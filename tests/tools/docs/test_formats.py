"""The pages of docs/formats against the documents that the tools write: every field has its words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from python_env.artifacts.interpreter.model import Interpreter, render_interpreter
from python_env.artifacts.largest import Largest
from python_env.artifacts.model import ArtifactKind, Container, Report, render_report
from python_env.artifacts.wheelhouse.manifest import manifest_file
from python_env.artifacts.wheelhouse.model import make_house
from python_env.artifacts.wheelhouse.report import Written, render_house_report
from python_env.base.platforms import Os, parse_platform
from python_env.deploy.documents.channel import Channel, Target, render_channel
from python_env.deploy.documents.collection import render_collection
from python_env.deploy.documents.metadata import make_metadata, render_metadata
from python_env.deploy.documents.receipt import Action, make_receipt, render_receipt
from python_env.env.model import Env, Wheel, render_env
from python_env.wheels.check.model import Check, check_document

FORMATS = Path(__file__).parents[3] / "docs" / "formats"
WHEEL = Wheel(name="a", version="1", extras=(), file="a-1-py3-none-any.whl", sha256="0" * 64, size=1, requires=())
ENV = Env(
    name="small",
    env_id="e" * 64,
    parent="f" * 64,
    platform=parse_platform("cp311-manylinux_2_28_x86_64"),
    requirements=("a",),
    wheels=(WHEEL,),
)
REPORT = Report(
    kind=ArtifactKind.PEX,
    container=Container.FILE,
    name="small",
    env_id="e" * 64,
    parent="f" * 64,
    platform="cp311-manylinux_2_28_x86_64",
    python="3.11",
    distributions={"a": "1"},
    largest=(Largest(name="a", version="1", file="a-1-py3-none-any.whl", size=1),),
    file="small.pex",
    sha256="0" * 64,
    size=1,
    file_count=1,
    unpacked_size=1,
)
INTERPRETER = Interpreter(
    archive="a.zip",
    sha256="0" * 64,
    version="3.11.9",
    os=Os.LINUX,
    cpus=("x86_64",),
    libc="glibc",
    floor=(2, 17),
    needs=(),
    links={},
)
HOUSE = make_house([ENV])
DEPLOYED = make_metadata(REPORT, "small-0000000000000000.pex")
RECEIPT = make_receipt(DEPLOYED, action=Action.UPLOAD, uri="u", channels=(), who="a@b", when="t")
CHANNEL = Channel(name="stable", original="small.pex", platform="p", target=Target(file="f", uri="u", sha256="0"))
DOCUMENTS: dict[str, Any] = {
    "artifact": json.loads(render_report(REPORT)),
    "channel": json.loads(render_channel(CHANNEL)),
    "collection": json.loads(render_collection("0", frozenset())),
    "check": check_document(Check(sha256="0" * 64, requires_python=">=3.9")),
    "deployed": json.loads(render_metadata(DEPLOYED)),
    "receipt": json.loads(render_receipt(RECEIPT)),
    "env": json.loads(render_env(replace(ENV, excludes=("b",), overrides=("a",)))),
    "interpreter": json.loads(render_interpreter(INTERPRETER)),
    "wheelhouse": json.loads(manifest_file(HOUSE, {"a": ("0" * 64, 1)})),
}


def tables(page: str) -> list[set[str]]:
    """Return the fields that each table of a page names, without those inside other fields."""
    parts = re.split(r"^\| field \|.*\n.*\n", (FORMATS / f"{page}.md").read_text(), flags=re.MULTILINE)[1:]
    cells = [re.findall(r"^\| ([^|]*) \|", part.split("\n\n")[0], flags=re.MULTILINE) for part in parts]
    return [{word for cell in table for word in re.findall(r"`(\w+)`", cell)} for table in cells]


@pytest.mark.parametrize("page", DOCUMENTS)
def test_every_field_has_its_words(page: str) -> None:
    """And every word its field."""
    assert sorted(tables(page)[0]) == sorted(DOCUMENTS[page])


def test_every_field_of_a_wheelhouses_report_has_its_words() -> None:
    """Those that it shares with other artifacts, in the sentence before, and its own."""
    written = Written(file="a.zip", sha256="0" * 64, size=1, file_count=1, unpacked_size=1)
    text = (FORMATS / "artifact.md").read_text()
    sentence = text[text.index("Of a wheelhouse") : text.index("as above, and")]
    shared = set(re.findall(r"`(\w+)`", sentence)) - {"zip"}
    assert sorted(shared | tables("artifact")[1]) == sorted(json.loads(render_house_report(HOUSE, written)))


def test_the_readme_names_every_page() -> None:
    """Of the documents and of the stages."""
    readme = (FORMATS.parents[1] / "README.md").read_text()
    pages = [f"docs/{page.relative_to(FORMATS.parent)}" for page in FORMATS.parent.rglob("*.md")]
    assert [page for page in pages if f"({page})" not in readme] == []
