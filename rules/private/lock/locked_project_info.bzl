"""Provider of one local project of a lock."""

PyEnvLockedProjectInfo = provider(
    doc = "How a project of the workspace becomes a wheel. Made by `make_locked_project_info` only.",
    fields = {
        "distribution": "string: normalised name (PEP 503).",
        "key": "string: folder of the project, from the root of the workspace.",
        "libraries": "list of File: what the building action imports.",
        "platform": "string: platform tag that the wheel is for.",
        "subdirectory": "string: empty; the folder is the project itself.",
        "tools": "list of File: wheels of the build requirements, for the execution platform.",
        "update": "string: the command that refreshes the lock, for messages.",
        "version": "string: normalised version (PEP 440).",
        "wheel": "string: file name of the wheel.",
    },
)

def make_locked_project_info(key, distribution, version, wheel, platform, libraries, tools, update):
    """Returns a PyEnvLockedProjectInfo; the only way to build one.

    Args:
      key: folder of the project, from the root of the workspace.
      distribution: normalised name (PEP 503).
      version: normalised version (PEP 440).
      wheel: file name of the wheel.
      platform: platform tag that the wheel is for.
      libraries: list of File, what the building action imports.
      tools: list of File, wheels of the build requirements, for the execution platform.
      update: the command that refreshes the lock, for messages.
    """
    return PyEnvLockedProjectInfo(
        distribution = distribution,
        key = key,
        libraries = libraries,
        platform = platform,
        subdirectory = "",
        tools = tools,
        update = update,
        version = version,
        wheel = wheel,
    )
