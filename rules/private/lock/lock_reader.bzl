"""Reading a lock for the repository rules: which files there are, and which of them each platform has.

Everything that needs judgement was decided when the lock was written; this only looks things up.
"""

load("//rules/private/base:names.bzl", "wheel_repo_name")

_SCHEMA = 1

def _problem(text):
    return struct(problem = text, wheels = [], platforms = {})

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

def _is_package(lock, package):
    if not _has(package, {"file": "string", "name": "string", "version": "string"}):
        return False
    file = lock["files"].get(package["file"])
    if not _has(file, {"path": "string", "sha256": "string"}) or len(file["sha256"]) != 64:
        return False
    for text in [package["file"], package["name"], package["version"], file["path"], file["sha256"], file.get("index", "")]:
        if type(text) != "string" or not _is_plain(text):
            return False
    return "/" not in package["file"]

def _is_whole(lock):
    """Tells whether a lock has everything that is looked up below; the tools check the rest."""
    if not _has(lock, {"files": "dict", "inputs": "dict", "platforms": "dict"}):
        return False
    if not _has(lock["inputs"], {"platforms": "list"}):
        return False
    urls = lock["inputs"].get("index_urls", {})
    if type(urls) != "dict" or [url for url in urls.values() if type(url) != "string" or not _is_plain(url)]:
        return False
    for tag in lock["inputs"]["platforms"]:
        section = lock["platforms"].get(tag) if type(tag) == "string" and _is_plain(tag) else None
        if not _has(section, {"cpu": "string", "libc": "string", "os": "string", "packages": "list"}):
            return False
        for package in section["packages"]:
            if not _is_package(lock, package):
                return False
    return True

def _wheel(lock, package):
    file = lock["files"][package["file"]]
    index = file.get("index", "default")
    return struct(
        distribution = package["name"],
        file = package["file"],
        index = index,
        index_url = lock["inputs"].get("index_urls", {}).get(index, ""),
        path = file["path"],
        repo = wheel_repo_name(package["name"], file["sha256"]),
        sha256 = file["sha256"],
        version = package["version"],
    )

def _platform(lock, section):
    return struct(
        cpu = section["cpu"],
        libc = section["libc"],
        os = section["os"],
        wheels = [_wheel(lock, package) for package in section["packages"]],
    )

def read_lock(text):
    """Returns what the repository rules need of a lock.

    Args:
      text: the lock file's text.

    Returns:
      A struct: `problem` (string; empty when the lock is good), `platforms` (dict of platform tag to struct with os,
      cpu, libc and wheels, in the declared order) and `wheels` (every wheel once, sorted by repository).
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
    if not _is_whole(lock):
        return _problem("the lock does not hold together: it was edited by hand")
    platforms = {tag: _platform(lock, lock["platforms"][tag]) for tag in lock["inputs"]["platforms"]}
    wheels = {wheel.repo: wheel for platform in platforms.values() for wheel in platform.wheels}
    return struct(problem = "", platforms = platforms, wheels = [wheels[repo] for repo in sorted(wheels)])
