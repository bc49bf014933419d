"""Calls of the pure Starlark functions, for text_test."""

load("//rules/private:python_env_checks.bzl", "base_label", "python_env_fault")  # buildifier: disable=bzl-visibility
load("//rules/private/base:lock_reader.bzl", "read_lock")  # buildifier: disable=bzl-visibility
load("//rules/private/base:names.bzl", "wheel_repo_name")  # buildifier: disable=bzl-visibility
load("//rules/private/lock:lock_build.bzl", "lock_build_file")  # buildifier: disable=bzl-visibility
load("//rules/private/lock:requirement_attrs.bzl", "requirement_words")  # buildifier: disable=bzl-visibility
load("//rules/private/lock:wheels_file.bzl", "wheels_bzl_file")  # buildifier: disable=bzl-visibility
load("//rules/private/wheels:index_auth.bzl", "auth_of", "without_credentials")  # buildifier: disable=bzl-visibility
load("//rules/private/wheels:index_page.bzl", "file_url", "page_url")  # buildifier: disable=bzl-visibility
load("//rules/private/wheels:index_place.bzl", "index_variable", "parse_place")  # buildifier: disable=bzl-visibility

_SHA = "0123456789abcdef" * 4

_LOCK = """{
 "files": {"six-1.17.0-py3-none-any.whl": {"index": "default", "path": "packages/six-1.17.0-py3-none-any.whl", "sha256": "%s", "size": 1}},
 "inputs": {"platforms": ["cp311-manylinux_2_28_x86_64", "cp312-manylinux_2_17_x86_64"]},
 "kind": "lock",
 "platforms": {
  "cp311-manylinux_2_28_x86_64": {"cpu": "x86_64", "libc": "glibc", "os": "linux", "packages": [{"file": "six-1.17.0-py3-none-any.whl", "name": "six", "version": "1.17.0"}]},
  "cp312-manylinux_2_17_x86_64": {"cpu": "x86_64", "libc": "glibc", "os": "linux", "packages": []}
 },
 "schema": 1
}
""" % _SHA

_PAGE = '<a href="../../files/ab/torch-2.0%2Bcpu-cp311.whl#sha256=12">x</a><a href="/f/six.whl">y</a><a href="//files.example/z.whl">z</a>'
_BASE = "https://index.example/simple/torch/"

def found_urls():
    """Returns the URLs that file_url finds on a page with every kind of link."""
    return {
        "absolute path": file_url(_PAGE, "six.whl", base = _BASE),
        "missing": file_url(_PAGE, "other.whl", base = _BASE),
        "other host": file_url(_PAGE, "z.whl", base = _BASE),
        "relative, escaped plus": file_url(_PAGE, "torch-2.0+cpu-cp311.whl", base = _BASE),
    }

def found_places():
    """Says what is read of the places of indexes.

    Returns:
      A dict of case to text.
    """
    private = without_credentials("https://me%40x:p%2Fw@h.example:8443/simple")
    flat = parse_place("flat+https://h.example/dir/")
    own = parse_place("https://me:pw@h.example/simple/")
    return {
        "auth elsewhere": str(auth_of(struct(path = _no_path, os = struct(environ = {}, name = "linux")), own, "https://cdn.example/a.whl")),
        "auth of the origin": str(auth_of(None, own, "https://h.example/a.whl").values()[0]["login"]),
        "credentials": "%s %s %s" % (private.url, private.login, private.password),
        "flat page": page_url(flat, "six"),
        "folder": page_url(parse_place("wheels"), "six") + parse_place("wheels").root,
        "project page": page_url(own, "six"),
        "root": own.root,
        "variable": index_variable("extra-1"),
    }

def _no_path(_path):
    return struct(exists = False)

def found_locks():
    """Returns what read_lock says of good and bad locks."""
    good = read_lock(_LOCK)
    build = lock_build_file(good, where = "//envs:a.lock.json", fix = "bazel run //envs:a.update")
    return {
        "conflict": read_lock(_LOCK.replace("\"inputs\"", "\n<<<<<<< ours\n\"inputs\"")).problem,
        "cut": read_lock(_LOCK[:100]).problem,
        "cut row": read_lock(_LOCK.replace('"version": "1.17.0"', '"version": ""').replace('"path"', '"pfad"')).problem,
        "default platform settings": str(build.count("name = \"target_")),
        "edited": read_lock(_LOCK.replace("six-1.17.0-py3-none-any.whl", "six\\\"].whl")).problem,
        "empty": read_lock("").problem,
        "good": good.problem,
        "newer": read_lock(_LOCK.replace('"schema": 1', '"schema": 2')).problem,
        "not a lock": read_lock("{\n \"a\": 1\n}\n").problem,
        "platforms": ",".join(good.platforms.keys()),
        "repositories": str(wheels_bzl_file(good, tools_repo = "").count("    struct(")),
        "repository": good.wheels[0].repo,
        "unlocked": str(lock_build_file(read_lock("{}"), where = "x", fix = "y").count("python_env_unlocked(")),
    }

