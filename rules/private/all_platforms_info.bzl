"""Provider of one target for several platforms."""

load("//rules/private/base:errors.bzl", "error_text")

PyEnvAllPlatformsInfo = provider(
    doc = "What a target makes for each of several platforms. Made by `make_all_platforms_info` only.",
    fields = {
        "files": "dict of platform tag (string) to depset of File: the target's files for that tag, below a folder of its name; in the declared order.",
    },
)

def make_all_platforms_info(files, where):
    """Returns a PyEnvAllPlatformsInfo; the only way to build one.

    Args:
      files: dict of platform tag to depset of File, not empty.
      where: label of the target, for messages.
    """
    if not files:
        fail(error_text("there is no platform to build for", where = where, fix = "name platform tags of the lock in `platforms`"))
    return PyEnvAllPlatformsInfo(files = files)
