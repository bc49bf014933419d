"""Provider of one platform's section of a lock."""

PyEnvLockedInfo = provider(
    doc = "The locked wheels of one platform. Made by `python_env_locked` only.",
    fields = {
        "lock": "string: label of the lock, without a repository; empty when it is not known.",
        "platform": "string: the platform tag.",
        "wheels": "depset of File: the wheels, in the order of the lock.",
    },
)
