"""The targets of an environment's lock: refresh it, read it, test it, export it."""

load(":lock_export.bzl", "python_env_lock_export")
load(":lock_file.bzl", "python_env_lock_file")
load(":lock_test.bzl", "python_env_lock_test")
load(":lock_update.bzl", "python_env_lock_update")
load(":resolver_test.bzl", "python_env_resolver_test")

def lock_targets(name, request, resolver_differences, tags, visibility):
    """Declares `:<name>.update`, `.lock`, `.lock_test`, `.pylock` and `.resolver_test`.

    Args:
      name: the environment's name.
      request: dict of what is asked for: a value for each of REQUIREMENT_ATTRS.
      resolver_differences: distributions that the resolvers may choose differently, each with the reason.
      tags: tags of all targets.
      visibility: visibility of all targets.
    """
    common = {"tags": tags, "visibility": visibility}
    locked = dict(common, lock = request["lock"], update = request["update"])
    asked = dict(request, **common)
    python_env_lock_update(name = name + ".update", env_name = name, **asked)
    base = request["extends"].keys()
    python_env_lock_file(name = name + ".lock", extends = base[0] if base else None, **locked)
    python_env_lock_test(name = name + ".lock_test", size = "small", **asked)
    python_env_lock_export(name = name + ".pylock", env_name = name, **locked)
    python_env_resolver_test(
        name = name + ".resolver_test",
        size = "large",
        known = resolver_differences,
        **dict(asked, tags = tags + ["external", "local", "manual", "requires-network"])
    )
