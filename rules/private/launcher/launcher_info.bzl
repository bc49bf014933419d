"""Provider of a launcher manifest."""

PyEnvLauncherInfo = provider(
    doc = "How a cluster must start an environment's artifacts. Made by `python_env_launcher` only.",
    fields = {
        "manifest": "File: <env>.launcher.json, see docs/formats/launcher.md.",
        "renderings": "File: folder with a spark-defaults file and a spark-submit argument file per artifact and combination.",
    },
)