_BROKEN = {
    "an unknown cpu": ('"cpu": "x86_64"', '"cpu": "vax"'),
    "an unknown os": ('"os": "linux"', '"os": "plan9"'),
    "cpu that injects": ('"cpu": "x86_64"', '"cpu": "x86_64\\",\\n]) genrule(name = \\"x"'),
    "digest not hexadecimal": (_SHA, "Z/" * 32),
    "digest with a line": (_SHA, _SHA[1:] + "\\n"),
    "file named BUILD": ("six-1.17.0-py3-none-any.whl", "BUILD"),
    "libc that injects": ('"libc": "glibc"', '"libc": "glibc\\", print(1)"'),
    "name with a space": ('"name": "six"', '"name": "s ix"'),
    "package twice": ('"packages": [{', '"packages": [{"file": "six-1.17.0-py3-none-any.whl", "name": "six", "version": "1.17.0"}, {'),
    "path with braces": ('"packages/', '"{packages}/'),
    "tag that is a target": ("cp311-manylinux_2_28_x86_64", "wheels"),
    "version with a carriage return": ('"version": "1.17.0"', '"version": "1\\rx"'),
}

def found_broken_locks():
    """Returns the edits of a lock that read_lock takes; what it takes is written into BUILD files."""
    taken = [edit for edit in _BROKEN if not read_lock(_LOCK.replace(_BROKEN[edit][0], _BROKEN[edit][1])).problem]
    return {"taken": ", ".join(taken)}

_SOURCES = """{
 "files": {
  "a-1.0-py3-none-any.whl": {"build": "a@cccccccccccc"},
  "b-1.0-py3-none-any.whl": {"build": "b-1.0.tar.gz"},
  "c-1.0-py3-none-any.whl": {"build": "libs/c"},
  "t-1.0-py3-none-any.whl": {"index": "default", "path": "p/t-1.0-py3-none-any.whl", "sha256": "%s", "size": 1}
 },
 "inputs": {"platforms": ["cp311-manylinux_2_28_x86_64"]},
 "kind": "lock",
 "platforms": {
  "cp311-manylinux_2_28_x86_64": {"cpu": "x86_64", "libc": "glibc", "os": "linux", "packages": [{"file": "a-1.0-py3-none-any.whl", "name": "a", "version": "1.0"}, {"file": "b-1.0-py3-none-any.whl", "name": "b", "version": "1.0"}, {"file": "c-1.0-py3-none-any.whl", "name": "c", "version": "1.0"}]}
 },
 "schema": 1,
 "sources": {
  "a@cccccccccccc": {"commit": "%s", "kind": "git", "name": "a", "revision": "main", "subdirectory": "sub", "tools": {"cp311-manylinux_2_28_x86_64": ["t-1.0-py3-none-any.whl"]}, "url": "https://h.invalid/a.git", "version": "1.0"},
  "b-1.0.tar.gz": {"index": "default", "kind": "sdist", "name": "b", "path": "p/b-1.0.tar.gz", "sha256": "%s", "version": "1.0"},
  "libs/c": {"kind": "folder", "name": "c", "sha256": "%s", "version": "1.0"}
 }
}
""" % (_SHA, "c" * 40, _SHA, _SHA)

_INJECTED = '\\"], x = [\\"'

_BROKEN_SOURCES = {
    "a folder that climbs": ("libs/c", "../c"),
    "an absolute folder": ("libs/c", "/c"),
    "commit that is a branch": ("c" * 40, "main"),
    "commit that is an option": ("c" * 40, "--" + "c" * 38),
    "digest that injects": ('"kind": "sdist", "name": "b", "path": "p/b-1.0.tar.gz", "sha256": "' + _SHA, '"kind": "sdist", "name": "b", "path": "p/b-1.0.tar.gz", "sha256": "' + _INJECTED),
    "key of two lines": ("libs/c", "libs\\nc"),
    "key that injects": ("libs/c", "c" + _INJECTED),
    "kind of no kind": ('"kind": "git"', '"kind": "hg"'),
    "name that injects": ('"name": "b", "path"', '"name": "b' + _INJECTED + '", "path"'),
    "no commit": ('"commit": "' + "c" * 40 + '", ', ""),
    "no digest": ('"name": "c", "sha256": "' + _SHA + '"', '"name": "c"'),
    "no place of the sdist": ('"path": "p/b-1.0.tar.gz", ', ""),
    "no source": ('"build": "libs/c"', '"build": "libs/d"'),
    "no url": (', "url": "https://h.invalid/a.git"', ""),
    "path that climbs": ('"path": "p/b-1', '"path": "../b-1'),
    "path that injects": ('"path": "p/b-1', '"path": "p' + _INJECTED + "/b-1"),
    "source that is no text": ('"build": "libs/c"', '"build": ["libs/c"]'),
    "subdirectory that climbs": ('"subdirectory": "sub"', '"subdirectory": "a/../../b"'),
    "subdirectory that injects": ('"subdirectory": "sub"', '"subdirectory": "sub' + _INJECTED + '"'),
    "subdirectory that is absolute": ('"subdirectory": "sub"', '"subdirectory": "/etc"'),
    "tool that is built": ('["t-1.0', '["b-1.0-py3-none-any.whl", "t-1.0'),
    "tool that is not there": ('["t-1.0', '["u-1.0'),
    "tools that are a list": ('"tools": {"cp311-manylinux_2_28_x86_64": ["t-1.0-py3-none-any.whl"]}', '"tools": ["t-1.0-py3-none-any.whl"]'),
    "tools that are a text": ('["t-1.0-py3-none-any.whl"]', '"t-1.0-py3-none-any.whl"'),
    "url that injects": ("https://h.invalid/a.git", "https://h.invalid/" + _INJECTED),
    "url that is a host's option": ("https://h.invalid/a.git", "ssh://-oProxyCommand=x/y"),
    "url that is a program": ("https://h.invalid/a.git", "ext::sh"),
    "url that is an option": ("https://h.invalid/a.git", "--upload-pack=x"),
    "version that injects": ('"name": "b", "path": "p/b-1.0.tar.gz", "sha256": "' + _SHA + '", "version": "1.0"', '"name": "b", "path": "p/b-1.0.tar.gz", "sha256": "' + _SHA + '", "version": "1' + _INJECTED + '"'),
}

