"""An upload: whole or not at all, never over another file."""

from __future__ import annotations

from pathlib import Path

import pytest
from deploy.helpers import Client, check_store, metadata, source, unique
from deploy.memory import MemoryStore

from python_env.base.errors import ToolError
from python_env.deploy.documents.metadata import parse_metadata
from python_env.deploy.documents.receipt import Action
from python_env.deploy.names import metadata_name, temporary_name
from python_env.deploy.stores.protocol import Denied, Full, Transient

DATA = b"an archive"


def test_a_file_appears_under_a_name_with_its_digest_and_its_metadata_beside_it(tmp_path: Path) -> None:
    """The name keeps the suffix that clusters unpack by; nothing else is left."""
    store, wanted = MemoryStore(), metadata(DATA)
    assert Client(store).upload(source(tmp_path, DATA)).action is Action.UPLOAD
    assert store.files[wanted.file] == DATA
    assert wanted.file.endswith(".tar.gz")
    assert parse_metadata(store.files[f"{wanted.file}.json"], where="x") == wanted
    assert len(store.files) == 2


def test_a_second_deploy_writes_and_reads_back_nothing(tmp_path: Path) -> None:
    """Present and equal by size and recorded checksum is enough."""
    store, path = MemoryStore(), source(tmp_path, DATA)
    Client(store).upload(path)
    store.steps.clear()
    assert Client(store).upload(path).action is Action.SKIP
    assert {step.split()[0] for step in store.steps} == {"read", "stat"}


def test_a_file_without_metadata_is_read_back_and_recorded(tmp_path: Path) -> None:
    """An earlier run was cut between the two."""
    store, path, wanted = MemoryStore(), source(tmp_path, DATA), metadata(DATA)
    Client(store).upload(path)
    store.delete(metadata_name(wanted.file))
    assert Client(store).upload(path).action is Action.CONFIRM
    assert metadata_name(wanted.file) in store.files


@pytest.mark.parametrize("foreign", [b"other bytes!", b"ten bytes.", b""], ids=["longer", "as long", "empty"])
def test_another_file_of_that_name_is_refused_and_named_and_stays(tmp_path: Path, foreign: bytes) -> None:
    """Nothing is overwritten, nothing is left."""
    store, wanted = MemoryStore(), metadata(DATA)
    store.create(wanted.file, foreign)
    with pytest.raises(ToolError, match=wanted.file):
        Client(store).upload(source(tmp_path, DATA))
    assert store.files == {wanted.file: foreign}


def test_metadata_of_another_digest_refuses(tmp_path: Path) -> None:
    """The name holds a part of the digest only; the record holds the whole."""
    store, wanted, path = MemoryStore(), metadata(DATA), source(tmp_path, DATA)
    Client(store).upload(path)
    name = metadata_name(wanted.file)
    store.files[name] = store.files[name].replace(wanted.sha256.encode(), wanted.sha256[:16].encode() + b"0" * 48)
    with pytest.raises(ToolError, match="records sha256"):
        Client(store).upload(path)


def test_another_file_that_comes_while_we_upload_is_refused(tmp_path: Path) -> None:
    """The rename does not overwrite; the next look tells."""
    store, wanted = MemoryStore(), metadata(DATA)

    def other(step: str, when: str) -> None:
        if step.startswith("publish") and when == "before":
            store.files.setdefault(wanted.file, b"theirs")
            store.times.setdefault(wanted.file, 1.0)

    store.fault = other
    with pytest.raises(ToolError, match="another file"):
        Client(store).upload(source(tmp_path, DATA))
    assert store.files == {wanted.file: b"theirs"}


def test_bytes_that_change_on_their_way_are_never_seen(tmp_path: Path) -> None:
    """What is read back is not what was sent: no file appears, and the temporary one is gone."""
    store = MemoryStore()

    def flip(step: str, when: str) -> None:
        if step.startswith("put") and when == "after":
            store.files[step.split()[1]] = b"flipped..."

    store.fault = flip
    with pytest.raises(Transient, match="read back"):
        Client(store).upload(source(tmp_path, DATA))
    assert store.files == {}


@pytest.mark.parametrize("fault", [Denied, Full, KeyboardInterrupt])
def test_what_does_not_pass_is_not_tried_again(tmp_path: Path, fault: type[BaseException]) -> None:
    """No permission, no space and Ctrl-C are told at once, and leave nothing."""
    store = MemoryStore()

    def refuse(step: str, when: str) -> None:
        if step.startswith("put") and when == "midst":
            raise fault("no")

    store.fault = refuse
    with pytest.raises(fault):
        Client(store).upload(source(tmp_path, DATA))
    assert sum(step.startswith("put") for step in store.steps) == 1
    assert store.files == {}


@pytest.mark.parametrize(("age", "stays"), [(7200, False), (60, True)], ids=["old", "young"])
def test_a_partial_file_of_an_earlier_run_never_hinders_and_goes_when_it_is_old(
    tmp_path: Path, age: float, stays: bool
) -> None:
    """The age is told by the store's clock; a young one may be of a run that lives."""
    store, wanted = MemoryStore(), metadata(DATA)
    part = temporary_name(wanted.file, unique())
    store.create(part, b"an ar")
    store.now += age
    assert Client(store).upload(source(tmp_path, DATA)).action is Action.UPLOAD
    assert (part in store.files) == stays
    check_store(store)
