"""python_env_submit: `bazel run` submits a job with an environment."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "tool_script")
load("//rules/private/launcher:launcher_info.bzl", "PyEnvLauncherInfo")
load(":deploy_attrs.bzl", "DEPLOY_ATTRS", "deploy_files", "deploy_wheels", "deploy_words")

def _words(ctx):
    words = deploy_words(ctx)
    if ctx.attr.kind:
        words += ["--kind", ctx.attr.kind]
    if ctx.attr.combination:
        words += ["--combination", ctx.attr.combination]
    return words

def _python_env_submit_impl(ctx):
    return [tool_script(
        ctx,
        command = ["deploy", "submit"],
        arguments = _words(ctx),
        files = deploy_files(ctx),
        wheels = deploy_wheels(ctx),
    )]

python_env_submit = rule(
    implementation = _python_env_submit_impl,
    doc = """Uploads what is missing, then runs the user's spark-submit with exactly the launcher manifest's options.

    bazel run //envs:training_submit -- job.py args
    bazel run //envs:training_submit -- --dry-run --combination yarn-client --num-executors 4 job.py args
""",
    attrs = dict(
        DEPLOY_ATTRS,
        combination = attr.string(
            doc = "Master and deploy mode; `yarn-cluster` when empty, or the only one of the manifest. `--combination` wins.",
        ),
        kind = attr.string(
            doc = "Which artifact is started; the venv when empty. `--kind` wins.",
            values = ["", "pex", "venv"],
        ),
        launcher = attr.label(
            doc = "The `python_env_launcher` of the artifacts.",
            providers = [PyEnvLauncherInfo],
            mandatory = True,
        ),
    ),
    executable = True,
    toolchains = TOOL_TOOLCHAINS,
)
