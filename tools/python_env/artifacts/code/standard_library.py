"""The standard library's modules by CPython's minor version: what the target has, whatever runs the tool.

Platforms make no difference: as in `sys.stdlib_module_names`, modules of every system are listed, tests are not.
"""

from __future__ import annotations

from collections.abc import Set


def stdlib_modules(python: tuple[int, int]) -> Set[str]:
    """Return the top-level modules of a CPython; of one that is newer than the table, those of its last version."""
    modules = set(_FIRST.split())
    for minor, (added, removed) in _CHANGES.items():
        if (3, minor) <= python:
            modules = (modules | set(added.split())) - set(removed.split())
    return modules


# Below: written by tests/support/stdlib_table.py

_FIRST = """
__future__ _abc _ast _asyncio _bisect _blake2 _bootlocale _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp
_codecs_kr _codecs_tw _collections _collections_abc _compat_pickle _compression _contextvars _crypt _csv _ctypes _curses
_curses_panel _datetime _dbm _decimal _dummy_thread _elementtree _frozen_importlib _frozen_importlib_external _functools
_gdbm _hashlib _heapq _imp _io _json _locale _lsprof _lzma _markupbase _md5 _msi _multibytecodec _multiprocessing
_opcode _operator _osx_support _overlapped _pickle _posixsubprocess _py_abc _pydecimal _pyio _queue _random _scproxy
_sha1 _sha256 _sha3 _sha512 _signal _sitebuiltins _socket _sqlite3 _sre _ssl _stat _string _strptime _struct _symtable
_thread _threading_local _tkinter _tracemalloc _uuid _warnings _weakref _weakrefset _winapi abc aifc antigravity
argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii binhex bisect builtins bz2 cProfile
calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent configparser contextlib
contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest
dummy_threading email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch formatter fractions
ftplib functools gc genericpath getopt getpass gettext glob grp gzip hashlib heapq hmac html http idlelib imaplib imghdr
imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma macpath mailbox mailcap
marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers
opcode operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib
posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline
reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr
socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct
subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this
threading time timeit tkinter token tokenize trace traceback tracemalloc tty turtle turtledemo types typing unicodedata
unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile
zipimport zlib
"""
"""Of CPython 3.7."""

_CHANGES = {
    8: (
        "_posixshmem _statistics",
        "macpath",
    ),
    9: (
        "_aix_support _bootsubprocess _peg_parser _zoneinfo graphlib zoneinfo",
        "_dummy_thread dummy_threading",
    ),
    10: (
        "",
        "_bootlocale _peg_parser formatter parser symbol",
    ),
    11: (
        "_tokenize _typing tomllib",
        "binhex",
    ),
    12: (
        "_pydatetime _pylong _sha2",
        "_bootsubprocess _sha256 _sha512 asynchat asyncore distutils imp smtpd",
    ),
    13: (
        """
        _android_support _colorize _interpchannels _interpqueues _interpreters _ios_support _opcode_metadata _pyrepl
        _suggestions _sysconfig _wmi
        """,
        """
        _crypt _msi aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes
        sndhdr spwd sunau telnetlib uu xdrlib
        """,
    ),
    14: (
        "_apple_support _ast_unparse _hmac _py_warnings _remote_debugging _types _zstd annotationlib compression",
        "_compression",
    ),
}
"""Minor version to what it added and what it removed, in the order of versions."""
