"""Provider of the Python tools that the actions run."""

PyEnvToolsInfo = provider(
    doc = "The tools' sources. Made by `make_tools_info` only.",
    fields = {
        "entry": "File: run.py, the script that starts a tool.",
        "files": "depset of File: all sources of the tools, run.py included.",
    },
)

def make_tools_info(entry, files):
    """Returns a PyEnvToolsInfo; the only way to build one.

    Args:
      entry: File, the script that starts a tool.
      files: depset of File, the tools' sources.
    """
    return PyEnvToolsInfo(entry = entry, files = depset([entry], transitive = [files]))
