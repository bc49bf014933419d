"""Repository rule: one git commit, as a tar for the action that builds its wheel.

A commit names its content, so what is checked out is the same everywhere. Access is git's own (its credential helper,
ssh); nothing of it is written. Submodules lie in tars of their own.
"""

load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/base:unfetched.bzl", "FETCH_VARIABLE", "UNFETCHED", "is_unfetched")

_BUILD = """\
filegroup(
    name = "source",
    srcs = glob(["*.tar"]),
    visibility = ["//visibility:public"],
)
"""

def _git(rctx, words):
    result = rctx.execute(["git"] + words, environment = {"GIT_TERMINAL_PROMPT": "0"}, timeout = 1800)
    if result.return_code:
        fail(error_text(
            "git failed: %s" % result.stderr.strip(),
            where = "%s at %s, asked for by the lock" % (rctx.attr.url, rctx.attr.commit),
            fix = "check your access to the repository; if the commit is gone, refresh the lock",
        ))
    return result.stdout.strip()

# What a checkout would hold, on every machine: no file left out, no line end of the user's.
_ATTRIBUTES = "* -export-ignore\n"
_PLAIN = ["-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "tar.umask=0022"]

def _archive(rctx, folder, commit, name, prefix):
    rctx.file(_git(rctx, ["-C", folder, "rev-parse", "--absolute-git-dir"]) + "/info/attributes", _ATTRIBUTES)
    _git(rctx, _PLAIN + ["-C", folder, "archive", "--format=tar", "--prefix=" + prefix, "--output", str(rctx.path(name)), commit])

def _git_repo_impl(rctx):
    rctx.file("BUILD", _BUILD)
    if is_unfetched(rctx):
        rctx.file("source.tar", UNFETCHED)
        return
    if not rctx.which("git"):
        fail(error_text("there is no git on PATH", where = "repository @" + rctx.name, fix = "install git"))
    tree = str(rctx.path("checkout"))
    _git(rctx, ["clone", "--quiet", "--no-checkout", "--", rctx.attr.url, tree])
    if rctx.execute(["git", "-C", tree, "cat-file", "-e", rctx.attr.commit]).return_code:
        _git(rctx, ["-C", tree, "fetch", "--quiet", "origin", rctx.attr.commit])
    _git(rctx, ["-C", tree, "checkout", "--quiet", rctx.attr.commit])
    _archive(rctx, tree, rctx.attr.commit, "source.tar", "")
    _git(rctx, ["-C", tree, "submodule", "--quiet", "update", "--init", "--recursive"])
    modules = _git(rctx, ["-C", tree, "submodule", "--quiet", "foreach", "--recursive", "echo $displaypath"])
    for number, path in enumerate([line for line in modules.split("\n") if line]):
        _archive(rctx, tree + "/" + path, "HEAD", "module%d.tar" % number, path + "/")
    rctx.delete("checkout")

git_repo = repository_rule(
    implementation = _git_repo_impl,
    doc = "One commit of a git repository, with target `//:source`.",
    attrs = {
        "commit": attr.string(doc = "The whole commit id.", mandatory = True),
        "url": attr.string(doc = "What `git clone` takes, without credentials.", mandatory = True),
    },
    environ = [FETCH_VARIABLE],
)
