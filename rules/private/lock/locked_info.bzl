"""Provider of one platform's section of a lock."""

load("//rules/private/base:errors.bzl", "error_text")

PyEnvLockedInfo = provider(
    doc = "The locked wheels of one platform. Made by `make_locked_info` only.",
    fields = {
        "checks": "depset of File: for each wheel the document that says that its content was checked.",
        "locals": "list of string: wheels of the workspace, by path from its root; the environment gives the files.",
        "lock": "string: label of the lock, without a repository; empty when it is not known.",
        "platform": "string: the platform tag.",
        "projects": "list of PyEnvLockedProjectInfo: projects of the workspace, whose files the environment gives.",
        "wheels": "depset of File: the wheels, in the order of the lock, but for locals and projects.",
    },
)

def make_locked_info(platform, wheels, checks, locals = [], projects = [], lock = ""):
    """Returns a PyEnvLockedInfo; the only way to build one.

    Args:
      platform: platform tag, not empty.
      wheels: depset of File, in the order of the lock.
      checks: depset of File, one for each wheel.
      locals: list of string, wheels of the workspace by path from its root.
      projects: list of PyEnvLockedProjectInfo.
      lock: label of the lock, without a repository; empty when it is not known.
    """
    if not platform:
        fail(error_text(
            "the locked wheels need the platform tag that they are for",
            where = lock or "PyEnvLockedInfo",
            fix = "set `platform` to a tag of the lock",
        ))
    return PyEnvLockedInfo(
        checks = checks,
        locals = locals,
        lock = lock,
        platform = platform,
        projects = projects,
        wheels = wheels,
    )
