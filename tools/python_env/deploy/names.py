"""The names of what is deployed: the digest stands in the file name, and the suffix makes clusters unpack it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from python_env.base.archive.paths import is_list_name
from python_env.base.errors import ToolError

DIGEST_LENGTH = 16
"""Hexadecimal digits of the SHA-256 in a file name; the whole digest stands in the metadata beside the file."""

SUFFIXES = (".tar.gz", ".pex.zip", ".pex", ".zip", ".tgz", ".whl")
"""What Spark, YARN and PEX look at; longer ones first, so that `.pex.zip` is kept whole."""

MARKER = "gc.json"
"""What is being collected."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_DEPLOYED = re.compile(rf"(?P<stem>.+)-(?P<digest>[0-9a-f]{{{DIGEST_LENGTH}}})(?P<suffix>\.[a-z.]+)")
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_PART = re.compile(r"\.(?P<file>.+)\.[0-9a-f]+\.part")


@dataclass(frozen=True, slots=True)
class DeployedName:
    """`<stem>-<digest><suffix>`."""

    stem: str
    digest: str
    suffix: str

    @property
    def original(self) -> str:
        """Return the file's name before it was deployed."""
        return f"{self.stem}{self.suffix}"


def deployed_name(file: str, sha256: str) -> str:
    """Return the name under which the file of that digest is deployed.

    Raises ToolError when no cluster would unpack it by its suffix, or when the name cannot stand in a URI.
    """
    suffix = next((suffix for suffix in SUFFIXES if file.endswith(suffix) and len(file) > len(suffix)), "")
    if not suffix or not is_list_name(file):
        raise ToolError.one(
            f"{file!r} is not the name of an archive that a cluster reads",
            where=file,
            fix=f"give the artifact a name of letters and digits that ends in one of {', '.join(SUFFIXES)}",
        )
    if not _SHA256.fullmatch(sha256):
        raise ToolError.one(f"{sha256!r} is no SHA-256", where=file, fix="build the artifact again")
    return f"{file.removesuffix(suffix)}-{sha256[:DIGEST_LENGTH]}{suffix}"


def parse_deployed(name: str) -> DeployedName | None:
    """Return the parts of a deployed file's name, or None for any other file."""
    found = _DEPLOYED.fullmatch(name)
    if found is None or found["suffix"] not in SUFFIXES:
        return None
    return DeployedName(found["stem"], found["digest"], found["suffix"])


def metadata_name(file: str) -> str:
    """Return the name of the metadata beside a deployed file."""
    return f"{file}.json"


def temporary_name(file: str, unique: str) -> str:
    """Return a hidden name in the same folder; `unique` is hexadecimal and differs from run to run."""
    return f".{file}.{unique}.part"


def temporary_of(name: str) -> str:
    """Return the file that a temporary name was made for, empty for any other name: others, too, hide their parts."""
    found = _PART.fullmatch(name)
    file = found["file"] if found else ""
    return file if file == MARKER or parse_deployed(file.removesuffix(".json")) else ""


def is_part_of_document(name: str) -> bool:
    """Return whether a name in a folder of receipts or channels, which is ours alone, is a temporary one."""
    found = _PART.fullmatch(name)
    return found is not None and found["file"].endswith(".json")


def check_channel(channel: str) -> str:
    """Return the channel's name; raises ToolError when it cannot be a file's name."""
    if not _CHANNEL.fullmatch(channel):
        raise ToolError.one(
            f"{channel!r} is no name of a channel",
            where="--channel",
            fix="use lower-case letters, digits, '.', '_' and '-', e.g. latest, candidate or stable",
        )
    return channel


def channel_path(original: str, platform: str, channel: str) -> str:
    """Return where a channel's pointer lies, below the place; each platform of an environment has its own.

    Raises ToolError for a file or platform that is no name, and would lead elsewhere.
    """
    for option, name in (("--file", original), ("--platform", platform)):
        if not is_list_name(name):
            fix = "name the artifact's file and platform tag, as its report has them"
            raise ToolError.one(f"{name!r} is no name", where=option, fix=fix)
    return f"channels/{original}/{platform}/{channel}.json"


def receipt_path(file: str, unique: str) -> str:
    """Return where a receipt lies, below the place."""
    return f"receipts/{file}/{unique}.json"
