"""Provider of one local project of a lock."""

PyEnvLockedProjectInfo = provider(
    doc = "How a project of the workspace becomes a wheel. Made by `python_env_locked_project` only.",
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
