"""The document beside a bundled interpreter: what an archive turned out to hold (docs/formats/interpreter.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from python_env.base.documents import Reader, parse_document, render_document
from python_env.base.errors import Fault
from python_env.base.platforms import CPUS, LIBCS, Os, Platform

SCHEMA = 1
_KIND = "interpreter"
_FIX = "build the interpreter again; the document is written with it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """A relocatable CPython, as its own files state it."""

    archive: str
    """File name of the archive that it was taken from."""
    sha256: str
    """Hex digest of that archive."""
    version: str
    """`X.Y.Z`, or `X.Y` where the archive has no patchlevel.h."""
    os: Os
    cpus: tuple[str, ...]
    """Bazel's words, sorted; two in a universal binary of macOS."""
    libc: str
    """One of LIBCS."""
    floor: tuple[int, int]
    """Lowest glibc or macOS version that all its files run on; (0, 0) where they do not say."""
    needs: tuple[str, ...]
    """Shared libraries that it takes from the machine, libc's own among them; sorted."""
    node_libraries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of these, those beyond libc: to the modules that cannot be imported where one is missing."""
    links: Mapping[str, str]
    """Path to the relative target of a symbolic link."""

    @property
    def python(self) -> str:
        """Return `X.Y`."""
        return ".".join(self.version.split(".")[:2])


def render_interpreter(interpreter: Interpreter) -> bytes:
    """Return `<name>.interpreter.json`."""
    return render_document(
        {
            "archive": interpreter.archive,
            "cpus": list(interpreter.cpus),
            "floor": list(interpreter.floor),
            "kind": _KIND,
            "libc": interpreter.libc,
            "links": dict(interpreter.links),
            "needs": list(interpreter.needs),
            "node_libraries": {name: list(modules) for name, modules in interpreter.node_libraries.items()},
            "os": interpreter.os.value,
            "schema": SCHEMA,
            "sha256": interpreter.sha256,
            "version": interpreter.version,
        }
    )


def parse_interpreter(data: bytes, *, where: str) -> Interpreter:
    """Return the interpreter in `data`; raises ToolError when a field is missing, or has a value that none has."""
    document = parse_document(data, where=where, kind=_KIND, schema=SCHEMA, fix=_FIX)
    reader = Reader(where, _FIX)
    links = reader.take(document, "links", dict)
    libraries = reader.take(document, "node_libraries", dict)
    floor = reader.items(document, "floor", int)
    if len(floor) != 2:
        raise reader.error(f"expected two numbers, found {len(floor)}", "floor")
    cpus = reader.strings(document, "cpus")
    if not cpus or not CPUS.issuperset(cpus):
        raise reader.error(f"expected some of {', '.join(sorted(CPUS))}; found {list(cpus)}", "cpus")
    return Interpreter(
        archive=reader.text(document, "archive"),
        sha256=reader.text(document, "sha256"),
        version=reader.text(document, "version"),
        os=reader.choice(document, "os", Os),
        cpus=cpus,
        libc=reader.choice(document, "libc", LIBCS),
        floor=(floor[0], floor[1]),
        needs=reader.strings(document, "needs"),
        node_libraries={name: reader.strings(libraries, name, "node_libraries") for name in libraries},
        links={path: reader.text(links, path, "links") for path in links},
    )


def fit_faults(interpreter: Interpreter, platform: Platform, *, where: str) -> tuple[Fault, ...]:
    """Return everything in which an interpreter is not one of the platform that an environment is built for."""
    fix = f"name the archive of a {_wanted(platform)} as the interpreter for {platform.tag}, or none"
    misfits = _misfits(interpreter, platform)
    return tuple(Fault(f"the interpreter of {interpreter.archive} {what}", where, fix) for what in misfits)


def _wanted(platform: Platform) -> str:
    libc = f", {platform.libc} {_dotted(platform.floor)} or older" if platform.libc else ""
    release = f", macOS {_dotted(platform.floor)} or older" if platform.os is Os.MACOS else ""
    return f"CPython {platform.python_version} for {platform.os} {platform.cpu}{libc}{release}"


def _misfits(interpreter: Interpreter, platform: Platform) -> Iterator[str]:
    if interpreter.python != platform.python_version:
        yield f"is CPython {interpreter.version}, the environment is for {platform.python_version}"
    elif platform.abi != f"cp{platform.python[0]}{platform.python[1]}":
        yield f"is not free-threaded, the environment is for the ABI {platform.abi}"
    if interpreter.os is not platform.os:
        yield f"runs on {interpreter.os}, the environment is for {platform.os}"
        return
    wanted = {"x86_64", "aarch64"} if platform.cpu == "universal2" else {platform.cpu}
    if not wanted.issubset(interpreter.cpus):
        yield f"is built for {_words(interpreter.cpus)}, the environment is for {platform.cpu}"
    if interpreter.libc != platform.libc:
        yield f"needs {interpreter.libc or 'no libc (it is linked statically)'}, the environment is for {platform.libc}"
    elif interpreter.floor > platform.floor:
        what = platform.libc or "macOS"
        yield f"needs {what} {_dotted(interpreter.floor)}, the environment promises to run on {_dotted(platform.floor)}"


def _words(names: Iterable[str]) -> str:
    return " and ".join(names)


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
