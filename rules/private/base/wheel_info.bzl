"""Provider of one wheel."""

PyEnvWheelInfo = provider(
    doc = "One wheel, exactly as the lock names it. Made by `python_env_wheel` and `python_env_source_wheel` only.",
    fields = {
        "check": "File: says that the wheel's content was checked, see docs/formats/check.md.",
        "distribution": "string: normalised name (PEP 503).",
        "file": "File: the wheel.",
        "sha256": "string: hex digest that the lock states for it; empty for a wheel that is built.",
        "version": "string: normalised version (PEP 440).",
    },
)
