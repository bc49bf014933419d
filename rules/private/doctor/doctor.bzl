"""python_env_doctor: `bazel run` says without a cluster whether an environment's artifacts will run on one."""

load("//rules/private/artifacts:artifact_info.bzl", "PyEnvArtifactInfo", "check_startable")
load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "tool_script")
load("//rules/private/base:tool_wheels.bzl", "CONSOLE_WHEELS", "tool_wheels")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")

def _shipped(ctx):
    """Returns the artifacts that a cluster gets: a folder is what Bazel runs or packs itself, nothing ships it."""
    artifacts = [check_startable(ctx, each[PyEnvArtifactInfo]) for each in ctx.attr.artifacts]
    files = [artifact for artifact in artifacts if not artifact.file.is_directory]
    if not files:
        fail(error_text(
            "there is nothing to examine: Spark ships files, and these are folders",
            where = "%s, artifacts: %s" % (ctx.label, ", ".join([artifact.file.basename for artifact in artifacts])),
            fix = "name the PEX, or the venv as tar.gz or zip",
        ))
    return files

def _words(ctx):
    hadoop = ctx.attr.hadoop_version
    return (
        ["--combination=" + each for each in ctx.attr.combinations] +
        ["--spark=" + each for each in ctx.attr.spark_versions] +
        (["--hadoop=" + hadoop] if hadoop else [])
    )

def _python_env_doctor_impl(ctx):
    artifacts = _shipped(ctx)
    return [tool_script(
        ctx,
        command = ["doctor"],
        arguments = _words(ctx) + [artifact.file.short_path for artifact in artifacts],
        # the report, which states the platform, lies beside its artifact
        files = [artifact.file for artifact in artifacts] + [artifact.report for artifact in artifacts],
        wheels = [wheel[PyEnvWheelInfo].file for wheel in ctx.attr._wheels],
    )]

python_env_doctor = rule(
    implementation = _python_env_doctor_impl,
    doc = "Examines an environment's artifacts for its platform: `bazel run //envs:training_doctor -- --spark 3.5.6 --strict`. See docs/doctor.md.",
    attrs = {
        "artifacts": attr.label_list(
            doc = "Artifacts that a cluster starts, and a `python_env_code` beside them; a venv that is a folder is left out.",
            providers = [PyEnvArtifactInfo],
            mandatory = True,
            allow_empty = False,
        ),
        "combinations": attr.string_list(
            doc = "Master and deploy mode, e.g. `yarn-cluster`; all but `connect` that Spark does not refuse by itself when empty.",
        ),
        "hadoop_version": attr.string(
            doc = "Hadoop of the NodeManagers, e.g. `3.3.6`; 3.3 when empty.",
        ),
        "spark_versions": attr.string_list(
            doc = "All Sparks that the artifacts must run on, e.g. `[\"3.5.6\", \"4.1.0\"]`; when empty, what some of 3.5 and 4.3 cannot do is a note.",
        ),
        "_wheels": attr.label_list(
            default = tool_wheels(CONSOLE_WHEELS + ["auditwheel", "packaging"]),
            cfg = "exec",
            providers = [PyEnvWheelInfo],
        ),
    },
    executable = True,
    toolchains = TOOL_TOOLCHAINS,
)
