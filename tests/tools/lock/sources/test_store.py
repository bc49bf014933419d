"""The store: what is looked into, under which name, and what is refused before anything runs."""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

import pytest

from python_env.base.documents import sha256_hex
from python_env.base.errors import ToolError
from python_env.lock.facts import Facts
from python_env.lock.sources.model import Kept, Origin
from python_env.lock.sources.store import SourceStore
from python_env.lock.sources.trial_builds import TrialBuilds
from python_env.requirements.model import Direct, DirectKind
from support.git_repository import git, make_repository
from support.wheels import make_wheel

BACKEND = """\
import zipfile
def build_wheel(folder, settings=None, metadata=None):
    file = "lib-2.0rc1-py3-none-any.whl"
    with zipfile.ZipFile(folder + "/" + file, "w") as wheel:
        wheel.writestr("lib-2.0rc1.dist-info/METADATA", "Name: lib\\nVersion: 2.0-RC1\\nRequires-Dist: idna\\n")
    print("built")
    return file
"""
TABLE = '[build-system]\nrequires = [{requires}]\nbuild-backend = "backend"\nbackend-path = ["."]\n'


class Web:
    """Files by URL, in the place of the network."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []

    def download(self, url: str) -> bytes:
        """Return a file and remember that it was asked for."""
        self.asked.append(url)
        return self.files[url]

    def get(self, *, url: str, sha256: str, file: str) -> Facts:
        """Return the facts of any wheel."""
        return Facts(name="lib", version="2.0", requires=(), requires_python="", size=7, extras=())


UV = """\
#!{python}
import pathlib, sys
if sys.argv[1] == "venv":
    place = pathlib.Path(sys.argv[-4], "bin")
    place.mkdir(parents=True)
    (place / "python").symlink_to({python!r})
else:
    pathlib.Path({log!r}).write_text(" ".join(sys.argv[1:]))
