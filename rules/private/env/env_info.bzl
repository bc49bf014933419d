"""Provider of a resolved closure."""

load("//rules/private/base:errors.bzl", "error_text")

PyEnvInfo = provider(
    doc = "The closure of an environment for one platform. Made by `make_env_info` only.",
    fields = {
        "checks": "depset of File: for each wheel the document that says that its content was checked.",
        "manifest": "File: <env>.env.json, see docs/formats/env.md.",
        "name": "string: the environment's name; artifacts are named after it.",
        "platform": "string: the platform tag.",
        "wheels": "depset of File: the wheels, in the order of the lock.",
    },
)

def make_env_info(name, platform, manifest, wheels, checks):
    """Returns a PyEnvInfo; the only way to build one.

    Args:
      name: the environment's name, not empty.
      platform: platform tag.
      manifest: File, the env manifest.
      wheels: depset of File.
      checks: depset of File, one for each wheel.
    """
    if not name:
        fail(error_text("an environment needs a name", where = manifest.short_path, fix = "give make_env_info a `name`"))
    return PyEnvInfo(checks = checks, manifest = manifest, name = name, platform = platform, wheels = wheels)
