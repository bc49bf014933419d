"""The benchmarks' profile: which step and which kind of work a sampled stack is."""

from __future__ import annotations

import pytest
from profiled import counted, kind_of, leaf_of, step_of

MAIN = "thread (7): MainThread;<module> (tools/run.py:29);main (tools/python_env/__main__.py:37)"
PEX = f"{MAIN};main (tools/python_env/artifacts/pex/cli.py:150)"
WORKER = "thread (8): pool;_bootstrap (threading.py:1);run (thread.py:58)"


@pytest.mark.parametrize(
    ("stack", "kind", "step"),
    [
        ("thread (7): MainThread;<module> (<frozen site>:1)", "starting Python", "starting Python"),
        (f"{MAIN};import_module (importlib/__init__.py:1)", "starting Python", "starting Python"),
        (f"{PEX};plan (tools/python_env/artifacts/install/plan.py:3)", "planning", "artifacts/install/plan.plan"),
        (f"{PEX};write (tools/python_env/artifacts/pex/write.py:3)", "writing", "artifacts/pex/write.write"),
        (
            f"{PEX};open_wheels (tools/python_env/artifacts/cli_inputs.py:3);pread (tools/python_env/base/zip.py:9)",
            "reading",
            "artifacts/cli_inputs.open_wheels",
        ),
        (
            f"{WORKER};digest (tools/python_env/artifacts/cli_inputs.py:9);file_digest (hashlib.py:5)",
            "hashing",
            "artifacts/cli_inputs.digest (threads)",
        ),
    ],
)
def test_a_stack_belongs_to_a_step_and_a_kind(stack: str, kind: str, step: str) -> None:
    """By what the tool's main calls, or what a thread was handed."""
    assert list(counted([f"{stack} 3"], kind_of)) == [kind]
    assert list(counted([f"{stack} 3"], step_of)) == [step]


def test_samples_are_summed_and_the_innermost_of_ours_is_named() -> None:
    """Stacks that differ in lines alone are one."""
    line = "write (tools/python_env/artifacts/pex/write.py:{});copyfile (shutil.py:9) 2"
    found = counted([f"{PEX};{line.format(3)}", f"{PEX};{line.format(4)}"], leaf_of)
    assert found == {"artifacts/pex/write.write > shutil.copyfile": 4}
