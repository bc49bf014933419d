"""Provider of one platform's section of a lock."""

PyEnvLockedInfo = provider(
    doc = "The locked wheels of one platform. Made by `python_env_locked` only.",
    fields = {
        "checks": "depset of File: for each wheel the document that says that its content was checked.",
        "platform": "string: the platform tag.",
        "wheels": "depset of File: the wheels, in the order of the lock.",
    },
)
