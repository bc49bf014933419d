"""Starts the tools on a bare interpreter: `python -I -S run.py [--path DIRECTORY_OR_WHEEL]... STAGE COMMAND ARGS`.

-I and -S keep the host's site-packages, user site, PYTHON* variables and .pth hooks out. What the tools import are
the folder of this file and the wheels that `--path` names, used as they are: pure wheels are importable zip files.
"""

import os
import sys


def use_utf8() -> None:
    """Start anew in Python's UTF-8 mode where the locale has another encoding: names in locks and wheels are UTF-8."""
    if sys.getfilesystemencoding() != "utf-8" and "utf8" not in sys._xoptions:
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def main() -> int:
    """Put the tools and their wheels on `sys.path`, then run the command that the arguments name."""
    argv = sys.argv[1:]
    paths = []
    while argv[:1] == ["--path"]:
        paths.append(argv[1])
        argv = argv[2:]
    sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), *paths]
    sys.dont_write_bytecode = True
    from python_env.__main__ import main as run

    return run(argv)


if __name__ == "__main__":
    use_utf8()
    sys.exit(main())
