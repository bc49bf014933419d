"""The determinism matrix catches writers that are not stable, and names what differs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.determinism.inputs import hard_links, of_another_clock, of_many_modes, regular_files, symbolic_links
from support.determinism.matrix import Matrix, digests_of
from support.determinism.running import Job, run_matrix
from support.determinism.variations import Variation

PLAIN = Variation(name="plain")
STABLE = "out.write_bytes(b''.join(sorted(open(name, 'rb').read() for name in names)))"
UNSTABLE = {
    "the order of arguments": (
        "out.write_bytes(b''.join(open(name, 'rb').read() for name in names))",
        Variation(name="varied", reverse=True),
        "out: content at byte 0: b'one\\ntwo\\n' | b'two\\none\\n'",
    ),
    "the clock": (
        "import time; out.write_text(str(time.time_ns()))",
        Variation(name="varied"),
        "out: content at byte ",
    ),
    "the time zone": (
        "import time; out.write_text(time.strftime('%H', time.localtime(0)))",
        Variation(name="varied", environment={"TZ": "XXX-14"}),
        "out: content at byte 0: b'00' | b'14'",
    ),
    "the locale": (
        "out.write_text('\\u00fc', errors='replace')",
        Variation(name="varied", options=("-I", "-S", "-X", "utf8=0")),
        "out: content at byte 0: b'\\xc3\\xbc' | b'?'",
    ),
    "the order of a set": (
        "out.write_text(' '.join({str(n) for n in range(99)}))",
        Variation(name="varied", options=("-s", "-S"), environment={"PYTHONHASHSEED": "7"}),
        "out: content at byte ",
    ),
    "the umask": ("out.write_text('')", Variation(name="varied", umask=0o077), "out: mode: 644 | 600"),
    "modes of inputs": (
        "import os; out.write_text(oct(os.stat(names[0]).st_mode))",
        Variation(name="varied", inputs=of_many_modes),
        "out: content at byte ",
    ),
    "clocks of inputs": (
        "import os; out.write_text(str(int(os.stat(names[0]).st_mtime)))",
        Variation(name="varied", inputs=of_another_clock),
        "out: content at byte ",
    ),
    "hard links": (
        "import os; out.write_text(str(os.stat(names[0]).st_nlink))",
        Variation(name="varied", inputs=hard_links),
        "out: content at byte 0: b'1' | b'2'",
    ),
    "symbolic links": (
        "import os; out.write_text(str(os.path.islink(names[0])))",
        Variation(name="varied", inputs=symbolic_links),
        "out: content at byte 0: b'False' | b'True'",
    ),
    "absolute paths": (
        "out.write_text(names[0][:1])",
        Variation(name="varied", absolute=True),
        "out: content at byte 0: b'i' | b'/'",
    ),
    "read-only folders": (
        "import os; out.write_text(oct(os.stat('in').st_mode)[-3:])",
        Variation(name="varied", inputs=regular_files, read_only=True),
        "out: content at byte 0: b'755' | b'555'",
    ),
    "a variable": (
        "import os; out.write_text(os.environ.get('SOURCE_DATE_EPOCH', ''))",
        Variation(name="varied", environment={"SOURCE_DATE_EPOCH": "1"}),
        "out: content at byte 0: ends | b'1'",
    ),
    "the processors": (
        "import os; out.write_text(str(len(os.sched_getaffinity(0))))",
        Variation(name="varied", prefix=("taskset", "-c", "0")),
        "out: content at byte 0: ",
    ),
}
"""What a writer lets in, its code, the variation that shows it, and the difference that is named."""


def matrix_of(folder: Path, code: str, *variations: Variation) -> Matrix:
    """Return the matrix of a writer of one file, from two input files."""
    folder.chmod(0o755)
    (folder / "inputs").mkdir()
    (folder / "inputs").chmod(0o755)
    for name in ("one", "two"):
        (folder / "inputs" / name).write_text(f"{name}\n")
        (folder / "inputs" / name).chmod(0o644)
    program = folder / "program" / "run.py"
    program.parent.mkdir()
    program.write_text(f"import pathlib, sys\n*names, out = sys.argv[1:]\nout = pathlib.Path(out)\n{code}\n")

    def commands(inputs: Path, out: Path, reverse: bool) -> Iterator[list[str]]:
        names = sorted(str(path) for path in inputs.iterdir())
        yield [*sorted(names, reverse=reverse), str(out / "out")]

    matrix = Matrix({"file": ["out"]})
    run_matrix(matrix, Job(commands=commands, inputs=folder / "inputs", program=program), variations, folder)
    return matrix


@pytest.mark.parametrize("name", UNSTABLE)
def test_an_unstable_writer_is_caught(tmp_path: Path, name: str) -> None:
    """Each variation shows the writer that lets it in, and the difference is named; the stable one passes."""
    code, variation, said = UNSTABLE[name]
    if name == "the processors" and len(os.sched_getaffinity(0)) == 1:
        pytest.skip("this machine has one processor")
    [difference] = matrix_of(tmp_path, code, PLAIN, variation).differences
    assert difference.startswith(f"varied: out: : {said.removeprefix('out: ')}"), difference


def test_a_stable_writer_passes(tmp_path: Path) -> None:
    """Under all of these variations at once, several at the same time."""
    varied = [
        Variation(name="at the same time", copies=3),
        *(replace(each, name=name) for name, (_, each, _) in UNSTABLE.items() if each.umask == 0o022),
    ]
    matrix = matrix_of(tmp_path, STABLE, PLAIN, *varied)
    assert matrix.differences == []
    assert {row["file"] for row in matrix.rows.values()} == {hashlib.sha256(b"one\ntwo\n").hexdigest()}
    assert len(matrix.rows) == len([PLAIN, *varied]) + 2, "two more copies"


def test_the_table_has_a_row_for_each_variation(tmp_path: Path) -> None:
    """Copies have rows of their own; what cannot be run says why; nothing is left in the folder."""
    absent = Variation(name="absent", why_not="needs root")
    matrix = matrix_of(tmp_path, STABLE, PLAIN, Variation(name="twice", copies=2), absent)
    digest = matrix.rows["plain"]["file"][:12]
    assert matrix.markdown().splitlines() == [
        "| variation | file |",
        "|---|---|",
        f"| plain | `{digest}` |",
        f"| twice | `{digest}` |",
        f"| twice (1) | `{digest}` |",
        "| absent | not run: needs root |",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inputs", "program"]


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    """With its output: as a difference, and as an error where there is nothing to compare with."""
    code = "import os\nif 'TZ' in os.environ: sys.exit('no luck')\nout.write_text('')"
    varied = Variation(name="varied", environment={"TZ": "UTC"})
    matrix = matrix_of(tmp_path, code, PLAIN, varied, Variation(name="third"))
    assert [line.split(":")[0] for line in matrix.differences] == ["varied"] and "no luck" in matrix.differences[0]
    assert [*matrix.rows] == ["plain", "third"]
    with pytest.raises(AssertionError, match=r"varied: .*no luck"):
        matrix_of(tmp_path / "inputs", code, varied)


def test_a_folder_has_a_digest_of_names_modes_and_links(tmp_path: Path) -> None:
    """Any of them changes it."""
    found = set()
    (tmp_path / "x").mkdir()
    for change in (
        lambda: (tmp_path / "x/a").write_text("a"),
        lambda: (tmp_path / "x/a").chmod(0o700),
        lambda: (tmp_path / "x/a").rename(tmp_path / "x/b"),
        lambda: (tmp_path / "x/l").symlink_to("b"),
        lambda: (tmp_path / "x").chmod(0o711),
    ):
        change()
        found.add(digests_of([tmp_path / "x"]))
    assert len(found) == 5
