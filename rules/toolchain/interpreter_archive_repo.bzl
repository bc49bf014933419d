"""Repository rule: the archive of a relocatable CPython, by its sha256, as one file that nothing unpacks."""

load("//rules/private/base:errors.bzl", "error_text")
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

def _wanted(rctx):
    """Returns version, URLs and sha256: of the attributes, else of the table."""
    attr = rctx.attr
    if attr.sha256:
        return struct(sha256 = attr.sha256, urls = attr.urls, version = attr.python_version)
    found = None if attr.urls else find_archive(attr.python_version, attr.platform)
    if found:
        return struct(sha256 = found.sha256, urls = [found.url], version = found.version)
    if attr.urls:
        what, fix = "an archive by URL has no sha256", "set sha256 to the archive's digest"
    else:
        what = "the table of python-build-standalone %s has no CPython %s for %s" % (RELEASE, attr.python_version, attr.platform)
        fix = "take a version of %s, or set urls and sha256" % ", ".join(ARCHIVES.keys())
    fail(error_text(what, where = "python_interpreter_archive @%s" % rctx.name, fix = fix))

def _file_name(wanted, platform):
    if wanted.urls:
        return wanted.urls[0].split("?")[0].split("#")[0].split("/")[-1].replace("%2B", "+")
    return "cpython-%s-%s.archive" % (wanted.version, platform)

def apparent_name(name):
    """Returns the name that a repository was given: bzlmod puts the module's and the extension's before it.

    Args:
      name: what Bazel calls the repository.
    """
    return name.split("~")[-1].split("+")[-1]

def _python_interpreter_archive_impl(rctx):
    wanted = _wanted(rctx)
    file = _file_name(wanted, rctx.attr.platform)
    name = apparent_name(rctx.name)

    # without a URL Bazel looks into its repository cache, by the digest
    done = rctx.download(url = wanted.urls, output = file, sha256 = wanted.sha256, allow_fail = True)
    if not done.success:
        fail(error_text(
            "the archive %s is not to be had, or its bytes are not the stated ones (sha256 %s)" % (file, wanted.sha256),
            where = "python_interpreter_archive @%s; asked: Bazel's repository cache, --distdir, %s" % (name, ", ".join(wanted.urls) or "no URL"),
            fix = "see the downloader's messages above; put the file into a folder that --distdir names, or set urls to a mirror's",
        ))
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
    attrs = INTERPRETER_ATTRS,
)
