"""Asks this machine's pip for its indexes; run as a script by any Python that has pip, or ensurepip's wheel of it.

Prints one JSON object.

The default index is whatever pip is configured with, in the end pip's own constant: this project names no host.
"""

import importlib.util
import json
import sys
from pathlib import Path


def add_own_wheel() -> None:
    """Put the pip that CPython carries for ensurepip on `sys.path` where none is installed."""
    carried = importlib.util.find_spec("ensurepip")
    if not importlib.util.find_spec("pip") and carried and carried.origin:
        sys.path += sorted(str(path) for path in Path(carried.origin).parent.glob("_bundled/pip-*.whl"))


def main() -> None:
    """Print `{"cert": ..., "url": ..., "index-<alias>": ...}`; environment variables win over pip.conf, as in pip.

    `index-<alias>` are the places of other indexes, from the section `[python-env]` of pip.conf.
    """
    from pip._internal.configuration import Configuration
    from pip._internal.models.index import PyPI

    configuration = Configuration(isolated=False)
    configuration.load()
    values = dict(configuration.items())
    merged: dict[str, str] = {}
    for key, value in values.items():
        merged.update(value if isinstance(value, dict) else {key: value})

    def first(option: str) -> str:
        return next(
            (merged[key] for key in (f":env:.{option}", f"install.{option}", f"global.{option}") if key in merged), ""
        )

    section = "python-env."
    named = {key.removeprefix(section): merged[key] for key in sorted(merged) if key.startswith(section + "index-")}
    print(json.dumps({"cert": first("cert"), "url": first("index-url") or PyPI.simple_url, **named}))


add_own_wheel()
main()
