"""Provider of the execution interpreter."""

PyEnvInterpreterInfo = provider(
    doc = "A CPython >= 3.11 that runs the tools on the execution platform. Made by `make_interpreter_info` only.",
    fields = {
        "development": "depset of File: what only the builds of sources need, too.",
        "executable": "File: called as `<executable> -I -S run.py ...`.",
        "files": "depset of File: the executable, and everything it needs beside it.",
    },
)

def make_interpreter_info(executable, files, development):
    """Returns a PyEnvInterpreterInfo; the only way to build one.

    Args:
      executable: File, called as `<executable> -I -S run.py ...`.
      files: depset of File, what the executable needs beside it.
      development: depset of File, what only the builds of sources need, too.
    """
    return PyEnvInterpreterInfo(
        development = development,
        executable = executable,
        files = depset([executable], transitive = [files]),
    )
