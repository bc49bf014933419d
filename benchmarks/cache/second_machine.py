"""What a second machine pays where a cache has everything: examples/training, beside its first build.

    PYTHONPATH=tests:tools python3 benchmarks/cache/second_machine.py [--runs 3] [--server HTTP]

Takes turns, one run of each row and then the next. Both machines are a copy of this checkout on this one, with the
cache on its loopback. A first build starts without a server, without fetched repositories and with an empty cache; a
second machine starts so, too, with the cache that the first one filled; "fetched before" is after `bazel clean` alone,
the fourth time, when Java has compiled what it runs. Wheels come from Bazel's repository cache. `transfer` is what
cannot be saved: a plain GET of the artifacts that are wanted and, on a new machine, a plain copy of the wheels. `Bazel
alone` is what no rules can save: a workspace with the same wheels as `http_file`s and one action that has them as
inputs and the same artifacts as outputs, without rules or toolchains. `30 ms away` is an HTTP cache that waits before
each answer. Prints medians of wall seconds.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from alone import write_alone

from support.bazel import CONFIGURATIONS, ROOT, Workspace
from support.remote.casd import casd
from support.remote.http_cache import HttpCache, http_cache
from support.remote.users import first_user
from support.wheels import sha256

TARGETS = tuple(f"//examples/training:training_{kind}" for kind in ("pex", "venv", "launcher"))
ARTIFACTS = tuple(f"examples/training/training.{end}" for end in ("pex", "venv.tar.gz", "launcher.json"))
LOCK, TAG = "examples/training/training.lock.json", "cp311-manylinux_2_28_x86_64"
SERVERS = ("HTTP", "gRPC")
Row = Callable[[], float]


def seconds(act: Callable[[], object]) -> float:
    """Return how long something takes, in seconds of a wall clock."""
    start = time.monotonic()
    act()
    return time.monotonic() - start


@contextmanager
def cache(server: str, store: Path, latency: float) -> Iterator[str]:
    """Give the URL of a server of either kind; the HTTP cache may be some seconds away."""
    if server == "HTTP":
        with http_cache(store, latency=latency) as found:
            yield found.url
    else:
        with casd(store) as url:
            yield url


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """A checkout, the cache beside it, and the rows that are measured there."""

    path: Path
    bazel: Callable[..., str]
    """Runs bazelw there with some words, and returns what it said."""
    targets: Sequence[str]
    artifacts: Sequence[str]
    """Their files, below bazel-bin."""
    server: str
    store: Path
    """The cache's folder."""

    def _build(self, *words: str, expunge: bool, latency: float = 0.0) -> tuple[float, str]:
        """Return the seconds of a build, and Bazel's own line about who ran its actions."""
        self.bazel("clean", *(["--expunge"] if expunge else []))
        said: list[str] = []
        with cache(self.server, self.store, latency) as url:
            taken = seconds(lambda: said.append(self.bazel("build", f"--remote_cache={url}", *words, *self.targets)))
        return taken, next(line for line in said[0].splitlines() if re.search(r" process(es)?: ", line))

    def first(self) -> float:
        """Execute everything, and fill an empty cache."""
        shutil.rmtree(self.store, ignore_errors=True)
        taken, ran = self._build(expunge=True)
        assert "linux-sandbox" in ran and "remote cache hit" not in ran, ran
        return taken

    def second(self, *words: str, expunge: bool, latency: float = 0.0) -> float:
        """Execute nothing."""
        taken, ran = self._build("--remote_download_outputs=toplevel", *words, expunge=expunge, latency=latency)
        assert "linux-sandbox" not in ran and "remote cache hit" in ran, ran
        return taken

    def again(self) -> float:
        """Execute nothing, on a server that has done so several times."""
        return [self.second(expunge=False) for _ in range(4)][-1]

    def built(self) -> list[Path]:
        """Return what the last build made."""
        return [self.path / "bazel-bin" / artifact for artifact in self.artifacts]

    def transfer(self, *, wheels: bool) -> float:
        """Get the artifacts, and copy the wheels, with nothing else."""
        base = Path(self.bazel("info", "output_base").splitlines()[-1])
        copied = sorted(base.glob("external/*whl_*/*.whl")) if wheels else []
        with TemporaryDirectory(dir=self.store.parent) as name, http_cache(Path(name, "served")) as found:
            urls = [_put(found, file) for file in self.built()]
            return seconds(lambda: _get(urls, copied, Path(name)))


