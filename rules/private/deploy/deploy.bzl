"""python_env_deploy: `bazel run` publishes artifacts, immutably."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "tool_script")
load("//rules/private/launcher:launcher_info.bzl", "PyEnvLauncherInfo")
load(":deploy_attrs.bzl", "DEPLOY_ATTRS", "deploy_files", "deploy_wheels", "deploy_words")

def _words(ctx):
    words = deploy_words(ctx)
    if ctx.attr.launcher:
        manifest = ctx.attr.launcher[PyEnvLauncherInfo].manifest.short_path
        words += ["--renderings", manifest[:-len(".json")]]
    for channel in ctx.attr.channels:
        words += ["--channel", channel]
    if ctx.attr.replication:
        words += ["--replication", str(ctx.attr.replication)]
    if ctx.attr.dry_run:
        words.append("--dry-run")
    return words

def _python_env_deploy_impl(ctx):
    return [tool_script(
        ctx,
        command = ["deploy", "target"],
        # what a person says stands behind
        arguments = _words(ctx) + ["--"],
        files = deploy_files(ctx),
        wheels = deploy_wheels(ctx),
    )]

python_env_deploy = rule(
    implementation = _python_env_deploy_impl,
    doc = """Publishes artifacts under names with their digest.

    bazel run //envs:training_deploy -- --to URI --channel stable --dry-run
    bazel run //envs:training_deploy -- channel stable --rollback
    bazel run //envs:training_deploy -- gc --keep 5 --older-than 30d --dry-run
""",
    attrs = dict(
        DEPLOY_ATTRS,
        channels = attr.string_list(doc = "Channels that are pointed at what is deployed; `--channel` adds to them."),
        dry_run = attr.bool(doc = "Say what would be done; nothing is written."),
        replication = attr.int(doc = "Copies that HDFS keeps; 0 for its default."),
    ),
    executable = True,
    toolchains = TOOL_TOOLCHAINS,
)
