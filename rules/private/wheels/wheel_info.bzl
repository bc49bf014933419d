"""Provider of one wheel."""

PyEnvWheelInfo = provider(
    doc = "One wheel, exactly as the lock names it. Made by `python_env_wheel` only.",
    fields = {
        "distribution": "string: normalised name (PEP 503).",
        "file": "File: the wheel.",
        "sha256": "string: hex digest that the lock states for it.",
        "version": "string: normalised version (PEP 440).",
    },
)
