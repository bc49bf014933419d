"""pip's options for one question. Imported in the child process only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from python_env.base.resolving import Prereleases


def pip_words(question: Mapping[str, Any]) -> list[str]:
    """Return pip's options: all that could come from the host is stated."""
    cut = question["exclude_newer"]
    release = {Prereleases.ALLOW: ["--all-releases", ":all:"], Prereleases.DISALLOW: ["--only-final", ":all:"]}
    certificates = os.environ.get("SSL_CERT_FILE")
    return [
        *("--isolated", "--no-input", "--disable-pip-version-check", "--no-color", "--keyring-provider", "disabled"),
        *("--index-url", question["index"], "--only-binary", ":all:", "--retries", "3", "--timeout", "60"),
        *("--cache-dir", str(Path(question["cache"], "pip"))),
        *(["--uploaded-prior-to", f"{cut}T00:00:00Z"] if cut else []),
        *(["--cert", certificates] if certificates else []),
        *release.get(Prereleases(question["prereleases"]), []),
    ]
