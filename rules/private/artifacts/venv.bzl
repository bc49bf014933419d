"""python_env_venv: a relocatable virtual environment, spliced from the closure's wheels."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS")
load("//rules/private/env:env_info.bzl", "PyEnvInfo")
load(":artifact.bzl", "ARTIFACT_ATTRS", "write_artifact")
load(":artifact_info.bzl", "PyEnvArtifactInfo")
load(":bundled_interpreter_info.bzl", "PyEnvBundledInterpreterInfo")
load(":compiled.bzl", "compile_args")

# Value of `format` to the artifact's suffix; the folder has none.
_SUFFIXES = {"dir": "", "tar.gz": ".tar.gz", "zip": ".zip"}

def _python_env_venv_impl(ctx):
    options = ["--format", ctx.attr.format]
    inputs = []
    bundled = None
    if ctx.attr.interpreter:
        bundled = ctx.attr.interpreter[PyEnvBundledInterpreterInfo]
        inputs = [bundled.parts, bundled.document]
        options += ["--interpreter", bundled.parts, "--interpreter-document", bundled.document]
    if ctx.attr.compile:
        compile_options, compiled = compile_args(ctx, ctx.attr.env[PyEnvInfo], bundled)
        options += compile_options
        inputs += compiled
    artifact = write_artifact(
        ctx,
        kind = "venv",
        suffix = ".venv" + _SUFFIXES[ctx.attr.format],
        options = options,
        inputs = inputs,
        mnemonic = "PyEnvVenv",
        is_folder = ctx.attr.format == "dir",
    )
    return [DefaultInfo(files = depset([artifact.file, artifact.report])), artifact]

python_env_venv = rule(
    implementation = _python_env_venv_impl,
    doc = """A relocatable virtual environment as `<env>.venv.tar.gz`, with `<file>.json` beside it.

    bin/python                          finds pythonX.Y on PATH; with `interpreter` a CPython itself
    bin/<console script>                no absolute shebang
    lib/pythonX.Y/                      with `interpreter` its standard library
    lib/pythonX.Y/site-packages/        the locked wheels, installed, and the first-party files
    pyvenv.cfg                          without `home`: sys.prefix is the folder that it lies in
    **/__pycache__/                     with `compile`
    python_env.json                     which environment this is
""",
    attrs = dict(
        ARTIFACT_ATTRS,
        compile = attr.bool(
            doc = "Whether every module has its compiled form beside it (`__pycache__`, PEP 552 unchecked hash), the interpreter's, too. " +
                  "The tools must then run on a CPython of the platform's minor version.",
        ),
        format = attr.string(
            doc = "`tar.gz`, which every cluster unpacks rightly; `zip`, without links; or `dir`, the folder `<env>.venv`, without links.",
            default = "tar.gz",
            values = ["tar.gz", "zip", "dir"],
        ),
        interpreter = attr.label(
            doc = "The CPython to lie inside, e.g. `@cpython_3_11` of a `python_interpreter_archive`; it must be of the environment's platform. " +
                  "Without one, the node's PATH must have a pythonX.Y.",
            providers = [PyEnvBundledInterpreterInfo],
        ),
    ),
    provides = [PyEnvArtifactInfo],
    toolchains = TOOL_TOOLCHAINS,
)
