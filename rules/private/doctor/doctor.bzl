"""python_env_doctor: `bazel run` says without a cluster whether an environment's artifacts will run on one."""

load("//rules/private/artifacts:artifact_info.bzl", "PyEnvArtifactInfo")
load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "tool_script")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")

_TOOLS_EXEC = "@python_env_tools_lock//exec:"

def _python_env_doctor_impl(ctx):
    # a folder is what Bazel runs or packs itself: nothing ships it
    artifacts = [each[PyEnvArtifactInfo] for each in ctx.attr.artifacts if not each[PyEnvArtifactInfo].file.is_directory]
    return [tool_script(
        ctx,
        command = ["doctor"],
        arguments = ["--combination=" + each for each in ctx.attr.combinations] +
                    [artifact.file.short_path for artifact in artifacts],
        # the report, which states the platform, lies beside its artifact
        files = [artifact.file for artifact in artifacts] + [artifact.report for artifact in artifacts],
        wheels = [wheel[PyEnvWheelInfo].file for wheel in ctx.attr._wheels],
    )]

python_env_doctor = rule(
    implementation = _python_env_doctor_impl,
    doc = "Examines an environment's artifacts for its platform: `bazel run //envs:training_doctor -- --spark 3.5.6 --strict`. See docs/doctor.md.",
    attrs = {
        "artifacts": attr.label_list(
            doc = "Artifacts that a cluster starts.",
            providers = [PyEnvArtifactInfo],
            mandatory = True,
            allow_empty = False,
        ),
        "combinations": attr.string_list(
            doc = "Master and deploy mode, e.g. `yarn-cluster`; all that Spark does not refuse by itself when empty.",
        ),
        "_wheels": attr.label_list(
            default = [_TOOLS_EXEC + name for name in ["auditwheel", "markdown-it-py", "mdurl", "packaging", "pygments", "rich"]],
            cfg = "exec",
            providers = [PyEnvWheelInfo],
        ),
    },
    executable = True,
    toolchains = TOOL_TOOLCHAINS,
)
