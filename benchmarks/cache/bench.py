"""What a second machine pays where a cache has everything: examples/training, beside its first build.

    PYTHONPATH=tests:tools python3 benchmarks/cache/bench.py [--runs 3] [--server HTTP] [--engine "7.7.1 bzlmod"]

Takes turns, one run of each row and then the next. Both machines are a copy of this checkout on this one, with the
cache on its loopback. A first build starts without a server, without fetched repositories and with an empty cache; a
second machine starts so, too, with the cache that the first one filled; "fetched before" is after `bazel clean` alone.
Wheels come from Bazel's repository cache. `transfer` is what cannot be saved: a plain GET of the artifacts that are
wanted and, on a new machine, a plain copy of the wheels. Prints medians of wall seconds.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from support.bazel import CONFIGURATIONS, ROOT
from support.remote.casd import casd
from support.remote.http_cache import HttpCache, http_cache
from support.remote.users import User, first_user
from support.wheels import sha256

TARGETS = tuple(f"//examples/training:training_{kind}" for kind in ("pex", "venv", "launcher"))
ARTIFACTS = tuple(f"examples/training/training.{end}" for end in ("pex", "venv.tar.gz", "launcher.json"))
SERVERS = ("HTTP", "gRPC")
Row = Callable[[], float]


def seconds(act: Callable[[], object]) -> float:
    """Return how long something takes, in seconds of a wall clock."""
    start = time.monotonic()
    act()
    return time.monotonic() - start


@contextmanager
def cache(server: str, store: Path) -> Iterator[str]:
    """Give the URL of a server of either kind."""
    if server == "HTTP":
        with http_cache(store) as found:
            yield found.url
    else:
        with casd(store) as url:
            yield url


class Machine:
    """Somebody's checkout, its cache, and the rows that are measured there."""

    def __init__(self, user: User, server: str, store: Path) -> None:
        self.user, self.server, self.store = user, server, store

    def _build(self, *words: str, expunge: bool) -> tuple[float, str]:
        """Return the seconds of a build, and Bazel's own line about who ran its actions."""
        self.user.bazel("clean", *(["--expunge"] if expunge else []))
        said: list[str] = []
        with cache(self.server, self.store) as url:
            taken = seconds(lambda: said.append(self.user.bazel("build", f"--remote_cache={url}", *words, *TARGETS)))
        return taken, next(line for line in said[0].splitlines() if " processes: " in line)

    def first(self) -> float:
        """Execute everything, and fill an empty cache."""
        shutil.rmtree(self.store, ignore_errors=True)
        taken, ran = self._build(expunge=True)
        assert "linux-sandbox" in ran and "remote cache hit" not in ran, ran
        return taken

    def second(self, *, expunge: bool) -> float:
        """Execute nothing."""
        taken, ran = self._build("--remote_download_outputs=toplevel", expunge=expunge)
        assert "linux-sandbox" not in ran and "remote cache hit" in ran, ran
        return taken

    def transfer(self, *, wheels: bool) -> float:
        """Get the artifacts, and copy the wheels, with nothing else."""
        files = [self.user.checkout.path / "bazel-bin" / path for path in ARTIFACTS]
        base = Path(self.user.bazel("info", "output_base").splitlines()[-1])
        copied = sorted(base.glob("external/*whl_*/*.whl")) if wheels else []
        with TemporaryDirectory(dir=self.store.parent) as name, http_cache(Path(name, "served")) as found:
            urls = [_put(found, file) for file in files]
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


def rows(machine: Machine) -> Mapping[str, Row]:
    """Return what is measured, by name."""
    return {
        "first build": machine.first,
        "second machine": lambda: machine.second(expunge=True),
        "transfer: artifacts and wheels": lambda: machine.transfer(wheels=True),
        "second machine, fetched before": lambda: machine.second(expunge=False),
        "transfer: artifacts": lambda: machine.transfer(wheels=False),
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
        machine = Machine(user, options.server, Path(name, "store"))
        for _ in range(options.runs):
            for row, act in rows(machine).items():
                taken.setdefault(row, []).append(act())
                print(f"{row}: {taken[row][-1]:.2f} s", file=sys.stderr)
        user.bazel("clean", "--expunge")
    print(f"{options.engine}, {options.server}\n\n| what | runs | median s | min-max s |\n|---|---|---|---|")
    for row, all_runs in taken.items():
        spread = f"{min(all_runs):.2f}-{max(all_runs):.2f}"
        print(f"| {row} | {len(all_runs)} | {statistics.median(all_runs):.2f} | {spread} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
