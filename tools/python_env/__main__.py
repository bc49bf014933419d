"""Runs one stage: `python_env STAGE COMMAND ARGS`. Bad input exits 2 with three parts, a bug of ours 70."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Sequence

from python_env.base.errors import EXIT_BAD_INPUT, EXIT_BUG, EXIT_INTERRUPTED, Fault, ToolError

COMMANDS = {
    "lock update": "python_env.lock.update.cli",
    "lock resolvers": "python_env.lock.comparison.cli",
    "lock test": "python_env.lock.freshness.cli",
    "lock export": "python_env.lock.export.cli",
    "wheels build": "python_env.wheels.build.cli",
    "wheels check": "python_env.wheels.check.cli",
    "wheels program": "python_env.wheels.cli",
    "wheels runtime": "python_env.wheels.runtime_wheel",
    "env closure": "python_env.env.cli",
    "artifacts code": "python_env.artifacts.code.cli",
    "artifacts compile": "python_env.artifacts.compiled.cli",
    "artifacts imports": "python_env.artifacts.code.imports_cli",
    "artifacts interpreter": "python_env.artifacts.interpreter.cli",
    "artifacts library": "python_env.artifacts.compiled.library_cli",
    "artifacts pex": "python_env.artifacts.pex.cli",
    "artifacts venv": "python_env.artifacts.venv.cli",
    "artifacts wheelhouse": "python_env.artifacts.wheelhouse.cli",
    "launcher write": "python_env.launcher.cli",
    "deploy client": "python_env.deploy.client_cli",
    "deploy upload": "python_env.deploy.cli",
    "deploy channel": "python_env.deploy.channels_cli",
    "deploy gc": "python_env.deploy.collect_cli",
    "deploy submit": "python_env.deploy.submit_cli",
    "deploy target": "python_env.deploy.target_cli",
    "doctor": "python_env.doctor.cli",
}
"""Each command's module; it has `main(argv) -> int` and is imported only when it is asked for."""


def main(argv: Sequence[str]) -> int:
    """Run the command named by the first one or two words of `argv` and return the process's exit code."""
    words = 1 if argv and argv[0] in COMMANDS else 2
    module = COMMANDS.get(" ".join(argv[:words]))
    if module is None:
        what = f"there is no command {' '.join(argv[:words])!r}" if argv else "no command is named"
        fix = f"python_env COMMAND ..., where COMMAND is one of {', '.join(sorted(COMMANDS))}"
        print(Fault(what, "command line", fix).render(), file=sys.stderr)
        return EXIT_BAD_INPUT
    try:
        return int(importlib.import_module(module).main(argv[words:]))
    except ToolError as error:
        print(error.render(), file=sys.stderr)
        return EXIT_BAD_INPUT
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception:  # the one place where a bug of ours ends: its traceback is the report
        traceback.print_exc()
        return EXIT_BUG


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
