"""Reading a lock for the repository rules: which files there are, and which of them each platform has.

Everything that needs judgement was decided when the lock was written; this only looks things up.
"""

load(":names.bzl", "source_repo_name", "wheel_repo_name")

_SCHEMA = 1

# What may stand in a lock is written into BUILD files between quotes, so every text is checked against what it may hold.
_HEX = "0123456789abcdef"
_SMALL = "abcdefghijklmnopqrstuvwxyz0123456789"
_LETTERS = _SMALL + _SMALL.upper()
_PATH = _LETTERS + "/-._~%!$&'()*+,;=:@"  # RFC 3986: what a path of a URL holds
_OSES = ["linux", "macos", "windows"]
_CPUS = ["aarch64", "armv7l", "i686", "ppc64le", "riscv64", "s390x", "universal2", "x86_32", "x86_64"]
_LIBCS = ["", "glibc", "musl"]
_URLS = ["http://", "https://"]
_GIT_URLS = ["file://", "https://", "ssh://"]  # lock/entries/sources.py has the same set

def _problem(text):
    return struct(problem = text, wheels = [], platforms = {}, sources = {})

def _decode(text):
    """Returns the JSON value of a text, or None where it is recognised as none.

    A repository that fails would keep `.update` from mending the lock. Bazel 4 has no JSON reader that survives an error
    (`default` came later; `package_relative_label` tells): there the writer's layout makes a cut or conflicting file
    recognisable without a parser.
    """
    if hasattr(native, "package_relative_label"):
        return json.decode(text, default = None)
    if not text.startswith("{\n") or not text.endswith("}\n"):
        return None
    for mark in ["\n<<<<<<<", "\n=======", "\n>>>>>>>"]:
        if mark in text:
            return None
    return json.decode(text)

def _has(value, fields):
    """Tells whether a value is an object with these fields, each of its type."""
    if type(value) != "dict":
        return False
    for name in fields:
        if type(value.get(name)) != fields[name]:
            return False
    return True

def _consists_of(text, characters):
    # what is stripped from both ends until nothing is left holds no other character
    return text != "" and text.strip(characters) == ""

def _is_file_name(text):
    return _consists_of(text, _LETTERS + "._+!-") and text[0] in _LETTERS and text.endswith(".whl") and ".." not in text

def _is_digest(text, length):
    return type(text) == "string" and len(text) == length and _consists_of(text, _HEX)

def _are_paths(value, names):
    for name in names:
        text = value.get(name, "")
        if type(text) != "string" or (text and not _consists_of(text, _PATH + "#?[]")):
            return False
    return True

def _is_file(lock, name):
    file = lock["files"].get(name) if type(name) == "string" else None
    if not _has(file, {}) or not _is_file_name(name) or not _are_paths(file, ["index", "path", "url", "local"]):
        return False
    if "build" in file:
        return type(file["build"]) == "string" and file["build"] in lock["sources"]
    return _is_digest(file.get("sha256"), 64) and ("path" in file or "url" in file or "local" in file)

def _is_package(lock, package, good):
    """Tells whether a package has what is looked up; `good` are those that did, as most stand in every section."""
    if not _has(package, {"file": "string", "name": "string", "version": "string"}):
        return False
    key = (package["file"], package["name"], package["version"])
    if key not in good and (
        _is_file(lock, package["file"]) and
        _consists_of(package["name"], _SMALL + "-") and
        _consists_of(package["version"], _LETTERS + ".!+")
    ):
        good[key] = None
    return key in good

def _is_source(lock, key):
    source = lock["sources"][key]
    if not _has(source, {"kind": "string", "name": "string", "version": "string"}):
        return False
    if source["kind"] not in ["sdist", "git", "folder"] or not _consists_of(key, _PATH + "#"):
        return False
    if not _consists_of(source["name"], _SMALL + "-") or not _consists_of(source["version"], _LETTERS + ".!+"):
        return False
    if not _are_paths(source, ["index", "path", "url", "subdirectory"]):
        return False
    for place in [source.get("subdirectory", ""), source.get("path", ""), key if source["kind"] == "folder" else ""]:
        if place.startswith("/") or ".." in place.split("/"):
            return False
    return _are_tools(lock, source.get("tools", {})) and _has_place(source)

def _has_place(source):
    url = source.get("url", "")
    if source["kind"] == "git":
        return _is_digest(source.get("commit"), 40) and _begins(url, _GIT_URLS)
    if source["kind"] == "sdist" and not ("path" in source if url == "" else _begins(url, _URLS)):
        return False
    return _is_digest(source.get("sha256"), 64)

def _begins(text, starts):
    for start in starts:
        # git takes what starts with a dash for an option, also as a host
        if text.startswith(start) and not text.startswith(start + "-"):
            return True
    return False

def _are_tools(lock, tools):
    if type(tools) != "dict":
        return False
    for row in tools.values():
        if type(row) != "list":
            return False
        for name in row:
            if not _is_file(lock, name) or "build" in lock["files"][name] or "local" in lock["files"][name]:
                return False
    return True

