"""Whether the target's CPython can start a zipapp of that size: what its zipimport reads, as it was run.

CPython 3.8 to 3.12 read no zip64 record and say "can't find '__main__' module": from 65 535 members or 4 GiB on.
3.13 reads both. Between 2 and 4 GiB all of them start ours: only zips of Python's own zipfile have zip64 from 2 GiB.
"""

from __future__ import annotations

from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform

_READS_ZIP64 = (3, 13)
_ZIP64_SIZE = 0xFFFFFFFF
_ZIP64_MEMBERS = 0xFFFF
_MUCH = 1 << 31
_GIB = 1 << 30
_FIX = 'set layout = "packed": the cluster unpacks it; or ship the venv'


def check_size(platform: Platform, *, size: int, members: int, where: str) -> tuple[Fault, ...]:
    """Return what is to be warned of about a zipapp of `size` bytes and so many members.

    Raises ToolError when the target's CPython cannot start it.
    """
    large = f"{size / _GIB:.1f} GiB" if size >= _MUCH else ""
    many = f"{members} files" if members >= _ZIP64_MEMBERS else ""
    what = "the PEX has " + " and ".join(part for part in (large, many) if part)
    if (size >= _ZIP64_SIZE or many) and platform.python < _READS_ZIP64:
        what += f": CPython {platform.python_version} does not find __main__ in a zip from 4 GiB or 65535 files on"
        raise ToolError.one(what, where=where, fix=_FIX)
    if large or many:
        what += f": CPython {platform.python_version} starts it, other readers of zips may not"
        return (Fault(what, where, _FIX),)
    return ()


def render_warning(fault: Fault) -> str:
    """Return a warning as the three lines that a person reads."""
    return fault.render().replace("error: ", "warning: ", 1)
