"""One source to one `.pyc` that is never compared with its source again (PEP 552, unchecked hash).

What `marshal` writes depends on the process: an object with a second reference gets a flag, equal constants are one
object or two, and texts are interned, by what was compiled and imported before (github.com/python/cpython/issues/78274,
/129724). So every text is interned here, and every other constant made one with its equals and held, before it is
written.
"""

from __future__ import annotations

import importlib.util
import marshal
import struct
import sys
import warnings
from collections.abc import Hashable
from types import CodeType
from typing import Any

from python_env.base.errors import ToolError
from python_env.base.platforms import Platform

MAGICS = {(3, 11): 3495, (3, 12): 3531, (3, 13): 3571, (3, 14): 3627}
"""Magic number of every released CPython by its minor version (Include/internal/pycore_magic_number.h)."""

_UNCHECKED_HASH = struct.pack("<L", 0b01)
_NO_CODE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
"""What `compile` raises for a text that is no code of this version: a template, Python 2, NUL, another encoding."""


def check_magic(platform: Platform, *, where: str) -> None:
    """Raise ToolError when the interpreter that runs this does not compile for the platform's."""
    found = struct.unpack("<H", importlib.util.MAGIC_NUMBER[:2])[0]
    expected = MAGICS.get(platform.python)
    if found == expected:
        return
    needed = f"magic number {expected}" if expected else "a magic number that these rules do not know"
    raise ToolError.one(
        f"CPython {sys.version.split()[0]} runs the tools, whose compiled files have magic number {found}; those of "
        f"CPython {platform.python_version} have {needed}",
        where=where,
        fix=f"run the tools on a CPython {platform.python_version} (toolchain //rules/toolchain:exec_type), or do "
        "without compile = True",
    )


def compile_source(data: bytes, path: str) -> bytes | None:
    """Return the `.pyc` of a source, or None for a text that is no code.

    `path` is relative to the venv and stands in the code until it is imported, which puts the real one there.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(data, path, "exec", dont_inherit=True, optimize=0)
    except _NO_CODE:
        return None
    body = marshal.dumps(_settled(code, {}))
    return importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(data) + body


def _settled(value: Any, held: dict[Hashable, Any]) -> Any:
    """Return an equal constant, the same object for all equal ones; `held` has them by their keys."""
    if type(value) is str:
        return sys.intern(value)
    key = _key(value)
    if key not in held:
        held[key] = _rebuilt(value, held)
    return held[key]


def _key(value: Any) -> Hashable:
    """Return what only equal constants of one type share: neither 1, 1.0 and True do, nor 0.0 and -0.0."""
    kind = type(value)
    if kind in (tuple, frozenset):
        return kind, kind(map(_key, value))
    if kind is CodeType:
        return kind, id(value)
    if kind in (str, bytes, int):
        return kind, value
    return kind, repr(value)


def _rebuilt(value: Any, held: dict[Hashable, Any]) -> Any:
    if isinstance(value, CodeType):
        return value.replace(
            co_consts=_settled(value.co_consts, held),
            co_exceptiontable=_settled(value.co_exceptiontable, held),
            co_filename=sys.intern(value.co_filename),
            co_linetable=_settled(value.co_linetable, held),
            co_name=sys.intern(value.co_name),
            co_names=_settled(value.co_names, held),
            co_qualname=sys.intern(value.co_qualname),
        )
    if type(value) in (tuple, frozenset):
        return type(value)(_settled(each, held) for each in value)
    return value
