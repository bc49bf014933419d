"""Provider of an interpreter that venvs carry."""

PyEnvBundledInterpreterInfo = provider(
    doc = "A relocatable CPython, ready to be spliced into venvs. Made by `make_bundled_interpreter_info` only.",
    fields = {
        "document": "File: what the archive turned out to hold, see docs/formats/interpreter.md.",
        "parts": "File: a zip of the files that a venv takes.",
    },
)

def make_bundled_interpreter_info(parts, document):
    """Returns a PyEnvBundledInterpreterInfo; the only way to build one.

    Args:
      parts: File, a zip of the files that a venv takes.
      document: File, the interpreter's document.
    """
    return PyEnvBundledInterpreterInfo(document = document, parts = parts)
