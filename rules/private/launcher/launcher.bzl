"""python_env_launcher: says exactly how Spark must start an environment's artifacts."""

load("//rules/private/artifacts:artifact_info.bzl", "PyEnvArtifactInfo", "check_startable")
load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "run_tool")
load(":launcher_info.bzl", "PyEnvLauncherInfo", "make_launcher_info")
load(":rendering_folders.bzl", "rendering_folders")

def _args(ctx, reports, name, manifest):
    args = ctx.actions.args()
    args.add(name, format = "--name=%s")
    args.add_all(reports, before_each = "--report")
    args.add_all(ctx.attr.combinations, format_each = "--combination=%s")
    args.add_all(ctx.attr.spark_versions, format_each = "--spark-version=%s")
    args.add(ctx.attr.hadoop_version, format = "--hadoop-version=%s")
    args.add(ctx.attr.profile, format = "--profile=%s")
    args.add("--output", manifest)
    return args

def _python_env_launcher_impl(ctx):
    artifacts = [check_startable(ctx, artifact[PyEnvArtifactInfo]) for artifact in ctx.attr.artifacts]
    reports = [artifact.report for artifact in artifacts]
    name = artifacts[0].name
    stem = ctx.attr.file_name or name
    manifest = ctx.actions.declare_file(stem + ".launcher.json")
    folders = rendering_folders([artifact.kind for artifact in artifacts], ctx.attr.combinations, ctx.attr.profile)
    renderings = [ctx.actions.declare_directory("%s.launcher/%s" % (stem, folder)) for folder in folders]
    run_tool(
        ctx,
        command = ["launcher", "write"],
        arguments = _args(ctx, reports, name, manifest),
        inputs = depset(reports),
        outputs = [manifest] + renderings,
        mnemonic = "PyEnvLauncher",
        progress_message = "Writing the launcher manifest of %s" % ctx.label,
    )
    return [
        DefaultInfo(files = depset([manifest] + renderings)),
        make_launcher_info(manifest = manifest, renderings = depset(renderings)),
    ]

python_env_launcher = rule(
    implementation = _python_env_launcher_impl,
    doc = "The launcher manifest `<env>.launcher.json` of one environment's artifacts, with its renderings for spark-submit.",
    attrs = {
        "artifacts": attr.label_list(
            doc = "Artifacts of one environment; a `python_env_code` among them is shipped beside each of the others.",
            providers = [PyEnvArtifactInfo],
            mandatory = True,
            allow_empty = False,
        ),
        "combinations": attr.string_list(
            doc = "Master and deploy mode, e.g. `yarn-cluster`; one that is known to fail is refused. All that work when empty.",
        ),
        "file_name": attr.string(
            doc = "Name of the manifest without its suffix; the environment's name when empty.",
        ),
        "hadoop_version": attr.string(
            doc = "Hadoop of the cluster, e.g. `3.3.6`; it stands in the manifest.",
        ),
        "profile": attr.string(
            doc = "Whose settings are written: empty for those that were found to be right, `cluster-pack` for exactly those of cluster-pack 0.3.17.",
            values = ["", "cluster-pack"],
        ),
        "spark_versions": attr.string_list(
            doc = "All Sparks that the artifacts must run on, e.g. `[\"3.5.6\", \"4.1.0\"]`: what one of them cannot start is refused. Any when empty.",
        ),
    },
    provides = [PyEnvLauncherInfo],
    toolchains = TOOL_TOOLCHAINS,
)