def _is_section(lock, tag, section, good):
    if not _has(section, {"cpu": "string", "libc": "string", "os": "string", "packages": "list"}):
        return False
    if not tag.startswith("cp3") or not _consists_of(tag, _SMALL + "_-"):
        return False
    if section["os"] not in _OSES or section["cpu"] not in _CPUS or section["libc"] not in _LIBCS:
        return False
    for package in section["packages"]:
        if not _is_package(lock, package, good):
            return False
    names = {package["name"]: None for package in section["packages"]}
    return len(names) == len(section["packages"])

def _is_whole(lock):
    """Tells whether a lock has everything that is looked up below; the tools check the rest."""
    if not _has(lock, {"files": "dict", "inputs": "dict", "platforms": "dict", "sources": "dict"}):
        return False
    if not _has(lock["inputs"], {"platforms": "list"}):
        return False
    urls = lock["inputs"].get("index_urls", {})
    if type(urls) != "dict" or not _are_paths(urls, urls.keys()):
        return False
    good = {}
    for tag in lock["inputs"]["platforms"]:
        if type(tag) != "string" or not _is_section(lock, tag, lock["platforms"].get(tag), good):
            return False
    for key in lock["sources"]:
        if not _is_source(lock, key):
            return False
    return True

def _distribution(file):
    # of a wheel's file name; names of files are checked where the lock is written
    return file.split("-")[0].lower().replace("_", "-").replace(".", "-")

def _index_url(lock, file):
    return lock["inputs"].get("index_urls", {}).get(file.get("index", "default"), "")

def _wheel(lock, name, distribution, version):
    file = lock["files"][name]
    return struct(
        build = file.get("build", ""),
        distribution = distribution,
        file = name,
        index = file.get("index", "default"),
        index_url = _index_url(lock, file),
        local = file.get("local", ""),
        path = file.get("path", ""),
        repo = wheel_repo_name(distribution, file["sha256"]) if "path" in file or "url" in file else "",
        sha256 = file.get("sha256", ""),
        url = file.get("url", ""),
        version = version,
    )

def _tool(lock, name):
    return _wheel(lock, name, _distribution(name), name.split("-")[1])

def _source(lock, key):
    source = lock["sources"][key]
    tools = source.get("tools", {})
    identity = source.get("commit") or source["sha256"]
    return struct(
        commit = source.get("commit", ""),
        distribution = source["name"],
        index = source.get("index", "default"),
        index_url = _index_url(lock, source),
        key = key,
        kind = source["kind"],
        path = source.get("path", ""),
        repo = source_repo_name(source["name"], identity) if source["kind"] != "folder" else "",
        sha256 = source.get("sha256", ""),
        subdirectory = source.get("subdirectory", ""),
        tools = {tag: [_tool(lock, name) for name in tools[tag]] for tag in tools},
        url = source.get("url", ""),
        version = source["version"],
    )

def _platform(lock, section, made):
    """Returns a section; `made` has its wheels by file, name and version, each made once for all sections."""
    keys = [(each["file"], each["name"], each["version"]) for each in section["packages"]]
    made.update({key: _wheel(lock, *key) for key in keys if key not in made})
    return struct(
        cpu = section["cpu"],
        libc = section["libc"],
        os = section["os"],
        wheels = [made[key] for key in keys],
    )

def read_lock(text):
    """Returns what the repository rules need of a lock.

    Args:
      text: the lock file's text.

    Returns:
      A struct: `problem` (string; empty when the lock is good), `platforms` (dict of platform tag to struct with os,
      cpu, libc and wheels, in the declared order), `sources` (dict of key to struct) and `wheels` (every wheel that has
      a repository, once, sorted by it).
    """
    if text.strip() in ["", "{}"]:
        return _problem("nothing is locked yet")
    lock = _decode(text)
    if lock == None:
        return _problem("the lock is not a whole JSON document (a merge conflict, or a cut file)")
    if not _has(lock, {"schema": "int"}) or lock.get("kind") != "lock":
        return _problem("the file is not a lock of rules_python_env")
    if lock["schema"] > _SCHEMA:
        return _problem("the lock has schema %d; these rules read up to schema %d" % (lock["schema"], _SCHEMA))
    lock.setdefault("sources", {})
    if not _is_whole(lock):
        return _problem("the lock does not hold together: it was edited by hand")
    made = {}
    platforms = {tag: _platform(lock, lock["platforms"][tag], made) for tag in lock["inputs"]["platforms"]}
    sources = {key: _source(lock, key) for key in sorted(lock["sources"])}
    tools = [tool for source in sources.values() for row in source.tools.values() for tool in row]
    wheels = {wheel.repo: wheel for wheel in made.values()}
    wheels.update({tool.repo: tool for tool in tools})
    wheels.pop("", None)
    return struct(
        problem = "",
        platforms = platforms,
        sources = sources,
        wheels = [wheels[repo] for repo in sorted(wheels)],
    )
