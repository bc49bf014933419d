"""Provider of a launcher manifest."""

PyEnvLauncherInfo = provider(
    doc = "How a cluster must start an environment's artifacts. Made by `make_launcher_info` only.",
    fields = {
        "manifest": "File: <env>.launcher.json, see docs/formats/launcher.md.",
        "renderings": "depset of File: a folder per artifact and combination with what spark-submit, shells and schedulers read (docs/launcher.md), below `<env>.launcher`.",
    },
)

def make_launcher_info(manifest, renderings):
    """Returns a PyEnvLauncherInfo; the only way to build one.

    Args:
      manifest: File, the launcher manifest.
      renderings: depset of File, the folders of its renderings.
    """
    return PyEnvLauncherInfo(manifest = manifest, renderings = renderings)
