"""python_env_venv: a relocatable virtual environment as a tarball, spliced from the closure's wheels."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS")
load(":artifact.bzl", "ARTIFACT_ATTRS", "write_artifact")
load(":artifact_info.bzl", "PyEnvArtifactInfo")

def _python_env_venv_impl(ctx):
    artifact = write_artifact(
        ctx,
        kind = "venv",
        suffix = ".venv.tar.gz",
        options = [],
        inputs = [],
        mnemonic = "PyEnvVenv",
    )
    return [DefaultInfo(files = depset([artifact.file, artifact.report])), artifact]

python_env_venv = rule(
    implementation = _python_env_venv_impl,
    doc = """A relocatable virtual environment as `<env>.venv.tar.gz`, with `<file>.json` beside it.

    bin/python                          finds pythonX.Y on PATH; sys.prefix is the folder it lies in
    bin/<console script>                no absolute shebang
    lib/pythonX.Y/site-packages/        the locked wheels, installed, and the first-party files
    pyvenv.cfg                          without `home`
    python_env.json                     which environment this is
""",
    attrs = ARTIFACT_ATTRS,
    provides = [PyEnvArtifactInfo],
    toolchains = TOOL_TOOLCHAINS,
)
