"""Provider of the Python tools that the actions run."""

PyEnvToolsInfo = provider(
    doc = "The tools' sources. Made by `python_env_tools` only.",
    fields = {
        "entry": "File: run.py, the script that starts a tool.",
        "files": "depset of File: all sources of the tools, run.py included.",
    },
)
