"""What every artifact has, whatever its kind and its container: a report beside it, python_env.json inside."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from artifacts.conftest import APP, TAGS, Builder

from python_env.__main__ import main
from support.wheels import make_wheel, sha256

KINDS = {
    "tar.gz": "small.venv.tar.gz",
    "zip": "small.venv.zip",
    "dir": "small.venv",
    "zipapp": "small.pex",
    "packed": "small.pex.zip",
    "installed": "small.installed.pex",
    "wheelhouse": "small.wheelhouse.zip",
}
SITE = "lib/python3.11/site-packages"


def write(builder: Builder, pex_wheel: Path, kind: str) -> Path:
    """Write an artifact of a kind and return its place."""
    output = builder.folder / KINDS[kind]
    if kind in ("tar.gz", "zip", "dir"):
        code = builder.venv("--format", kind, output=output)
    elif kind == "wheelhouse":
        code = main(["artifacts", "wheelhouse", *builder.words(output)])
    else:
        layout = "packed" if kind == "packed" else "zipapp"
        code = builder.pex(pex_wheel, output=output, layout=layout, pre_installed=kind == "installed")
    assert code == 0
    return output


def content(artifact: Path) -> dict[str, bytes]:
    """Return every file of an artifact."""
    if artifact.is_dir():
        return {str(path.relative_to(artifact)): path.read_bytes() for path in artifact.rglob("*") if path.is_file()}
    if artifact.name.endswith(".tar.gz"):
        with tarfile.open(artifact) as tar:
            found = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
            return {name: file.read() for name, file in found.items() if file}
    with zipfile.ZipFile(artifact) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def own_records(wheels: Sequence[Path]) -> dict[str, bytes]:
    """Return the RECORD of every wheel as the wheel has it, by its place in a venv."""
    found = [(name, data) for wheel in wheels for name, data in content(wheel).items()]
    return {f"{SITE}/{name}": data for name, data in found if name.endswith(".dist-info/RECORD")}


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_inside_which_environment_it_is(builder: Builder, fake_pex_wheel: Path, kind: str) -> None:
    """A file at the root, without an import: environment, lock, platform."""
    identity = json.loads(content(write(builder, fake_pex_wheel, kind))["python_env.json"])
    said: dict[str, Any] = {"env": sha256(builder.env_json()), "platform": TAGS["linux"]}
    if kind == "wheelhouse":
        said = {"platforms": [TAGS["linux"]]}
    assert identity == {
        **said,
        "env_id": "e" * 64,
        "kind": "identity",
        "lock": "f" * 64,
        "name": "small",
        "schema": 1,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_report_says_what_it_is(builder: Builder, fake_pex_wheel: Path, kind: str) -> None:
    """Digest and sizes of the artifact, its environment, its platform, and what a person looks at first."""
    artifact = write(builder, fake_pex_wheel, kind)
    report = json.loads(Path(f"{artifact}.json").read_text())
    assert report["file"] == artifact.name and report["env_id"] == "e" * 64 and report["warnings"] == []
    assert [each["name"] for each in report["largest"]] == ["app", "lib"]
    if kind == "wheelhouse":
        assert list(report["platforms"]) == [TAGS["linux"]]
    else:
        assert (report["platform"], report["interpreter"]) == (TAGS["linux"], "")
    if not artifact.is_dir():
        assert (report["sha256"], report["size"]) == (sha256(artifact), artifact.stat().st_size)


@pytest.mark.parametrize("kind", ["tar.gz", "zip", "dir", "wheelhouse"])
def test_the_report_counts_every_file(builder: Builder, fake_pex_wheel: Path, kind: str) -> None:
    """Number and sum of the sizes, unpacked."""
    artifact = write(builder, fake_pex_wheel, kind)
    report = json.loads(Path(f"{artifact}.json").read_text())
    files = content(artifact)
    assert (report["file_count"], report["unpacked_size"]) == (len(files), sum(map(len, files.values())))


@pytest.mark.parametrize("kind", ["zipapp", "packed", "installed"])
def test_the_report_of_a_pex_counts_what_it_installs(builder: Builder, fake_pex_wheel: Path, kind: str) -> None:
    """As a venv of the same wheels does, without what only a venv has; each RECORD is the wheel's own."""
    venv = {path: data for path, data in content(write(builder, fake_pex_wheel, "dir")).items() if path.count("/")}
    venv.pop("bin/python")
    venv = {path: data for path, data in venv.items() if not path.startswith("bin/python3")}
    venv |= {path: data for path, data in own_records(builder.wheels).items() if venv[path]}
    report = json.loads(Path(f"{write(builder, fake_pex_wheel, kind)}.json").read_text())
    assert (report["file_count"], report["unpacked_size"]) == (len(venv), sum(map(len, venv.values())))


MADE_BY_AN_INSTALLER = ("INSTALLER", "REQUESTED", "direct_url.json", "RECORD.jws", "RECORD.p7s")


@pytest.mark.parametrize("kind", ["tar.gz", "zip", "dir", "installed"])
def test_what_an_installer_writes_does_not_come_from_a_wheel(builder: Builder, fake_pex_wheel: Path, kind: str) -> None:
    """Who installed it, from where, and a signature of a RECORD that is another one now: left out, and not recorded."""
    files = {**APP, **{f"app-1.0.dist-info/{name}": b"a lie\n" for name in MADE_BY_AN_INSTALLER}}
    builder.wheels[0] = make_wheel(builder.folder / "wheels", "app", files=files, requires=("lib",))
    found = content(write(builder, fake_pex_wheel, kind))
    assert b"a lie\n" not in found.values()
    (record,) = (data for path, data in found.items() if path.endswith("/app-1.0.dist-info/RECORD"))
    listed = [name for name in MADE_BY_AN_INSTALLER if f"app-1.0.dist-info/{name},".encode() in record]
    assert listed == ([] if kind == "installed" else ["INSTALLER"])
    if kind != "installed":
        assert found[f"{SITE}/app-1.0.dist-info/INSTALLER"] == b"rules_python_env\n"
