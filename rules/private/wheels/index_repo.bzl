"""Repository rule: what this machine's pip is configured with, and where that index keeps its files.

The lock names a file by its path below the index's file root. The root is learned here, once, from the index's page
of one project whose file and path are known. The repository is fetched only when a file is in no cache.
"""

load("//rules/private/base:lock_reader.bzl", "read_lock")
load(":index_auth.bzl", "auth_of", "env_value", "without_credentials")
load(":index_page.bzl", "file_url")
load(":index_place.bzl", "default_url")

def _sample(rctx):
    """Returns the first wheel of the sample lock: a file whose project and path are known."""
    return read_lock(rctx.read(rctx.path(rctx.attr.sample_lock))).wheels[0]

def _learn_root(rctx, own):
    sample = _sample(rctx)
    base = "%s/%s/" % (own.url, sample.distribution)
    if not rctx.download(url = base, output = "page.html", allow_fail = True, auth = auth_of(rctx, own, base)).success:
        return ""
    found = file_url(rctx.read("page.html"), sample.file, base = base)
    rctx.delete("page.html")
    return found[:-len(sample.path)].rstrip("/") if found.endswith("/" + sample.path) else ""

def _index_repo_impl(rctx):
    own = without_credentials(default_url(rctx))
    root = _learn_root(rctx, own) if own.url else ""

    # user and password are not written: who needs them asks again
    rctx.file("index.json", json.encode({
        "asked_pip": not env_value(rctx, "PIP_INDEX_URL"),
        "private": bool(own.login or own.password),
        "root": root,
        "url": own.url,
    }))
    rctx.file("BUILD", 'exports_files(["index.json"])\n')

index_repo = repository_rule(
    implementation = _index_repo_impl,
    doc = "One index alias: the URL that this machine uses for it and the root of its files, in index.json.",
    attrs = {
        "sample_lock": attr.label(
            doc = "A lock whose first file tells, by its place on the index's page, where the file root is.",
            allow_single_file = [".json"],
            mandatory = True,
        ),
    },
    # not PIP_INDEX_URL: Bazel would write its value, maybe with a password, beside the repository; who reads index.json
    # compares its URL with the one that holds now
    environ = ["PIP_CONFIG_FILE", "PATH", "HOME", "XDG_CONFIG_HOME"],
)
