"""Provider of one platform's section of a lock."""

PyEnvLockedInfo = provider(
    doc = "The locked wheels of one platform. Made by `python_env_locked` only.",
    fields = {
        "checks": "depset of File: for each wheel the document that says that its content was checked.",
        "locals": "list of string: wheels of the workspace, by path from its root; the environment gives the files.",
        "lock": "string: label of the lock, without a repository; empty when it is not known.",
        "platform": "string: the platform tag.",
        "projects": "list of PyEnvLockedProjectInfo: projects of the workspace, whose files the environment gives.",
        "wheels": "depset of File: the wheels, in the order of the lock, but for locals and projects.",
    },
)
