"""Provider of the execution interpreter."""

PyEnvInterpreterInfo = provider(
    doc = "A CPython >= 3.11 that runs the tools on the execution platform. Made by `python_env_interpreter` only.",
    fields = {
        "executable": "File: called as `<executable> -I -S run.py ...`.",
        "files": "depset of File: everything the executable needs beside it.",
    },
)
