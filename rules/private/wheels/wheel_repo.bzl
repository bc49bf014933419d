"""Repository rule: one locked file, found by its digest, wherever this machine gets it from.

Three places, in this order, none of them written in the lock:

1. Bazel's repository cache, by digest, without a request;
2. the index's file root + the file's path (Bazel looks into --distdir before it asks);
3. the link on the index's page of the project, which Bazel does not load by plain http, because it has no digest;
   without an index at all, --distdir alone.
"""

load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/base:unfetched.bzl", "FETCH_VARIABLE", "UNFETCHED", "is_unfetched")
load(":index_auth.bzl", "auth_of")
load(":index_page.bzl", "file_url", "page_url")
load(":index_place.bzl", "default_place", "place_of")

_SDIST_BUILD = """\
filegroup(
    name = "source",
    srcs = ["{file}"],
    visibility = ["//visibility:public"],
)
"""

_BUILD = """\
load("@rules_python_env//rules/private/wheels:wheel.bzl", "python_env_wheel")

python_env_wheel(
    name = "wheel",
    src = "{file}",
    distribution = "{distribution}",
    sha256 = "{sha256}",
    version = "{version}",
    visibility = ["//visibility:public"],
)
"""

def _download(rctx, url, auth):
    return rctx.download(url = url, output = rctx.attr.file, sha256 = rctx.attr.sha256, allow_fail = True, auth = auth).success

def _cached(rctx):
    # Without a URL Bazel can only look into the repository cache: never a request, never a warning.
    return _download(rctx, [], {})

def _from_root(rctx, place):
    if not place.root:
        return False
    url = "%s/%s" % (place.root, rctx.attr.path)
    return _download(rctx, url, auth_of(rctx, place, url))

def _from_page(rctx, place):
    if not place.url and not place.root and _download(rctx, "file:///distdir-only/" + rctx.attr.file, {}):
        return True
    base = page_url(place, rctx.attr.distribution)
    if not base or not rctx.download(url = base, output = "page.html", allow_fail = True, auth = auth_of(rctx, place, base)).success:
        return False
    url = file_url(rctx.read("page.html"), rctx.attr.file, base = base)
    rctx.delete("page.html")
    return bool(url) and _download(rctx, url, auth_of(rctx, place, url))

def _fail_not_found(rctx, place):
    fail(error_text(
        "%s is not to be had, or its bytes are not the locked ones (sha256 %s)" % (rctx.attr.file, rctx.attr.sha256),
        where = "repository @%s; asked: Bazel's repository cache, --distdir, %s" % (rctx.name, place.what),
        fix = "see the downloader's messages above (those of file:/distdir-only tell no more than that --distdir lacks the file); " +
              place.fix,
    ))

def _from_url(rctx):
    if not _download(rctx, rctx.attr.url, auth_of(rctx, struct(login = "", password = "", url = ""), rctx.attr.url)):
        fail(error_text(
            "%s is not to be had, or its bytes are not the locked ones (sha256 %s)" % (rctx.attr.file, rctx.attr.sha256),
            where = "repository @%s; asked: Bazel's repository cache, --distdir, the URL of the requirement" % rctx.name,
            fix = "see the downloader's messages above; mend the requirement's URL and refresh the lock",
        ))

def _wheel_repo_impl(rctx):
    if is_unfetched(rctx):
        rctx.file(rctx.attr.file, UNFETCHED)
    elif _cached(rctx):
        pass
    elif rctx.attr.url:
        _from_url(rctx)
    else:
        place = default_place(rctx) if rctx.attr.index == "default" else place_of(rctx, rctx.attr.index, rctx.attr.index_url)
        if not _from_root(rctx, place) and not _from_page(rctx, place):
            _fail_not_found(rctx, place)
    build = _BUILD if rctx.attr.file.endswith(".whl") else _SDIST_BUILD
    rctx.file("BUILD", build.format(
        distribution = rctx.attr.distribution,
        file = rctx.attr.file,
        sha256 = rctx.attr.sha256,
        version = rctx.attr.version,
    ))

wheel_repo = repository_rule(
    implementation = _wheel_repo_impl,
    doc = "One file of a lock: a wheel as target `//:wheel`, an sdist as `//:source`.",
    attrs = {
        "distribution": attr.string(doc = "Normalised name (PEP 503).", mandatory = True),
        "file": attr.string(doc = "File name.", mandatory = True),
        "index": attr.string(doc = "Index alias.", default = "default"),
        "index_url": attr.string(doc = "Where a checked-in file says that the index lies; never holds credentials."),
        "path": attr.string(doc = "Path below the index's file root."),
        "sha256": attr.string(doc = "Hex digest.", mandatory = True),
        "url": attr.string(doc = "URL of a direct reference; the file is asked for nowhere else."),
        "version": attr.string(doc = "Normalised version (PEP 440).", mandatory = True),
    },
    environ = [FETCH_VARIABLE],
)
