"""First-party code of a PEX: says what it was started with."""

import json
import os
import sys


def main() -> None:
    """Print arguments, variables and prefix."""
    variables = {name: os.environ.get(name) for name in ("GREETING", "PEX_X")}
    print(json.dumps({"arguments": sys.argv[1:], "prefix": sys.prefix, "variables": variables}))
