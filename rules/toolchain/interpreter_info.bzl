"""Provider of the execution interpreter."""

PyEnvInterpreterInfo = provider(
    doc = "A CPython >= 3.11 that runs the tools on the execution platform. Made by `make_interpreter_info` only.",
    fields = {
        "executable": "File: called as `<executable> -B -I -S run.py ...`.",
        "files": "depset of File: the executable, and everything that an action needs beside it.",
        "modules": "File: a zip of the standard library, the first on `sys.path`; None where `files` has the library.",
        "whole": "depset of File: the executable, its library and its headers, for what starts it by other means than an action's own.",
    },
)

def make_interpreter_info(executable, files, modules, whole):
    """Returns a PyEnvInterpreterInfo; the only way to build one.

    Args:
      executable: File, called as `<executable> -B -I -S run.py ...`.
      files: depset of File, what the executable needs beside it.
      modules: File, a zip of the standard library; None where `files` has the library.
      whole: depset of File, library and headers.
    """
    return PyEnvInterpreterInfo(
        executable = executable,
        files = depset([executable] + ([modules] if modules else []), transitive = [files]),
        modules = modules,
        whole = depset([executable], transitive = [whole]),
    )
