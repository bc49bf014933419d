"""Cases of the Starlark that decides which archives run the tools."""

load("//rules/toolchain:interpreter_platform.bzl", "machine_fault", "parse_platform")  # buildifier: disable=bzl-visibility
load("//rules/toolchain:interpreter_releases.bzl", "ARCHIVES")  # buildifier: disable=bzl-visibility
load("//rules/toolchain:toolchain_choice.bzl", "chosen_toolchains")  # buildifier: disable=bzl-visibility
load("//rules/toolchain:toolchain_rows.bzl", "declared_archives", "toolchain_rows")  # buildifier: disable=bzl-visibility

_LINUX = "x86_64-unknown-linux-gnu"
_MUSL = "x86_64-unknown-linux-musl"
_OWN = {"python_version": "3.13.5", "sha256": "1" * 64, "strip_prefix": "", "urls": ["https://mirror/a%2Bb.zip?x#y"]}
_ELF = "\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\003\000"

def _constraints(platform):
    return " ".join([label.split(":")[1] for label in parse_platform(platform).constraints])

def found_platforms():
    """Says what platforms and programs are taken for.

    Returns:
      A dict of case to text.
    """
    linux = parse_platform(_LINUX)
    return {
        "another cpu": machine_fault(_ELF + "\267\000", linux),
        "another libc": machine_fault(_ELF + ">\000/lib/ld-musl-x86_64.so.1", linux),
        "big-endian": machine_fault(_ELF + "\000\026", parse_platform("s390x-unknown-linux-gnu")),
        "fits": machine_fault(_ELF + ">\000/lib64/ld-linux-x86-64.so.2", linux),
        "mac": machine_fault("\317\372\355\376\014\000\000\001", parse_platform("aarch64-apple-darwin")),
        "no program": machine_fault("#!/bin/sh", linux),
        "of the table": ", ".join([_constraints(platform) for platform in ARCHIVES["3.11.15"]]),
        "static": machine_fault(_ELF + ">\000", parse_platform("x86_64-unknown-linux-musl")),
        "universal": machine_fault("\312\376\272\276", parse_platform("x86_64-apple-darwin")),
        "unknown": " ".join([text for text in ["linux-x86_64", "x86_64", "sparc-unknown-linux-gnu"] if parse_platform(text)]),
        "windows": machine_fault("MZ" + "\000" * 60 + "PE\000\000d\206", parse_platform("aarch64-pc-windows-msvc")),
    }

def _faults(python_version, archives = {}):
    return "; ".join([what for what, _ in toolchain_rows(python_version, archives)[1]])

def _rows(python_version, archives):
    return {row.platform: row for row in toolchain_rows(python_version, archives)[0]}

def found_rows():
    """Says which archives run the tools.

    Returns:
      A dict of case to text.
    """
    table = _rows("3.11", {})
    mixed = _rows("3.12", {_LINUX: _OWN})
    same = {"platform": _LINUX, "python_version": "3.11", "sha256": "", "urls": []}
    return {
        "exact": " ".join(_rows("3.13.13", {}).keys()),
        "file": mixed[_LINUX].file,
        "no digest": _faults("3.11", {_LINUX: {"urls": ["https://mirror/a.zip"]}}),
        "no row": _faults("3.11.15", {"s390x-unknown-linux-gnu": {}}),
        "others": mixed[_MUSL].python_version,
        "own": "%s %s %s" % (mixed[_LINUX].python_version, repr(mixed[_LINUX].strip_prefix), mixed[_LINUX].sha256[:4]),
        "same archive": str(table[_LINUX].sha256 in declared_archives({"cpython": same})),
        "table": "%d %s %s" % (len(table), table[_LINUX].python_version, table[_LINUX].strip_prefix),
        "too old": _faults("3.10"),
        "too old, named": _faults("3.11", {_LINUX: dict(_OWN, python_version = "3.9.1")}),
        "unknown platform": _faults("3.11", {"linux": _OWN}),
        "unknown version": _faults("3.99"),
        "words": _faults("newest"),
    }

def _request(module, version = "", platform = "", root = False, **archive):
    return struct(archive = dict(archive, python_version = version), module = module, platform = platform, root = root)

def _choice(*requests):
    chosen = chosen_toolchains(list(requests))
    return "; ".join([what for what, _ in chosen.faults]) or " ".join([chosen.python_version] + chosen.archives.keys())

def found_choices():
    """Says whose word counts.

    Returns:
      A dict of case to text.
    """
    return {
        "agreed": _choice(_request("a", "3.12"), _request("b", "3.12")),
        "archives": _choice(_request("a", "3.12", _LINUX, sha256 = "1"), _request("b", "3.12", _LINUX, sha256 = "2")),
        "disagreed": _choice(_request("a", "3.12"), _request("b", "3.13"), _request("c", "3.12")),
        "nobody": _choice(),
        "platform alone": _choice(_request("a", "3.13.5", _LINUX, sha256 = "1")),
        "root": _choice(_request("a", "3.12"), _request("r", "3.14", root = True), _request("b", "3.13", _LINUX)),
        "root twice": _choice(_request("r", "3.12", root = True), _request("r", "3.13", root = True)),
    }
