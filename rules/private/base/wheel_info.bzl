"""Provider of one wheel."""

load(":errors.bzl", "error_text")

PyEnvWheelInfo = provider(
    doc = "One wheel, exactly as the lock names it. Made by `make_wheel_info` only.",
    fields = {
        "check": "File: says that the wheel's content was checked, see docs/formats/check.md.",
        "distribution": "string: normalised name (PEP 503).",
        "file": "File: the wheel.",
        "sha256": "string: hex digest that the lock states for it; empty for a wheel that is built.",
        "version": "string: normalised version (PEP 440).",
    },
)

def make_wheel_info(file, check, distribution, version, sha256 = ""):
    """Returns a PyEnvWheelInfo; the only way to build one.

    Args:
      file: File, the wheel.
      check: File, the document that says that its content was checked.
      distribution: normalised name (PEP 503), not empty.
      version: normalised version (PEP 440), not empty.
      sha256: hex digest that the lock states; empty for a wheel that is built.
    """
    if not distribution or not version:
        fail(error_text(
            "a wheel needs the name and the version of its distribution",
            where = str(file.owner),
            fix = "set `distribution` and `version` as the lock states them",
        ))
    return PyEnvWheelInfo(check = check, distribution = distribution, file = file, sha256 = sha256, version = version)
