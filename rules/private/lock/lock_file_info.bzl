"""Provider of an environment's lock, for environments that are derived from it."""

PyEnvLockFileInfo = provider(
    doc = "The lock of an environment. Made by `python_env_lock_file` only.",
    fields = {
        "lock": "File: `<name>.lock.json`.",
        "update": "string: the command that refreshes it.",
    },
)
