"""Who we are to an index: the URL's own user, a credential helper, or netrc. None of it is printed or written."""

from __future__ import annotations

import base64
import json
import netrc
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from python_env.base.errors import ToolError
from python_env.lock.indexes.places import origin

HELPER = "PYTHON_ENV_CREDENTIAL_HELPER"
"""Variable: a program that speaks Bazel's credential helper protocol, the one that --credential_helper names."""

_HELPER_SECONDS = 30


def netrc_path(environ: Mapping[str, str]) -> Path:
    """Return the netrc file of this machine's user, whether it is there or not."""
    if environ.get("NETRC"):
        return Path(environ["NETRC"])
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or "~").expanduser()
    windows = home / "_netrc"
    return windows if windows.exists() and not (home / ".netrc").exists() else home / ".netrc"


@dataclass(slots=True)
class Credentials:
    """Gives the Authorization header of a URL."""

    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    known: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    """By origin, user and password that stand in the URL of an index."""
    _helped: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def headers(self, url: str) -> dict[str, str]:
        """Return the headers that a request for the URL needs.

        Raises ToolError when netrc or the helper cannot be read.
        """
        if self.environ.get(HELPER):
            helped = self._ask_helper(origin(url))
            if helped:
                return helped
        pair = self.known.get(origin(url)) or self._netrc(urlsplit(url).hostname or "")
        if not pair:
            return {}
        token = base64.b64encode(":".join(pair).encode()).decode()
        return {"Authorization": f"Basic {token}"}

    def _netrc(self, host: str) -> tuple[str, str] | None:
        path = netrc_path(self.environ)
        try:
            found = netrc.netrc(str(path)).authenticators(host)
        except FileNotFoundError:
            return None
        except (OSError, netrc.NetrcParseError, UnicodeDecodeError) as error:
            # the parser's message may quote the file
            raise ToolError.one(
                f"netrc cannot be read ({type(error).__name__})",
                where=str(path),
                fix="mend the file: machine <host> login <user> password <password>; only you may read it (chmod 600)",
            ) from None
        return (found[0], found[2]) if found else None

    def _ask_helper(self, of: str) -> dict[str, str]:
        """Return what the helper says of an origin, once."""
        with self._lock:
            if of not in self._helped:
                self._helped[of] = _run_helper(self.environ[HELPER], of)
            return self._helped[of]


def _run_helper(program: str, of: str) -> dict[str, str]:
    """Return the headers of a helper's answer; its protocol is `get`, {"uri": …} -> {"headers": {name: [value]}}."""
    try:
        done = subprocess.run(
            [program, "get"], input=json.dumps({"uri": f"{of}/"}), capture_output=True, text=True, check=True,
            timeout=_HELPER_SECONDS,
        )  # fmt: skip
        answer = json.loads(done.stdout or "{}")
        return {name: values[0] for name, values in (answer.get("headers") or {}).items()}
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, AttributeError) as error:
        raise ToolError.one(
            f"the credential helper failed ({type(error).__name__})",
            where=HELPER,
            fix=f'run it by hand: echo \'{{"uri": "https://<host>/"}}\' | {program} get',
        ) from None
