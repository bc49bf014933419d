"""Reading a lock for the repository rules: which files there are, and which of them each platform has.

Everything that needs judgement was decided when the lock was written; this only looks things up.
"""

load("//rules/private/base:names.bzl", "wheel_repo_name")

_SCHEMA = 1

def _problem(text):
    return struct(problem = text, wheels = [], platforms = {})

def _looks_like_json(text):
    # Bazel 4 cannot survive a JSON error, and a repository that fails would keep `.update` from mending the lock.
    # The writer's layout makes a cut or conflicting file recognisable without a parser.
    if not text.startswith("{\n") or not text.endswith("}\n"):
        return False
    for mark in ["\n<<<<<<<", "\n=======", "\n>>>>>>>"]:
        if mark in text:
            return False
    return True

def _wheel(lock, package):
    file = lock["files"][package["file"]]
    return struct(
        distribution = package["name"],
        file = package["file"],
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
    if not _looks_like_json(text):
        return _problem("the lock is not a whole JSON document (a merge conflict, or a cut file)")
    lock = json.decode(text)
    if type(lock) != "dict" or type(lock.get("schema")) != "int" or lock.get("kind") != "lock":
        return _problem("the file is not a lock of rules_python_env")
    if lock["schema"] > _SCHEMA:
        return _problem("the lock has schema %d; these rules read up to schema %d" % (lock["schema"], _SCHEMA))
    platforms = {tag: _platform(lock, lock["platforms"][tag]) for tag in lock["inputs"]["platforms"]}
    wheels = {wheel.repo: wheel for platform in platforms.values() for wheel in platform.wheels}
    return struct(problem = "", platforms = platforms, wheels = [wheels[repo] for repo in sorted(wheels)])
