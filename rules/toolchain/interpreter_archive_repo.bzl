"""Repository rule: the archive of a relocatable CPython, by its sha256, as one file that nothing unpacks."""

load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/base:unfetched.bzl", "FETCH_VARIABLE", "UNFETCHED", "is_unfetched")
load(":interpreter_releases.bzl", "ARCHIVES", "RELEASE", "find_archive")

_BUILD = """\
load("@rules_python_env//rules/private/artifacts:bundled_interpreter.bzl", "python_env_bundled_interpreter")

package(default_visibility = ["//visibility:public"])

exports_files([{file}])

python_env_bundled_interpreter(
    name = {name},
    archive = {file},
    compress = {compress},
    keep = {keep},
    leave_out = {leave_out},
    python_version = {version},
    strip_prefix = {prefix},
)

alias(
    name = "interpreter",
    actual = {label},
)
"""

_OR_HOST = "; or run the tools by this machine's own CPython: " + \
           "register_toolchains(\"@rules_python_env//rules/toolchain:host_interpreter_toolchain\"), and set PIP_INDEX_URL where it has no pip. See docs/toolchains.md"

def _file_name(urls, version, platform):
    if urls:
        return urls[0].split("?")[0].split("#")[0].split("/")[-1].replace("%2B", "+")
    return "cpython-%s-%s.archive" % (version, platform)

def wanted_archive(python_version, platform, urls, sha256):
    """Returns what a declaration stands for: the archive of its own URLs and sha256, else the table's.

    Args:
      python_version: `X.Y` or `X.Y.Z`.
      platform: in python-build-standalone's words.
      urls: list of URLs, may be empty.
      sha256: hex digest, or an empty string for the table's archive.

    Returns:
      A struct of `version`, `urls`, `sha256`, the `file`'s name, and `what` and `fix`, which are empty unless there is no such archive.
    """
    what, fix, version = "", "", python_version
    if not sha256 and urls:
        what, fix = "an archive by URL has no sha256", "set sha256 to the archive's digest"
    elif not sha256:
        found = find_archive(python_version, platform)
        if found:
            version, urls, sha256 = found.version, [found.url], found.sha256
        else:
            what = "the table of python-build-standalone %s has no CPython %s for %s" % (RELEASE, python_version, platform)
            fix = "take a version of %s, or set urls and sha256" % ", ".join(ARCHIVES.keys())
    file = _file_name(urls, version, platform)
    return struct(file = file, fix = fix, sha256 = sha256, urls = urls, version = version, what = what)

def _wanted(rctx):
    """Returns version, URLs and sha256: of the attributes, else of the table."""
    attr = rctx.attr
    wanted = wanted_archive(attr.python_version, attr.platform, urls = attr.urls, sha256 = attr.sha256)
    if wanted.what:
        fail(error_text(wanted.what, where = "python_interpreter_archive @%s" % rctx.name, fix = wanted.fix))
    return wanted

def apparent_name(name):
    """Returns the name that a repository was given: bzlmod puts the module's and the extension's before it.

    Args:
      name: what Bazel calls the repository.
    """
    return name.split("~")[-1].split("+")[-1]

def _download(rctx, wanted, name):
    # without a URL Bazel looks into its repository cache, by the digest
    done = rctx.download(url = wanted.urls, output = wanted.file, sha256 = wanted.sha256, allow_fail = True)
    if not done.success:
        fail(error_text(
            "the archive %s is not to be had, or its bytes are not the stated ones (sha256 %s)" % (wanted.file, wanted.sha256),
            where = "python_interpreter_archive @%s; asked: Bazel's repository cache, --distdir, %s" % (name, ", ".join(wanted.urls) or "no URL"),
            fix = "see the downloader's messages above; put the file into a folder that --distdir names, or set urls to a mirror's" +
                  (_OR_HOST if rctx.attr.runs_tools else ""),
        ))

def _python_interpreter_archive_impl(rctx):
    wanted = _wanted(rctx)
    file = wanted.file
    name = apparent_name(rctx.name)
    if is_unfetched(rctx):
        rctx.file(file, UNFETCHED)
    else:
        _download(rctx, wanted, name)
    rctx.file("BUILD", _BUILD.format(
        compress = rctx.attr.compress,
        file = repr(file),
        keep = repr(rctx.attr.keep),
        label = repr(":" + name),
        leave_out = repr(rctx.attr.leave_out),
        name = repr(name),
        prefix = repr(rctx.attr.strip_prefix),
        version = repr(wanted.version),
    ))

INTERPRETER_ATTRS = {
    "compress": attr.bool(
        doc = "See `python_env_bundled_interpreter`.",
        default = True,
    ),
    "keep": attr.string_list(doc = "Globs over paths: what stays although it is left out by default."),
    "leave_out": attr.string_list(doc = "Globs over paths: what is left out, too."),
    "platform": attr.string(
        doc = "What the archive runs on, in python-build-standalone's words, e.g. `x86_64-unknown-linux-gnu`, `aarch64-apple-darwin`.",
        mandatory = True,
    ),
    "python_version": attr.string(
        doc = "`X.Y.Z`, or `X.Y` for the newest one of the table.",
        mandatory = True,
    ),
    "sha256": attr.string(doc = "Hex digest of the archive; empty for the table's."),
    "strip_prefix": attr.string(
        doc = "Folder of the archive that holds `bin/` and `lib/`.",
        default = "python",
    ),
    "urls": attr.string_list(
        doc = "Where the archive is to be had; without them the table's place, or with a sha256 of yours Bazel's repository cache alone.",
    ),
}

python_interpreter_archive = repository_rule(
    implementation = _python_interpreter_archive_impl,
    doc = """The archive of a relocatable CPython, for `interpreter` of a venv: target `@<name>`, as `@<name>//:interpreter`, too.

    python_interpreter_archive(
        name = "cpython_3_11",
        platform = "x86_64-unknown-linux-gnu",
        python_version = "3.11",
    )

Version and platform name a release of python-build-standalone (install_only) in the rules' own table; `urls`, `sha256` and `strip_prefix` name any
other archive of the same shape. Only Bazel's downloader is used; nothing is unpacked, so that one downloaded file serves every engine.""",
    attrs = dict(
        INTERPRETER_ATTRS,
        runs_tools = attr.bool(doc = "Whether it was declared to run the tools, for messages."),
    ),
    environ = [FETCH_VARIABLE],
)