"""


@pytest.fixture
def web() -> Web:
    """Return an empty web."""
    return Web()


@pytest.fixture
def store(tmp_path: Path, web: Web) -> SourceStore:
    """Return a store with a uv that installs nothing and writes down what it was asked."""
    uv = tmp_path / "uv"
    uv.write_text(UV.format(python=sys.executable, log=str(tmp_path / "asked")))
    uv.chmod(0o755)
    (tmp_path / "ws").mkdir()
    return SourceStore(
        builds=TrialBuilds(
            uv=uv, python=sys.executable, environment={"PATH": "/usr/bin:/bin"}, cache=tmp_path / "cache"
        ),
        facts=web,  # type: ignore[arg-type]  # the two methods that the store calls
        root=tmp_path / "ws",
        kept=Kept(),
    )


def sdist(requires: str = "") -> bytes:
    """Return an sdist with a backend of its own."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, text in (("pyproject.toml", TABLE.format(requires=requires)), ("backend.py", BACKEND)):
            info = tarfile.TarInfo(f"lib-2/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return data.getvalue()


def by_url(store: SourceStore, web: Web, url: str, data: bytes) -> Origin:
    """Look into an sdist by URL."""
    web.files[url] = data
    return store.direct("lib", Direct(kind=DirectKind.URL, location=url))


def test_an_sdist_by_url_is_built_once_and_remembered(store: SourceStore, web: Web) -> None:
    """What the build told: version (normalised), requirements, size, build requirements; by content."""
    url, data = "https://h.invalid/lib-2.0rc1.tar.gz", sdist('"hatchling"')
    origin = by_url(store, web, url, data)
    assert origin.source and origin.wheel is None and origin.file == "lib-2.0rc1-py3-none-any.whl"
    assert (origin.source.key, origin.source.version, origin.source.size) == ("lib-2.0rc1.tar.gz", "2.0rc1", len(data))
    assert (origin.facts.requires, origin.source.requires) == (("idna",), ("hatchling",))
    again = by_url(store, web, url.replace("h.", "other."), data)
    assert again.source and again.facts == origin.facts and len(list(store.builds.cache.iterdir())) == 1


def test_archives_of_one_name_have_keys_of_their_own(store: SourceStore, web: Web) -> None:
    """`v1.0.tar.gz` of two repositories is not one source."""
    origin = by_url(store, web, "https://h.invalid/a/archive/v1.0.tar.gz", sdist())
    assert origin.source and origin.source.key == f"lib-{origin.source.sha256[:12]}.tar.gz"
    named = by_url(store, web, "https://h.invalid/a/..%2F..%2Fevil.tar.gz", sdist())
    assert named.source and "/" not in named.source.key


@pytest.mark.parametrize(
    "text", ["--index-url=https://evil.invalid", "x @ https://evil.invalid/x.zip", "/tmp/x", "x=1"]
)
def test_a_build_requirement_is_a_requirement(store: SourceStore, web: Web, tmp_path: Path, text: str) -> None:
    """No option of uv, no path, no URL: refused before uv is asked."""
    with pytest.raises(ToolError) as error:
        by_url(store, web, "https://h.invalid/lib-2.0.tar.gz", sdist(f'"{text}"'))
    assert "a build requirement is none of an index" in error.value.render() and not (tmp_path / "asked").exists()


def test_bytes_of_another_digest_are_refused(store: SourceStore, web: Web) -> None:
    """Nothing of them is unpacked or remembered."""
    url = "https://h.invalid/lib-2.0.tar.gz"
    web.files[url] = sdist()
    with pytest.raises(ToolError, match="the bytes differ from their sha256"):
        store.direct("lib", Direct(kind=DirectKind.URL, location=url, sha256="0" * 64))
    assert not store.builds.cache.exists()


def test_a_url_that_the_old_lock_knows_keeps_its_digest(store: SourceStore, web: Web) -> None:
    """So a file that was exchanged is noticed, not taken; a wheel's bytes are not asked for again."""
    url = "https://h.invalid/lib-2.0-py3-none-any.whl"
    store.kept = Kept(digests={url: "1" * 64})
    origin = store.direct("lib", Direct(kind=DirectKind.URL, location=url))
    assert origin.wheel and origin.wheel.sha256 == "1" * 64 and origin.wheel.size == 7 and web.asked == []
    assert store.reference("lib", Direct(kind=DirectKind.URL, location=url)) == f"{url}#sha256={'1' * 64}"


def test_a_branch_is_pinned_to_its_commit(store: SourceStore, tmp_path: Path) -> None:
    """The one that the old lock has, else the newest; the resolver is told the commit, never the branch."""
    files = {"sub/pyproject.toml": TABLE.format(requires=""), "sub/backend.py": BACKEND}
    repository = make_repository(tmp_path / "origin", files)
    commit = git(repository, "rev-parse", "HEAD")
    direct = Direct(kind=DirectKind.GIT, location=repository.as_uri(), revision="main", subdirectory="sub")
    origin = store.direct("lib", direct)
    assert origin.source and origin.source.key == f"lib@{commit[:12]}#sub" and origin.source.commit == commit
    assert store.reference("lib", direct) == f"git+{repository.as_uri()}@{commit}#subdirectory=sub"
    store.kept = Kept(commits={(repository.as_uri(), "side"): "b" * 40})
    kept = Direct(kind=DirectKind.GIT, location=repository.as_uri(), revision="side")
    assert store.reference("lib", kept) == f"git+{repository.as_uri()}@{'b' * 40}"


def test_a_project_of_the_workspace_is_known_by_its_content(store: SourceStore, tmp_path: Path) -> None:
    """Its digest in the lock is that of what says how it is built; another code is looked into again."""
    folder = tmp_path / "ws/libs/lib"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(TABLE.format(requires=""))
    (folder / "backend.py").write_text(BACKEND)
    direct = Direct(kind=DirectKind.LOCAL, location="libs/lib", content="c" * 64)
    origin = store.direct("lib", direct)
    assert origin.source and (origin.source.key, origin.source.sha256) == ("libs/lib", "c" * 64)
    assert sorted(path.name for path in folder.iterdir()) == ["backend.py", "pyproject.toml"]
    assert len(list(store.builds.cache.iterdir())) == 1


@pytest.mark.parametrize(
    ("location", "what"),
    [
        ("gone", "there is no such folder"),
        ("gone-1.0-py3-none-any.whl", "there is no such file"),
        ("lib-1.0.tar.gz", "an sdist of the workspace is not taken"),
        ("broken-1.0-py3-none-any.whl", "the wheel cannot be read: BadZipFile"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(store: SourceStore, location: str, what: str) -> None:
    """In three parts, with the path as it stands in the file."""
    for name in ("lib-1.0.tar.gz", "broken-1.0-py3-none-any.whl"):
        (store.root / name).write_text("x")
    with pytest.raises(ToolError) as error:
        store.direct("lib", Direct(kind=DirectKind.LOCAL, location=location))
    assert what in error.value.render() and f"where: lib @ ./{location}" in error.value.render()


def test_a_wheel_of_the_workspace_is_taken_as_it_lies(store: SourceStore) -> None:
    """With its digest and its path from the root."""
    wheel = make_wheel(store.root, "lib", requires=("idna",))
    origin = store.direct("lib", Direct(kind=DirectKind.LOCAL, location=wheel.name))
    assert origin.wheel and origin.wheel.local == wheel.name and origin.wheel.sha256 == sha256_hex(wheel.read_bytes())
    assert origin.facts.requires == ("idna",)


@pytest.mark.parametrize("text", ["", "[]", "1", '{"facts": 1}', '{"facts": {"requires": [], "x": 1}, "file": ""}'])
def test_a_broken_memory_is_looked_into_again(store: SourceStore, web: Web, text: str) -> None:
    """As if there were none."""
    url, data = "https://h.invalid/lib-2.0rc1.tar.gz", sdist()
    by_url(store, web, url, data)
    (memory,) = store.builds.cache.iterdir()
    good = memory.read_text()
    memory.write_text(text)
    store._origins.clear()
    by_url(store, web, url, data)
    assert memory.read_text() == good