def found_sources():
    """Says what read_lock makes of a lock with sources, and which edits of it it takes.

    Returns:
      A dict of case to text.
    """
    good = read_lock(_SOURCES)
    build = lock_build_file(good, where = "//envs:a.lock.json", fix = "bazel run //envs:a.update")
    edits = {edit: _SOURCES.replace(_BROKEN_SOURCES[edit][0], _BROKEN_SOURCES[edit][1]) for edit in _BROKEN_SOURCES}
    return {
        "good": good.problem,
        "kinds": ",".join([source.kind for source in good.sources.values()]),
        "repositories": ",".join([source.repo for source in good.sources.values()]),
        "targets": "%d %d" % (build.count("python_env_source_wheel("), build.count("python_env_locked_project(")),
        "taken": ", ".join([edit for edit in edits if edits[edit] == _SOURCES or not read_lock(edits[edit]).problem]),
        "tools": good.wheels[0].repo,
    }

def found_names():
    """Returns names of wheel repositories."""
    return {"dashes and dots": wheel_repo_name("ruamel.yaml-clib", _SHA)}

def found_words():
    """Returns the words of a request that start with a dash, after `=`: none of them stands alone."""
    file = struct(short_path = "-r.in")
    words = requirement_words(struct(
        attr = struct(
            exclude_newer = "-1",
            excludes = ["--lock"],
            extends = {},
            extras = ["-e"],
            groups = ["-g"],
            index_bindings = {"-i": ["-n"]},
            index_urls = {"-i": "-u"},
            indexes = ["-i"],
            marker_values = {"-m": "-v"},
            overrides = ["-x"],
            platform_requirements = {},
            platforms = ["-p"],
            prereleases = "-a",
            resolver = "uv",
            sdists = ["-s"],
            update = "-u",
            variables = {"-V": "-v"},
        ),
        files = struct(constraints = [file], requirements = [file]),
    ))
    return {
        "alone": " ".join([word for word in words if "=" not in word]),
        "override": " ".join([word for word in words if word.startswith("--override")]),
    }

def _fault(platforms = ["cp311-win_amd64"], requirements = ["requirements.in"], lock_repo = "@training_lock", extends = ""):
    lists = {"platforms": platforms, "requirements": requirements}
    return python_env_fault("//envs:training", lists = lists, lock_repo = lock_repo, extends = extends)

def found_faults():
    """Returns what python_env says of its attributes before anything is analysed."""
    good = ["cp311-manylinux2014_x86_64", "cp313-cp313t-musllinux_1_2_aarch64", "cp310-macosx_14_0_arm64", "cp39-win32"]
    bad = ["cp311", "cp27-win_amd64", "cp311-linux_x86_64", "cp311-windows_amd64", "311-win_amd64", "cp311-macos_14"]
    return {
        "all tags": ",".join([tag for tag in bad + good if repr(tag) in _fault(platforms = bad + good)]),
        "base": _fault(extends = ":training").split("\n")[1] + _fault(extends = ["//envs:base"]).split("\n")[1],
        "bases": " ".join([base_label(label, "envs") for label in ["", ":a", "b", "//c", "//d:e", "@r//f/g"]]),
        "good": _fault(platforms = good),
        "repository": _fault(lock_repo = "training_lock"),
        "repository's target": _fault(lock_repo = "@training_lock//:wheels"),
        "string": _fault(requirements = "requirements.in"),
        "tag": _fault(platforms = ["cp311-linux_x86_64"]).split("\n")[1],
    }
