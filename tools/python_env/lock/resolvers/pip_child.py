"""The process that the pip-tools adapter starts: `python -I -S pip_child.py PATH...`, JSON in, JSON out.

PATHs come first on `sys.path`: pip, pip-tools and click, then the tools and packaging. pip's internals are patched for
one platform, which is why every question has a process of its own; pip's version is locked in tools.lock.json.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Answer the question on standard input; what pip prints goes to standard error."""
    sys.path[:0] = sys.argv[1:]
    answer, sys.stdout = sys.stdout, sys.stderr
    from python_env.lock.resolvers.pip_answer import answered

    json.dump(answered(json.load(sys.stdin)), answer, sort_keys=True)


if __name__ == "__main__":
    main()
