"""Provider of one platform's section of a lock."""

load("//rules/private/base:errors.bzl", "error_text")

PyEnvLockedInfo = provider(
    doc = "The locked wheels of one platform. Made by `make_locked_info` only.",
    fields = {
        "checks": "depset of File: for each wheel the document that says that its content was checked.",
        "instead": "list of string: labels, without a repository, of locks of other modules that the root module's lock stands for.",
        "locals": "list of string: wheels of the workspace, by path from its root; the environment gives the files.",
        "lock": "string: label of the lock, without a repository; empty when it is not known.",
        "lock_file": "File: the lock, where `instead` is not empty; else None.",
        "platform": "string: the platform tag.",
        "projects": "list of PyEnvLockedProjectInfo: projects of the workspace, whose files the environment gives.",
        "wheels": "depset of File: the wheels, in the order of the lock, but for locals and projects.",
    },
)

def make_locked_info(platform, wheels, checks, locals = [], projects = [], lock = "", instead = [], lock_file = None):
    """Returns a PyEnvLockedInfo; the only way to build one.

    Args:
      platform: platform tag, not empty.
      wheels: depset of File, in the order of the lock.
      checks: depset of File, one for each wheel.
      locals: list of string, wheels of the workspace by path from its root.
      projects: list of PyEnvLockedProjectInfo.
      lock: label of the lock, without a repository; empty when it is not known.
      instead: list of string, labels of locks of other modules that this one stands for.
      lock_file: File, the lock, where it stands for others.
    """
    if not platform:
        fail(error_text(
            "the locked wheels need the platform tag that they are for",
            where = lock or "PyEnvLockedInfo",
            fix = "set `platform` to a tag of the lock",
        ))
    return PyEnvLockedInfo(
        checks = checks,
        instead = instead,
        locals = locals,
        lock = lock,
        lock_file = lock_file,
        platform = platform,
        projects = projects,
        wheels = wheels,
    )