def _put(found: HttpCache, file: Path) -> str:
    """Let a cache have a file; return its URL."""
    path = f"/cas/{sha256(file)}"
    place = found.place(path)
    assert place
    place.parent.mkdir(parents=True)
    shutil.copy(file, place)
    return found.url + path


def _get(urls: Sequence[str], files: Sequence[Path], folder: Path) -> None:
    for number, url in enumerate(urls):
        with urllib.request.urlopen(url) as answer, (folder / str(number)).open("wb") as out:
            shutil.copyfileobj(answer, out, 1 << 20)
    for file in files:
        shutil.copy(file, folder)


def alone(folder: Path, engine: str, server: str) -> Machine:
    """Return a machine without rules."""
    names = [Path(artifact).name for artifact in ARTIFACTS]
    write_alone(folder, ROOT / LOCK, TAG, names)
    workspace = Workspace(folder, {**CONFIGURATIONS[engine], "BAZELW_STARTUP": ""})
    return Machine(
        path=folder,
        bazel=lambda *words: workspace.bazel(*words).stdout,
        targets=("//:training",),
        artifacts=names,
        server=server,
        store=folder.with_name("store_alone"),
    )


def rows(ours: Machine, bare: Machine) -> Mapping[str, Row]:
    """Return what is measured, by name."""

    def fill() -> float:
        for file in ours.built():
            shutil.copyfile(file, bare.path / "made" / file.name)
        return bare.first()

    far: Mapping[str, Row] = {
        "fetched before, 30 ms away": lambda: ours.second(expunge=False, latency=0.03),
        "fetched before, 30 ms away, --jobs=64": lambda: ours.second("--jobs=64", expunge=False, latency=0.03),
    }
    return {
        "first build": ours.first,
        "second machine": lambda: ours.second(expunge=True),
        "transfer: artifacts and wheels": lambda: ours.transfer(wheels=True),
        "second machine, fetched before": ours.again,
        "transfer: artifacts": lambda: ours.transfer(wheels=False),
        **(far if ours.server == "HTTP" else {}),
        "Bazel alone, its cache filled": fill,
        "Bazel alone, second machine": lambda: bare.second(expunge=True),
        "Bazel alone, fetched before": bare.again,
    }


def main(argv: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--server", choices=SERVERS, default=SERVERS[0])
    parser.add_argument("--engine", choices=CONFIGURATIONS, default=next(iter(CONFIGURATIONS)))
    options = parser.parse_args(argv)
    taken: dict[str, list[float]] = {}
    with (
        TemporaryDirectory(dir=ROOT.parent, prefix="bench_cache_") as name,
        first_user(options.engine, short_lived=False) as user,
    ):
        ours = Machine(
            path=user.checkout.path,
            bazel=user.bazel,
            targets=TARGETS,
            artifacts=ARTIFACTS,
            server=options.server,
            store=Path(name, "store"),
        )
        bare = alone(Path(name, "alone"), options.engine, options.server)
        for _ in range(options.runs):
            for row, act in rows(ours, bare).items():
                taken.setdefault(row, []).append(act())
                print(f"{row}: {taken[row][-1]:.2f} s", file=sys.stderr)
        for machine in (ours, bare):
            machine.bazel("clean", "--expunge")
    print(f"{options.engine}, {options.server}\n\n| what | runs | median s | min-max s |\n|---|---|---|---|")
    for row, all_runs in taken.items():
        spread = f"{min(all_runs):.2f}-{max(all_runs):.2f}"
        print(f"| {row} | {len(all_runs)} | {statistics.median(all_runs):.2f} | {spread} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
