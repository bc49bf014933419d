"""Files of which some bytes were changed: a verdict, or "cannot be read", never a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from python_env.__main__ import main
from support.broken_artifacts import sound

_ENDS = (0, 1, 2)


@pytest.mark.parametrize("seed", range(3))
def test_changed_bytes_never_end_in_a_traceback(tmp_path: Path, capfd: pytest.CaptureFixture[str], seed: int) -> None:
    """Each sound archive a few dozen times, with one to five bytes of another value, or cut."""
    chance = random.Random(seed)
    codes = set()
    for path in sound(tmp_path):
        whole = path.read_bytes()
        for _ in range(25):
            data = bytearray(whole)
            for _ in range(chance.choice((1, 2, 5))):
                data[chance.randrange(len(data))] = chance.randrange(256)
            path.write_bytes(data[: chance.choice((len(data), len(data), chance.randrange(len(data))))])
            code = main(["doctor", str(path), "--platform", "cp311-manylinux_2_28_x86_64", "--spark", "3.5"])
            codes.add(code)
            assert code in _ENDS, capfd.readouterr().err
    assert codes == set(_ENDS)
