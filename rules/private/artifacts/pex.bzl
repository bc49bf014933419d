"""python_env_pex: a PEX, spliced from the closure's wheels."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")
load("//rules/private/env:env_info.bzl", "PyEnvInfo")
load(":artifact.bzl", "ARTIFACT_ATTRS", "write_artifact")
load(":artifact_info.bzl", "PyEnvArtifactInfo")
load(":pex_checks.bzl", "pex_options_json")
load(":pex_options.bzl", "PEX_OPTION_ATTRS")

_SUFFIX = {
    "packed": ".pex.zip",
    "zipapp": ".pex",
}

# What `bazel run` does with a packed PEX: the same as the cluster.
_RUN_PACKED = """\
#!/usr/bin/env bash
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
{python} -m zipfile -e "${{RUNFILES_DIR:-$0.runfiles}}/{archive}" "$folder"
{python} "$folder/__main__.py" "$@"
"""

def _python_of(platform):
    digits = platform[len("cp"):].split("-")[0]
    return "python%s.%s" % (digits[0], digits[1:])

def _run_packed(ctx, archive, platform):
    script = ctx.actions.declare_file(archive.basename + ".run")
    path = archive.short_path
    content = _RUN_PACKED.format(
        archive = path[len("../"):] if path.startswith("../") else ctx.workspace_name + "/" + path,
        python = _python_of(platform),
    )
    ctx.actions.write(script, content, is_executable = True)
    return script

def _python_env_pex_impl(ctx):
    platform = ctx.attr.env[PyEnvInfo].platform
    pex_wheel = ctx.attr._pex_wheel[PyEnvWheelInfo].file
    artifact = write_artifact(
        ctx,
        kind = "pex",
        suffix = _SUFFIX[ctx.attr.layout],
        options = ["--pex-wheel", pex_wheel, "--options=" + pex_options_json(ctx, platform)] +
                  (["--code-apart"] if ctx.attr.code_apart else []),
        inputs = [pex_wheel],
        mnemonic = "PyEnvPex",
    )
    packed = ctx.attr.layout == "packed"
    default = DefaultInfo(
        executable = _run_packed(ctx, artifact.file, platform) if packed else artifact.file,
        files = depset([artifact.file, artifact.report]),
        runfiles = ctx.runfiles([artifact.file] if packed else []),
    )
    return [default, artifact]

python_env_pex = rule(
    implementation = _python_env_pex_impl,
    doc = """A PEX of an environment, with `<file>.json` beside it: one executable file, or an archive of the packed layout.

    <env>.pex                  layout = "zipapp"
    ├── PEX-INFO               venv mode, non-hermetic scripts
    ├── __main__.py  __pex__/  code that boots
    ├── .bootstrap/            from the pex distribution
    ├── .deps/*.whl            the locked wheels, byte for byte; folders of them when pre_installed
    └── <first-party files>

    <env>.pex.zip              layout = "packed"
    ├── .bootstrap             a zip
    ├── .deps/*.whl            files; zips of the installed trees when pre_installed
    └── ...                    as above

Without `entry_point` and `script` it behaves as an interpreter of the environment.""",
    attrs = dict(
        dict(ARTIFACT_ATTRS, **PEX_OPTION_ATTRS),
        code_apart = attr.bool(
            doc = "Whether first-party files lie in an archive of their own (`python_env_code`): an entry point must then be of a wheel.",
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
