"""Two users on two machines, as far as one machine can play them, who build the same targets and share caches."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from python_env.lock.document import parse_lock
from support.bazel import CONFIGURATIONS, ROOT, short_lived_digesting
from support.cache import cache_of_the_tests
from support.determinism.builds import Checkout, copied_checkout, other_checkout
from support.remote.spawns import Spawn, read_spawns

TARGETS = tuple(f"//examples/hello:hello_{kind}" for kind in ("pex", "venv", "launcher", "wheelhouse"))
ARTIFACTS = tuple(f"examples/hello/hello.{end}" for end in ("pex", "venv.tar.gz", "launcher.json", "wheelhouse.zip"))
OTHERS = {
    "PyEnvCode": "//tests/e2e/split:hello_code",
    "PyEnvDeployClients": "//tools/clients",
    "PyEnvImports": "//tests/e2e/split:hello_code",
    "PyEnvLockExport": "//examples/hello:hello.pylock",
    "PyEnvRelease": "//:release",
    "PyEnvRuntimeWheel": "//tools:runtime_wheel",
    "PyEnvWheelProgram": "//tools:uv",
}
"""Mnemonic to a target: what hello's artifacts do without."""

_LOCKS = ("examples/hello/hello.lock.json", "tools/tools.lock.json", "tools/clients/clients.lock.json")

_POISON = "#!/bin/sh\necho 'the python of the PATH was used' >&2\nexit 97\n"
_ANOTHER = '#!/bin/sh\n# another python3, first on PATH\nexec /usr/bin/python3 "$@"\n'
_DEAD = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Built:
    """What one build did."""

    said: str
    spawns: tuple[Spawn, ...]

    @property
    def executed(self) -> list[str]:
        """Return the actions of ours that no cache had."""
        return [each.name for each in self.spawns if not each.hit]


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Somebody with a checkout, an output base, and surroundings of their own."""

    checkout: Checkout
    umask: int
    words: tuple[str, ...] = ()
    """Options of each build."""

    def bazel(self, *words: str) -> str:
        """Run bazelw and return what it said."""
        return self.checkout.bazel(*words, umask=self.umask)

    def build(self, *words: str, targets: tuple[str, ...] = TARGETS, clean: bool = True) -> Built:
        """Build after nothing was built; what is fetched stays."""
        if clean:
            self.bazel("clean")
        log = self.checkout.path / "execution.log.json"
        said = self.bazel("build", f"--execution_log_json_file={log}", *self.words, *words, *targets)
        return Built(said, read_spawns(log))

    def files(self, *paths: str) -> dict[str, bytes]:
        """Return the bytes of what was built."""
        return {path: (self.checkout.path / "bazel-bin" / path).read_bytes() for path in paths}

    def actions(self, *words: str) -> str:
        """Return what `aquery` says of our actions; what Bazel says beside it may follow."""
        query = f"mnemonic('PyEnv.*', deps({' + '.join(TARGETS)}))"
        said = self.bazel(
            *("aquery", "--output=jsonproto", "--noshow_progress", "--ui_event_filters=-INFO,-WARNING"),
            *(*self.words, *words, query),
        )
        return said[said.index("\n{") if "\n{" in said else said.index("{") :].lstrip()


@contextmanager
def first_user(engine: str, *, short_lived: bool = True) -> Iterator[User]:
    """Give who builds first: this user, in a copy of this repository."""
    place = copied_checkout(cache_of_the_tests() / "workspaces/sharing_first")
    startup = short_lived_digesting(place.parent) if short_lived else {}
    checkout = Checkout(path=place, environment={**startup, "TZ": "UTC", "LC_ALL": "C.UTF-8", **CONFIGURATIONS[engine]})
    user = User(checkout=checkout, umask=0o022)
    yield user
    user.bazel("shutdown")


@contextmanager
def second_user(engine: str, first: User, index: str) -> Iterator[User]:
    """Give another user, whose every surrounding is another one; an index that has nothing, and no other way out.

    What the first user has fetched is in the repository cache, for Bazel 4 in the folder of --distdir.
    """
    other = other_checkout("sharing_second")
    # bazelw installs this Bazel for a user who has none yet: before nothing can be reached any more
    other.bazel("info", "release", **CONFIGURATIONS[engine])
    home = Path(other.environment["HOME"])
    repositories, fetched = home / "shared_repositories", home / "fetched"
    for folder in (repositories, fetched):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    source = Path(first.bazel("info", "repository_cache").splitlines()[-1])
    by_name = engine.startswith("4")
    _copy_fetched(source, fetched if by_name else repositories, by_name=by_name)
    programs = _other_programs(home / "other_programs")
    if other.prefix:
        subprocess.run(["chown", "-R", other.environment["USER"], repositories, fetched, programs], check=True)
    surroundings = {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "POSIX",
        "LANG": "C",
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PIP_INDEX_URL": index,
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), _DEAD),
        **dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1"),
    }
    environment: Mapping[str, str] = {**other.environment, **surroundings, **CONFIGURATIONS[engine]}
    checkout = replace(other, environment=environment)
    words = (f"--repository_cache={repositories}", f"--distdir={fetched}")
    user = User(checkout=checkout, umask=0o077, words=words)
    yield user
    user.bazel("shutdown")


def _copy_fetched(source: Path, target: Path, *, by_name: bool) -> None:
    """Copy of a repository cache the files of the locks that the targets need, by digest or by name."""
    for lock in _LOCKS:
        parsed = parse_lock((ROOT / lock).read_bytes(), where=lock, fix="")
        assert parsed
        for name, locked in parsed.files.items():
            entry = Path("content_addressable/sha256", locked.sha256)
            if not (source / entry).exists():
                continue
            if by_name:
                shutil.copyfile(source / entry / "file", target / name)
            else:
                shutil.copytree(source / entry, target / entry, dirs_exist_ok=True)


def _other_programs(folder: Path) -> Path:
    """Return a folder for the front of a PATH."""
    folder.mkdir(exist_ok=True)
    for name, text in {"python": _POISON, "python3.11": _POISON, "python3": _ANOTHER}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder
