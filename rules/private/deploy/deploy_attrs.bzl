"""What the rules of deploy share: artifacts, where they go, and the clients of the services."""

load("//rules/private/artifacts:artifact_info.bzl", "PyEnvArtifactInfo")
load("//rules/private/base:tool_wheels.bzl", "CONSOLE_WHEELS", "tool_wheels")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")
load("//rules/private/launcher:launcher_info.bzl", "PyEnvLauncherInfo")
load(":clients_info.bzl", "PyEnvDeployClientsInfo")
load(":unpack_clients.bzl", "unpack_clients")

DEPLOY_ATTRS = {
    "artifacts": attr.label_list(
        doc = "What is deployed.",
        providers = [PyEnvArtifactInfo],
        mandatory = True,
        allow_empty = False,
    ),
    "clients": attr.label_list(
        doc = "Wheels of hdfs-native, obstore and what they need, from a lock of your own: imported instead of the rules' own.",
        cfg = "exec",
        providers = [PyEnvWheelInfo],
    ),
    "launcher": attr.label(
        doc = "The `python_env_launcher` of the artifacts, whose renderings are completed by where they lie.",
        providers = [PyEnvLauncherInfo],
    ),
    "to": attr.string(doc = "URI of the folder; `--to` on the command line wins."),
    "_clients": attr.label(
        default = "//tools/clients",
        cfg = "exec",
        providers = [PyEnvDeployClientsInfo],
    ),
    "_wheels": attr.label_list(
        default = tool_wheels(CONSOLE_WHEELS + ["click", "packaging"]),
        cfg = "exec",
        providers = [PyEnvWheelInfo],
    ),
}

def deploy_files(ctx):
    """Collects what `deploy_words` names.

    Args:
      ctx: context of a rule with DEPLOY_ATTRS.

    Returns:
      A list of File.
    """
    artifacts = [artifact[PyEnvArtifactInfo] for artifact in ctx.attr.artifacts]
    files = [file for artifact in artifacts for file in [artifact.file, artifact.report]]
    launcher = ctx.attr.launcher[PyEnvLauncherInfo] if ctx.attr.launcher else None
    return files + ([launcher.manifest] + launcher.renderings.to_list() if launcher else [])

def deploy_words(ctx):
    """Makes the tool's arguments that say what is deployed, and where.

    Args:
      ctx: context of a rule with DEPLOY_ATTRS.

    Returns:
      A list of words.
    """
    words = []
    for artifact in [artifact[PyEnvArtifactInfo] for artifact in ctx.attr.artifacts]:
        words += ["--artifact", artifact.file.short_path, "--report", artifact.report.short_path]
    if ctx.attr.launcher:
        words += ["--launcher", ctx.attr.launcher[PyEnvLauncherInfo].manifest.short_path]
    return words + (["--to", ctx.attr.to] if ctx.attr.to else [])

def deploy_wheels(ctx):
    """Collects what the tool imports.

    Args:
      ctx: context of a rule with DEPLOY_ATTRS.

    Returns:
      A list of File: its own wheels, and the folders of the unpacked clients.
    """
    own = unpack_clients(ctx, [wheel[PyEnvWheelInfo].file for wheel in ctx.attr.clients])
    return [wheel[PyEnvWheelInfo].file for wheel in ctx.attr._wheels] + own + ctx.attr._clients[PyEnvDeployClientsInfo].folders
