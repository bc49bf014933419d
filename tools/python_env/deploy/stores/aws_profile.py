"""AWS' shared files: the part of its chain of credentials that obstore does not read.

https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html. Variables win over the files, as in AWS' own chain;
single sign-on and assumed roles are left to `aws configure export-credentials`, which prints variables.
"""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from pathlib import Path

from python_env.base.errors import ToolError

_CHOSEN = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_SKIP_SIGNATURE",
)
"""Variables by which obstore finds credentials itself."""
_KEYS = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "token",
}
"""Names of the files to obstore's."""


def profile_settings(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return obstore's settings that AWS' files give; none where variables say it, or there are no files.

    Raises ToolError for a profile that was asked for and is not there or has no keys.
    """
    asked = environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or ""
    name = asked or "default"
    files = _files(environment, home)
    found = {key: value for path, section in _sections(files, name) for key, value in _read(path, section).items()}
    settings = {} if _says_region(environment) else {"region": found["region"]} if "region" in found else {}
    if any(environment.get(each) for each in _CHOSEN):
        return settings
    keys = {_KEYS[key]: found[key] for key in _KEYS if key in found}
    if asked and not {"access_key_id", "secret_access_key"} <= keys.keys():
        raise ToolError.one(
            f"the profile {asked!r} has no keys",
            where=f"AWS_PROFILE, {' and '.join(map(str, files))}",
            fix=f'run eval "$(aws configure export-credentials --profile {asked} --format env)" before',
        )
    return {**settings, **keys}


def _files(environment: Mapping[str, str], home: Path) -> tuple[Path, Path]:
    config = environment.get("AWS_CONFIG_FILE", "")
    credentials = environment.get("AWS_SHARED_CREDENTIALS_FILE", "")
    return (
        Path(config).expanduser() if config else home / ".aws" / "config",
        Path(credentials).expanduser() if credentials else home / ".aws" / "credentials",
    )


def _sections(files: tuple[Path, Path], name: str) -> list[tuple[Path, str]]:
    """Return where a profile stands; what the credentials file says wins."""
    return [(files[0], name if name == "default" else f"profile {name}"), (files[1], name)]


def _read(path: Path, section: str) -> dict[str, str]:
    parser = configparser.RawConfigParser(default_section="\n", strict=False)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=path.name)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, configparser.Error):  # its message repeats a line of the file: no part of it is said
        raise ToolError.one("cannot be read", where=str(path), fix="mend it, or set the AWS_ variables") from None
    return dict(parser[section]) if parser.has_section(section) else {}


def _says_region(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"))
