"""python_env_deploy: `bazel run` publishes artifacts, immutably."""

load("//rules/private/artifacts:artifact_info.bzl", "PyEnvArtifactInfo")
load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "run_tool", "tool_script")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")

_WHEELS = ["click", "markdown-it-py", "mdurl", "packaging", "pygments", "rich"]

def _unpacked(ctx, wheel):
    """Unpacks a client's wheel: Python imports no compiled module out of a zip."""
    folder = ctx.actions.declare_directory("%s.clients/%s" % (ctx.label.name, wheel.basename))
    args = ctx.actions.args()
    args.add("--wheel", wheel)
    args.add_all("--output", [folder], expand_directories = False)
    run_tool(
        ctx,
        command = ["deploy", "client"],
        arguments = args,
        inputs = depset([wheel]),
        outputs = [folder],
        mnemonic = "PyEnvDeployClient",
        progress_message = "Unpacking %s for %s" % (wheel.basename, ctx.label),
    )
    return folder

def _words(ctx):
    words = []
    for artifact in [artifact[PyEnvArtifactInfo] for artifact in ctx.attr.artifacts]:
        words += ["--artifact", artifact.file.short_path, "--report", artifact.report.short_path]
    if ctx.attr.to:
        words += ["--to", ctx.attr.to]
    for channel in ctx.attr.channels:
        words += ["--channel", channel]
    if ctx.attr.replication:
        words += ["--replication", str(ctx.attr.replication)]
    return words

def _python_env_deploy_impl(ctx):
    artifacts = [artifact[PyEnvArtifactInfo] for artifact in ctx.attr.artifacts]
    clients = [_unpacked(ctx, wheel[PyEnvWheelInfo].file) for wheel in ctx.attr.clients]
    return [tool_script(
        ctx,
        command = ["deploy", "upload"],
        arguments = _words(ctx),
        files = [file for artifact in artifacts for file in [artifact.file, artifact.report]],
        wheels = [wheel[PyEnvWheelInfo].file for wheel in ctx.attr._wheels] + clients,
    )]

python_env_deploy = rule(
    implementation = _python_env_deploy_impl,
    doc = "Publishes artifacts under names with their digest: `bazel run //envs:training_deploy -- --to URI --channel stable --dry-run`.",
    attrs = {
        "artifacts": attr.label_list(
            doc = "What is deployed.",
            providers = [PyEnvArtifactInfo],
            mandatory = True,
            allow_empty = False,
        ),
        "channels": attr.string_list(doc = "Channels that are pointed at what is deployed; `--channel` adds to them."),
        "clients": attr.label_list(
            doc = "Wheels of the services' clients for the machine that deploys, from a lock of your own: hdfs-native and typing-extensions for HDFS, obstore for S3, GCS and Azure. A folder needs none.",
            cfg = "exec",
            providers = [PyEnvWheelInfo],
        ),
        "replication": attr.int(doc = "Copies that HDFS keeps; 0 for its default."),
        "to": attr.string(doc = "URI of the folder; `--to` on the command line wins."),
        "_wheels": attr.label_list(
            default = ["@python_env_tools_lock//exec:" + name for name in _WHEELS],
            cfg = "exec",
            providers = [PyEnvWheelInfo],
        ),
    },
    executable = True,
    toolchains = TOOL_TOOLCHAINS,
)
