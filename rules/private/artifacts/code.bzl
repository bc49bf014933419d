"""python_env_code: the first-party files of an environment as an archive of their own."""

load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/base:param_file.bzl", "param_file_args")
load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "run_tool")
load("//rules/private/env:env_info.bzl", "PyEnvInfo")
load(":artifact.bzl", "OUTPUT_ATTRS")
load(":artifact_info.bzl", "PyEnvArtifactInfo", "make_artifact_info")
load(":sources.bzl", "SOURCE_ATTRS", "source_args")
load(":text_checks.bzl", "artifact_stem")

def _check_sources(ctx):
    if not ctx.files.srcs:
        fail(error_text(
            "there is no first-party file to lie apart from the dependencies",
            where = "%s, srcs" % ctx.label,
            fix = "name the code in srcs, or leave out split = True",
        ))

def _imports(ctx, env, stem):
    """Registers the action that reads what the wheels are imported by; it does not see the code."""
    imports = ctx.actions.declare_file(stem + ".imports.json")
    args = param_file_args(ctx)
    args.add("--env", env.manifest)
    args.add_all(env.wheels, before_each = "--wheel")
    args.add_all(ctx.files.additional, before_each = "--additional")
    args.add("--output", imports)
    run_tool(
        ctx,
        command = ["artifacts", "imports"],
        arguments = args,
        inputs = depset([env.manifest] + ctx.files.additional, transitive = [env.wheels]),
        outputs = [imports],
        mnemonic = "PyEnvImports",
        progress_message = "Reading what %s is imported by, for %s" % (env.name, env.platform),
    )
    return imports

def _python_env_code_impl(ctx):
    _check_sources(ctx)
    env = ctx.attr.env[PyEnvInfo]
    stem = artifact_stem(ctx, env.name) + ".code"
    file = ctx.actions.declare_file(stem + ".tar.gz")
    report = ctx.actions.declare_file(stem + ".tar.gz.json")
    imports = _imports(ctx, env, stem)
    args = param_file_args(ctx)
    args.add("--env", env.manifest)
    args.add("--imports", imports)
    source_args(ctx, args)
    args.add("--output", file)
    args.add("--report", report)
    run_tool(
        ctx,
        command = ["artifacts", "code"],
        arguments = args,
        inputs = depset([env.manifest, imports] + ctx.files.srcs),
        outputs = [file, report],
        mnemonic = "PyEnvCode",
        progress_message = "Archiving the code %s" % file.short_path,
    )
    return [
        DefaultInfo(files = depset([file, report])),
        make_artifact_info(kind = "code", name = env.name, file = file, report = report),
    ]

python_env_code = rule(
    implementation = _python_env_code_impl,
    doc = """The first-party files of an environment as `<env>.code.tar.gz`, with `<file>.json` beside it.

    <first-party files>             from the root of the imports
    python_env.json                 which environment this is the code of

It lies beside a PEX or a venv without them, which keeps its bytes when code changes. No file may hide a module of a wheel or
of the standard library.""",
    attrs = dict(
        dict(OUTPUT_ATTRS, **SOURCE_ATTRS),
        additional = attr.label_list(
            doc = "Wheels that an artifact holds beside the closure (`additional`), which the code must not hide either.",
            allow_files = [".whl"],
        ),
    ),
    provides = [PyEnvArtifactInfo],
    toolchains = TOOL_TOOLCHAINS,
)
