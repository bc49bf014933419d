"""Git, URL, path and folder in locks made elsewhere: taken over as the same reference in a requirement file."""

from __future__ import annotations

import pytest

from python_env.requirements.model import Asked, Choice
from python_env.requirements.parse import parse_request

A, B, COMMIT = "a" * 64, "b" * 64, "c" * 40
WHEEL = "a-1.0-py3-none-any.whl"


def pin(name: str, text: str, *, excludes: tuple[str, ...] = ()) -> Asked:
    """Return the only pin of a lock in the folder envs."""
    choice = Choice(excludes=frozenset(excludes))
    (asked,) = parse_request([f"envs/{name}"], [], read=lambda _: text, choice=choice).requirements
    return asked


def uv_lock(source: str, *, files: str = "", version: str = 'version = "1.0"', head: str = "") -> str:
    """Return a uv.lock of a project that needs one package, under a marker."""
    edge = '{ name = "a", extra = ["x"], marker = "os_name == \'nt\'" }'
    return (
        f'version = 1\nrequires-python = ">=3.11"\n{head}\n[[package]]\nname = "a"\n{version}\n'
        f'source = {{ {source} }}\n{files}\n[[package]]\nname = "shop"\nversion = "1"\n'
        f'source = {{ virtual = "." }}\ndependencies = [{edge}]\n'
    )


UV = {
    f'git = "https://h.example/a.git?subdirectory=sub&tag=v1#{COMMIT}"': (
        "",
        f"git+https://h.example/a.git@{COMMIT}#subdirectory=sub",
    ),
    f'git = "ssh://git@h.example/a#{COMMIT}"': ("", f"git+ssh://git@h.example/a@{COMMIT}"),
    'url = "https://h.example/a-1.zip", subdirectory = "sub"': (
        f'sdist = {{ hash = "sha256:{A}" }}',
        f"https://h.example/a-1.zip#sha256={A}&subdirectory=sub",
    ),
    f'url = "https://h.example/{WHEEL}"': (
        f'wheels = [{{ url = "https://h.example/{WHEEL}", hash = "sha256:{A}" }}]',
        f"https://h.example/{WHEEL}#sha256={A}",
    ),
    f'path = "../wheels/{WHEEL}"': (
        f'wheels = [{{ filename = "{WHEEL}", hash = "sha256:{A}" }}]',
        f"./wheels/{WHEEL}",
    ),
    'directory = "../libs/a"': ("", "./libs/a"),
    'directory = "lib"': ("", "./envs/lib"),
    'editable = "../libs/a"': ("", "./libs/a"),
}


@pytest.mark.parametrize("source", UV)
def test_a_source_of_uv_is_its_reference(source: str) -> None:
    """With its extras, marker, place and version; it is a pin."""
    files, reference = UV[source]
    found = pin("uv.lock", uv_lock(source, files=files))
    assert found.text == f'a[x] @ {reference} ; os_name == "nt"'
    assert (found.pinned, found.version, found.where) == (True, "1.0", "envs/uv.lock:4")
    assert found.direct is not None and found.editable == source.startswith("editable")


def test_a_wheel_beside_the_lock_must_have_its_digest() -> None:
    """The digest of a URL stands in the reference, that of a path beside it."""
    path, (files, _) = list(UV.items())[4]
    found = pin("uv.lock", uv_lock(path, files=files))
    assert found.hashes == (A,)
    assert found.input_text == f'a[x] @ ./wheels/{WHEEL} ; os_name == "nt" --hash=sha256:{A}'


def test_a_folder_whose_version_is_dynamic_has_none() -> None:
    """Then the built one is taken."""
    assert pin("uv.lock", uv_lock('directory = "lib"', version="")).version == ""


PYLOCK = {
    f'vcs = {{ type = "git", url = "https://h.example/a", commit-id = "{COMMIT}", subdirectory = "s" }}': (
        f"git+https://h.example/a@{COMMIT}#subdirectory=s"
    ),
    f'archive = {{ url = "https://h.example/a-1.zip", hashes = {{ sha256 = "{A}", md5 = "0" }} }}': (
        f"https://h.example/a-1.zip#sha256={A}"
    ),
    f'archive = {{ path = "{WHEEL}", hashes = {{ sha256 = "{A}" }} }}': f"./envs/{WHEEL}",
    'directory = { path = "../libs/a" }': "./libs/a",
    'directory = { path = "../libs", subdirectory = "a", editable = true }': "./libs#subdirectory=a",
    'directory = { path = ".", subdirectory = "a" }': "./envs#subdirectory=a",
}


@pytest.mark.parametrize("entry", PYLOCK)
def test_an_entry_of_a_pylock_is_its_reference(entry: str) -> None:
    """PEP 751: vcs, archive and directory need no version."""
    found = pin(
        "pylock.toml",
        f'lock-version = "1.0"\ncreated-by = "t"\n[[packages]]\nname = "a"\nmarker = "os_name == \'nt\'"\n{entry}\n',
    )
    assert found.text == f'a @ {PYLOCK[entry]} ; os_name == "nt"'
    assert (found.pinned, found.version, found.where) == (True, "", "envs/pylock.toml:3")
    assert found.hashes == ((A,) if "path = " in entry and "archive" in entry else ())


def test_an_sdist_of_a_pylock_is_a_pin() -> None:
    """Whether it may be built says `sdists`."""
    sdist = f'sdist = {{ url = "https://h.example/a-1.0.tar.gz", hashes = {{ sha256 = "{B}" }} }}'
    text = f'lock-version = "1.0"\ncreated-by = "t"\n[[packages]]\nname = "a"\nversion = "1.0"\n{sdist}\n'
    found = pin("pylock.toml", text)
    assert (found.text, found.hashes, found.direct) == ("a==1.0", (B,), None)


@pytest.mark.parametrize("source", ['git = "https://h.example/a#1"', 'directory = "../../a"', 'new = "x"'])
def test_what_is_left_out_needs_no_source(source: str) -> None:
    """Nothing of it is looked at."""
    found = pin("uv.lock", uv_lock(source), excludes=("a",))
    assert (found.text, found.direct) == ('a[x]==1.0; os_name == "nt"', None)


def test_a_virtual_package_is_not_locked() -> None:
    """uv installs none, wherever it lies; what it needs is locked."""
    text = uv_lock('virtual = "../b"', files='dependencies = [{ name = "c" }]')
    git = f'[[package]]\nname = "c"\nversion = "1"\nsource = {{ git = "https://h.example/c#{COMMIT}" }}\n'
    assert pin("uv.lock", text + git).text == f'c @ git+https://h.example/c@{COMMIT} ; os_name == "nt"'
