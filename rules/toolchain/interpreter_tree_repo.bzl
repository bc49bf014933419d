"""Repository rule: the archive of a CPython, unpacked, as the execution interpreter of its platform."""

load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/base:unfetched.bzl", "FETCH_VARIABLE", "is_unfetched")
load(":interpreter_platform.bzl", "machine_fault", "parse_platform")

_BUILD = """\
load("@rules_python_env//rules/toolchain:interpreter.bzl", "python_env_interpreter")

package(default_visibility = ["//visibility:public"])

exports_files(["interpreter.json"])

python_env_interpreter(
    name = "interpreter",
    development = glob({development}, allow_empty = True),
    exec_compatible_with = {constraints},
    executable = {executable},
    files = glob({files}, allow_empty = True, exclude = {exclude}),
    library = glob({library}, exclude = {exclude}),
    library_root = {root},
)
"""

_PACKED = [".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar", ".zip", ".jar"]

# What CPython reads before the tools' own start: the rest of the library it finds in a zip.
_FIRST = ["os.py", "encodings/**", "lib-dynload/**"]

# What no tool imports. pip's own wheel stays for `ask_pip.py`, which runs outside of actions.
_UNUSED = ["test", "idlelib", "tkinter", "turtledemo", "lib2to3", "pydoc_data", "ctypes/test", "distutils/tests", "unittest/test", "sqlite3/test"]
_NO_INPUT = ["distutils/**", "ensurepip/**", "site-packages/**", "config-*/**", "**/__pycache__/**", "**/*.pyc"]
_HEAD = 8192

def _layout(root, version, platform):
    """Returns where things lie below the repository: `install` of CPython on POSIX, its own layout on Windows."""
    python = "python" + ".".join(version.split(".")[:2])
    if platform.os == "windows":
        return struct(
            development = ["include/**", "libs/**", "Lib/distutils/**"],
            executable = root + "python.exe",
            files = ["*.dll", "DLLs/**"],
            include = root + "include/",
            library = root + "Lib/",
        )
    return struct(
        development = ["include/**", "lib/%s/config-*/Makefile" % python, "lib/%s/distutils/**" % python],
        executable = "%sbin/%s" % (root, python),
        files = ["*.so*", "*.dylib", "lib/*.so*", "lib/*.dylib"],
        include = "%sinclude/%s/" % (root, python),
        library = "%slib/%s/" % (root, python),
    )

def _pythons(rctx, root):
    """Returns what else could have been meant, for a message."""
    folder = rctx.path(root + "bin")
    names = [path.basename for path in folder.readdir()] if folder.exists else []
    top = rctx.path(root or ".")
    found = [name for name in names if name.startswith("python3.") and not name.endswith("-config")]
    if found:
        return "its bin/ holds " + ", ".join(sorted(found))
    return "it holds " + ", ".join(sorted([path.basename for path in top.readdir()])) if top.exists else "it has no such folder"

def _stated_version(rctx, layout):
    header = rctx.path(layout.include + "patchlevel.h")
    lines = rctx.read(header).split("\n") if header.exists else []
    found = [line.split('"')[1] for line in lines if line.startswith("#define PY_VERSION ")]
    return found[0].rstrip("+") if found else ""

def _faults(rctx, layout, root, platform):
    """Returns list of (what, fix): all that makes the archive another one than it is said to be."""
    if not rctx.path(layout.executable).exists:
        what = "the archive has no %s below %s: %s" % (layout.executable[len(root):], repr(rctx.attr.strip_prefix), _pythons(rctx, root))
        return [(what, "state python_version and strip_prefix of this archive, or name another one")]
    faults = []
    fault = machine_fault(rctx.read(layout.executable)[:_HEAD], platform)
    if fault:
        faults.append(("%s is %s, not for %s" % (layout.executable, fault, rctx.attr.platform), "state the archive's own platform, or name that platform's archive"))
    version = _stated_version(rctx, layout)
    if version and not (version + ".").startswith(rctx.attr.python_version + "."):
        faults.append(("the archive holds CPython %s, not %s" % (version, rctx.attr.python_version), "state python_version = \"%s\", or name another archive" % version))
    if not rctx.path(layout.library + "os.py").exists:
        faults.append(("the archive has no standard library: there is no %sos.py" % layout.library, "name an archive with the library as files"))
    return faults

def _check_name(rctx):
    name = rctx.attr.archive.name
    if not [end for end in _PACKED if name.endswith(end)]:
        fail(error_text(
            "the name %s does not say how the archive is packed" % name,
            where = _where(rctx),
            fix = "name a URL whose file ends in one of " + ", ".join(_PACKED),
        ))

def _where(rctx):
    return "archive %s, python_env toolchain for %s" % (rctx.attr.archive.name, rctx.attr.platform)

def _unpack(rctx, root, layout, platform):
    rctx.extract(rctx.path(rctx.attr.archive))
    faults = _faults(rctx, layout, root, platform)
    if faults:
        fail("".join([error_text(what, where = _where(rctx), fix = fix) for what, fix in faults]))
    for folder in _UNUSED:
        rctx.delete(layout.library + folder)
    if platform.os != "windows":
        # entries of a zip, and so of a jar, are unpacked without an execute bit
        rctx.execute(["chmod", "755", str(rctx.path(layout.executable))])

def _stand_in(rctx, layout):
    """Writes what analysis asks for: a program that says why it is none, and a library of one module."""
    said = error_text(
        "%s was not fetched, as PYTHON_ENV_FETCH=no asks" % rctx.attr.archive.name,
        where = _where(rctx),
        fix = "build without --repo_env=PYTHON_ENV_FETCH=no",
    )
    rctx.file(layout.executable, "#!/bin/sh\ncat >&2 <<'END'%s\nEND\nexit 1\n" % said, executable = True)
    rctx.file(layout.library + "os.py", "")

def _python_interpreter_tree_impl(rctx):
    _check_name(rctx)
    root = rctx.attr.strip_prefix + "/" if rctx.attr.strip_prefix else ""
    platform = parse_platform(rctx.attr.platform)
    layout = _layout(root, rctx.attr.python_version, platform)
    if is_unfetched(rctx):
        _stand_in(rctx, layout)
    else:
        _unpack(rctx, root, layout, platform)
    rctx.file("interpreter.json", json.encode({"executable": layout.executable}))
    rctx.file("BUILD", _BUILD.format(
        constraints = platform.constraints,
        development = [root + each for each in layout.development],
        exclude = [layout.library + each for each in _NO_INPUT],
        executable = repr(layout.executable),
        files = [root + each for each in layout.files] + [layout.library + each for each in _FIRST],
        library = [layout.library + "**"],
        root = repr(layout.library[len(root):].rstrip("/")),
    ))

python_interpreter_tree = repository_rule(
    implementation = _python_interpreter_tree_impl,
    doc = "A relocatable CPython of a `python_interpreter_archive`, unpacked by Bazel: target `//:interpreter` for a toolchain of its platform.",
    attrs = {
        "archive": attr.label(doc = "The archive's file.", allow_single_file = True, mandatory = True),
        "platform": attr.string(doc = "What the archive runs on, in python-build-standalone's words.", mandatory = True),
        "python_version": attr.string(doc = "`X.Y` or `X.Y.Z` that the archive must hold.", mandatory = True),
        "strip_prefix": attr.string(doc = "Folder of the archive that holds `bin/` and `lib/`, or `python.exe`."),
    },
    environ = [FETCH_VARIABLE],
)
