"""The file that an archive is written to: under a temporary name, digested while it is written, renamed when whole."""

from __future__ import annotations

import collections
import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from python_env.base.archive.copying import copy_bytes, read_pieces

_BLOCK = 1 << 18
"""Bytes that are gathered before they are written and digested; a larger piece goes through as it is, uncopied."""

_MOST_AT_ONCE = 1 << 17
"""Bytes for one write(2): from 256 kB on, ext4 of Linux 6.18 takes three times the system time for the same file."""

_MOST_WAITING = 16
"""Blocks that may wait for the digest: the writer runs ahead of it, in bounded memory."""


class Output:
    """Gathers small writes; a second thread digests what the first one writes."""

    def __init__(self, path: Path) -> None:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        self._file = os.fdopen(handle, "wb", buffering=0)
        self.temporary = Path(name)
        self._pending: list[bytes] = []
        self._gathered = 0
        self._written = 0
        self._digest = hashlib.sha256()
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._digesting: collections.deque[Future[None]] = collections.deque()

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._written

    def write(self, *pieces: bytes) -> None:
        """Append bytes."""
        size = sum(map(len, pieces))
        self._written += size
        self._gathered += size
        self._pending += pieces
        if self._gathered >= _BLOCK:
            self._flush()

    def _flush(self) -> None:
        pending, self._pending, self._gathered = self._pending, [], 0
        last = pending.pop() if pending and len(pending[-1]) >= _BLOCK else b""
        for block in (b"".join(pending), last):
            if block:
                self._emit(block)

    def _emit(self, block: bytes) -> None:
        self._wait_for(self._pool.submit(self._digest.update, block))
        view = memoryview(block)
        while view:
            view = view[self._file.write(view[:_MOST_AT_ONCE]) :]

    def copy_file(self, path: Path, *, size: int) -> None:
        """Append a whole file of `size` bytes, which does not pass through this process where the system can copy.

        Raises OSError when the file is not of that size.
        """
        self._flush()
        self._wait_for(self._pool.submit(self._digest_file, path))
        with path.open("rb") as source:
            copied = copy_bytes(source, self._file)
        if copied != size:
            raise OSError(f"{path.name} changed while it was copied: {copied} bytes, expected {size}")
        self._written += size

    def _digest_file(self, path: Path) -> None:
        with path.open("rb", buffering=0) as file:
            for piece in read_pieces(file):
                self._digest.update(piece)

    def _wait_for(self, digesting: Future[None]) -> None:
        self._digesting.append(digesting)
        if len(self._digesting) > _MOST_WAITING:
            self._digesting.popleft().result()

    def finish(self) -> str:
        """Write what is left and return the sha256 (hex) of the whole file."""
        self._flush()
        while self._digesting:
            self._digesting.popleft().result()
        self.close()
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file and stop the digesting thread."""
        self._pool.shutdown(wait=True)
        self._file.close()


@contextlib.contextmanager
def open_output(path: Path, *, mode: int) -> Iterator[Output]:
    """Give an Output that becomes `path` when the block ends well, and vanishes when it does not.

    `mode` are the permission bits of the file. Raises what the block does, and OSError when the file cannot be written.
    """
    output = Output(path)
    try:
        yield output
        output.close()
        output.temporary.chmod(mode)
        output.temporary.replace(path)
    except BaseException:
        output.close()
        output.temporary.unlink(missing_ok=True)
        raise
