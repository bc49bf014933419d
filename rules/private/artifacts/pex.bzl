"""python_env_pex: a PEX, spliced from the closure's wheels."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")
load(":artifact.bzl", "ARTIFACT_ATTRS", "write_artifact")
load(":artifact_info.bzl", "PyEnvArtifactInfo")

def _python_env_pex_impl(ctx):
    pex_wheel = ctx.attr._pex_wheel[PyEnvWheelInfo].file
    options = ["--pex-wheel", pex_wheel, "--inherit-path", ctx.attr.inherit_path]
    if ctx.attr.entry_point:
        options.append("--entry-point=" + ctx.attr.entry_point)
    artifact = write_artifact(
        ctx,
        kind = "pex",
        suffix = ".pex",
        options = options,
        inputs = [pex_wheel],
        mnemonic = "PyEnvPex",
    )
    return [
        DefaultInfo(executable = artifact.file, files = depset([artifact.file, artifact.report])),
        artifact,
    ]

python_env_pex = rule(
    implementation = _python_env_pex_impl,
    doc = """A PEX of an environment: one executable file, with `<file>.json` beside it.

    <env>.pex
    ├── PEX-INFO            venv mode, non-hermetic scripts
    ├── .bootstrap/         from the pex distribution
    ├── .deps/*.whl         the locked wheels, byte for byte
    └── <first-party files>

Without `entry_point` it behaves as an interpreter of the environment.""",
    attrs = dict(
        ARTIFACT_ATTRS,
        entry_point = attr.string(
            doc = "`module` or `module:function` to run; empty for an interpreter.",
        ),
        inherit_path = attr.string(
            doc = "What the PEX sees of the outer sys.path and PYTHONPATH. `fallback` lets an executor import the cluster's pyspark.",
            default = "fallback",
            values = ["false", "prefer", "fallback"],
        ),
        _pex_wheel = attr.label(
            default = "@python_env_tools_lock//exec:pex",
            cfg = "exec",
            providers = [PyEnvWheelInfo],
        ),
    ),
    provides = [PyEnvArtifactInfo],
    executable = True,
    toolchains = TOOL_TOOLCHAINS,
)
