"""The process that the pip-tools adapter starts: `python -I -S pip_child.py PATH...`, a line of JSON in, one out.

PATHs come first on `sys.path`: pip, pip-tools and click, then the tools and packaging. pip's internals are patched for
one platform, which is why every question has a process of its own; pip's version is locked in tools.lock.json.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def main() -> None:
    """Answer the question on standard input; what pip prints goes to standard error."""
    sys.path[:0] = sys.argv[1:]
    out, sys.stdout = sys.stdout, sys.stderr
    from python_env.lock.resolvers.pip_answer import answered

    def say(document: dict[str, Any]) -> None:
        out.write(json.dumps(document, sort_keys=True) + "\n")
        out.flush()

    def ask(document: dict[str, Any]) -> dict[str, Any]:
        say(document)
        reply: dict[str, Any] = json.loads(sys.stdin.readline())
        return reply

    say(answered(json.loads(sys.stdin.readline()), ask))


if __name__ == "__main__":
    main()
