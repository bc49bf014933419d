"""Reading a lock for the repository rules: which files there are, and which of them each platform has.

Everything that needs judgement was decided when the lock was written; this only looks things up.
"""

load("//rules/private/base:names.bzl", "source_repo_name", "wheel_repo_name")

_SCHEMA = 1

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

def _is_plain(text):
    # what is written into BUILD files between quotes
    for character in ["\"", "\\", "\n", "{", "}"]:
        if character in text:
            return False
    return True

def _are_plain(texts):
    for text in texts:
        if type(text) != "string" or not _is_plain(text):
            return False
    return True

def _is_file(lock, name):
    file = lock["files"].get(name)
    if not _has(file, {}) or "/" in name or not _are_plain([name] + [file[key] for key in file if key != "size"]):
        return False
    if "build" in file:
        return file["build"] in lock["sources"]
    return len(file.get("sha256", "")) == 64 and ("path" in file or "url" in file or "local" in file)

def _is_package(lock, package):
    if not _has(package, {"file": "string", "name": "string", "version": "string"}):
        return False
    return _are_plain([package["name"], package["version"]]) and _is_file(lock, package["file"])

def _is_source(lock, key):
    source = lock["sources"][key]
    if not _has(source, {"kind": "string", "name": "string", "version": "string"}):
        return False
    if not _are_plain([key] + [source[name] for name in source if name not in ["requires", "size", "tools"]]):
        return False
    tools = source.get("tools", {})
    for tag in tools:
        for file in tools[tag]:
            if not _is_file(lock, file):
                return False
    return source["kind"] in ["sdist", "git", "folder"]

def _is_whole(lock):
    """Tells whether a lock has everything that is looked up below; the tools check the rest."""
    if not _has(lock, {"files": "dict", "inputs": "dict", "platforms": "dict", "sources": "dict"}):
        return False
    if not _has(lock["inputs"], {"platforms": "list"}):
        return False
    for tag in lock["inputs"]["platforms"]:
        section = lock["platforms"].get(tag) if type(tag) == "string" and _is_plain(tag) else None
        if not _has(section, {"cpu": "string", "libc": "string", "os": "string", "packages": "list"}):
            return False
        for package in section["packages"]:
            if not _is_package(lock, package):
                return False
    for key in lock["sources"]:
        if not _is_source(lock, key):
            return False
    return True

def _distribution(file):
    # of a wheel's file name; names of files are checked where the lock is written
    return file.split("-")[0].lower().replace("_", "-").replace(".", "-")

def _wheel(lock, name, distribution, version):
    file = lock["files"][name]
    return struct(
        build = file.get("build", ""),
        distribution = distribution,
        file = name,
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

def _platform(lock, section):
    return struct(
        cpu = section["cpu"],
        libc = section["libc"],
        os = section["os"],
        wheels = [_wheel(lock, each["file"], each["name"], each["version"]) for each in section["packages"]],
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
    platforms = {tag: _platform(lock, lock["platforms"][tag]) for tag in lock["inputs"]["platforms"]}
    sources = {key: _source(lock, key) for key in sorted(lock["sources"])}
    tools = [tool for source in sources.values() for row in source.tools.values() for tool in row]
    wheels = {wheel.repo: wheel for platform in platforms.values() for wheel in platform.wheels}
    wheels.update({tool.repo: tool for tool in tools})
    wheels.pop("", None)
    return struct(
        problem = "",
        platforms = platforms,
        sources = sources,
        wheels = [wheels[repo] for repo in sorted(wheels)],
    )
