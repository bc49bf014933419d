"""The file that an archive is written to: under a temporary name, digested while it is written, renamed when whole."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

_BUFFER = 1 << 20
"""Bytes that are gathered before they are written and digested."""


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
        self._digesting: Future[None] | None = None

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._written

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._pending.append(data)
        self._gathered += len(data)
        self._written += len(data)
        if self._gathered >= _BUFFER:
            self._flush()

    def _flush(self) -> None:
        block = b"".join(self._pending)
        self._pending, self._gathered = [], 0
        if self._digesting is not None:
            self._digesting.result()
        self._digesting = self._pool.submit(self._digest.update, block)
        view = memoryview(block)
        while view:
            view = view[self._file.write(view) :]

    def finish(self) -> str:
        """Write what is left and return the sha256 (hex) of the whole file."""
        self._flush()
        self.close()
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file and stop the digesting thread."""
        self._pool.shutdown(wait=True)
        self._file.close()


@contextlib.contextmanager
def open_output(path: Path, *, mode: int) -> Iterator[Output]:
    """Give an Output that becomes `path` when the block ends well, and vanishes when it does not."""
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
