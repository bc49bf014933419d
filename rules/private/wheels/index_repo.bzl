"""Repository rule: what this machine's pip is configured with, and where that index keeps its files.

The lock names a file by its path below the index's file root. The root is learned here, once, from the index's page
of one project whose file and path are known. The repository is fetched only when a file is in no cache.
"""

load("//rules/private/lock:lock_reader.bzl", "read_lock")
load(":index_page.bzl", "file_url")

# Asked of the machine's pip, because a default written here would name a host.
_ASK_PIP = Label("//tools:python_env/base/ask_pip.py")

def _ask_pip(rctx):
    for name in ["python3", "python3.11", "python3.12", "python3.13", "python3.14", "python"]:
        python = rctx.which(name)
        if not python:
            continue
        result = rctx.execute([python, rctx.path(_ASK_PIP)])
        if result.return_code == 0:
            return json.decode(result.stdout)["url"]
    return ""

def _index_url(rctx):
    return (rctx.os.environ.get("PIP_INDEX_URL") or _ask_pip(rctx)).rstrip("/")

def _sample(rctx):
    """Returns the first wheel of the sample lock: a file whose project and path are known."""
    return read_lock(rctx.read(rctx.path(rctx.attr.sample_lock))).wheels[0]

def _learn_root(rctx, url):
    sample = _sample(rctx)
    base = "%s/%s/" % (url, sample.distribution)
    if not rctx.download(url = base, output = "page.html", allow_fail = True).success:
        return ""
    found = file_url(rctx.read("page.html"), sample.file, base = base)
    rctx.delete("page.html")
    return found[:-len(sample.path)].rstrip("/") if found.endswith("/" + sample.path) else ""

def _index_repo_impl(rctx):
    url = _index_url(rctx)
    root = _learn_root(rctx, url) if url else ""
    rctx.file("index.json", json.encode({"root": root, "url": url}))
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
    environ = ["PIP_INDEX_URL", "PIP_CONFIG_FILE", "PATH", "HOME", "XDG_CONFIG_HOME"],
)
