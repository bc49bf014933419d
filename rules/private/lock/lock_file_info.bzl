"""Provider of an environment's lock, for environments that are derived from it."""

load("//rules/private/base:errors.bzl", "error_text")

PyEnvLockFileInfo = provider(
    doc = "The lock of an environment. Made by `make_lock_file_info` only.",
    fields = {
        "lock": "File: `<name>.lock.json`.",
        "update": "string: the command that refreshes it.",
    },
)

def make_lock_file_info(lock, update):
    """Returns a PyEnvLockFileInfo; the only way to build one.

    Args:
      lock: File.
      update: string, the command that refreshes it, not empty.
    """
    if not update:
        fail(error_text(
            "a lock needs the command that refreshes it",
            where = str(lock.owner),
            fix = "state the attribute `update`",
        ))
    return PyEnvLockFileInfo(lock = lock, update = update)
