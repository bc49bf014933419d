"""python_env_wheelhouse: the wheels of one or several platforms in one archive that pip and uv install from, offline."""

load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/base:param_file.bzl", "param_file_args")
load("//rules/private/base:platform_transitions.bzl", "TRANSITION_ATTRS", "platforms_transition")
load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "run_tool")
load("//rules/private/env:env_info.bzl", "PyEnvInfo")
load(":artifact.bzl", "OUTPUT_ATTRS")
load(":artifact_info.bzl", "PyEnvArtifactInfo", "make_artifact_info")
load(":selection.bzl", "LIBRARY_ATTRS", "library_files")
load(":text_checks.bzl", "artifact_stem")

def _by_tag(ctx, env):
    """Returns a closure under its tag: those of several platforms differ by configuration alone, which path mapping takes out of a path."""
    manifest = ctx.actions.declare_file("%s.envs/%s.env.json" % (ctx.label.name, env.platform))
    ctx.actions.symlink(
        output = manifest,
        target_file = env.manifest,
        progress_message = "Naming %s for %s" % (env.manifest.short_path, env.platform),
    )
    return manifest

def _closures(ctx):
    """Returns the closures, one for each platform."""
    envs = [env[PyEnvInfo] for env in ctx.attr.env]
    tags = [env.platform for env in envs]
    if len({tag: None for tag in tags}) != len(tags):
        fail(error_text(
            "the closures are not one of each platform from one lock: %s" % ", ".join(tags),
            where = "%s, platforms" % ctx.label,
            fix = "name each tag once in platforms, and as env a python_env, whose closure follows the platform",
        ))
    return envs

def _python_env_wheelhouse_impl(ctx):
    envs = _closures(ctx)
    stem = artifact_stem(ctx, envs[0].name) + ".wheelhouse.zip"
    file = ctx.actions.declare_file(stem)
    report = ctx.actions.declare_file(stem + ".json")
    manifests = [_by_tag(ctx, env) for env in envs]
    wheels = depset(transitive = [env.wheels for env in envs])
    checks = depset(transitive = [env.checks for env in envs])
    args = param_file_args(ctx)
    args.add_all(manifests, before_each = "--env")
    args.add_all(wheels, before_each = "--wheel")
    args.add_all(checks, before_each = "--check")
    args.add_all(ctx.attr.ignored, format_each = "--ignored=%s")
    args.add("--output", file)
    args.add("--report", report)
    run_tool(
        ctx,
        command = ["artifacts", "wheelhouse"],
        arguments = args,
        inputs = depset(manifests, transitive = [wheels, checks]),
        outputs = [file, report],
        mnemonic = "PyEnvWheelhouse",
        progress_message = "Assembling %s for %s" % (file.short_path, ", ".join([env.platform for env in envs])),
        libraries = library_files(ctx),
    )
    return [
        DefaultInfo(files = depset([file, report])),
        make_artifact_info(kind = "wheelhouse", name = envs[0].name, file = file, report = report),
    ]

python_env_wheelhouse = rule(
    implementation = _python_env_wheelhouse_impl,
    doc = """The wheels of one or several platforms as `<env>.wheelhouse.zip`, with `<file>.json` beside it.

    __main__.py                     python <file> verify | list | install VENV | extract FOLDER
    manifest.json                   env id, lock, sha256 and size of every file
    pylock.<tag>.toml               PEP 751, wheels by relative path
    python_env.json                 which environment this is
    requirements.<tag>.txt          name==version and the wheel's digest
    simple/<distribution>/          PEP 503 pages with digests and relative links
    wheels/*.whl                    every wheel once, byte for byte

Everything is stored uncompressed. Unpacked, `pip install --no-index --find-links` and `uv pip install` read it.""",
    attrs = dict({
        "env": attr.label(
            doc = "The environment, a `python_env_closure`.",
            cfg = platforms_transition,
            providers = [PyEnvInfo],
            mandatory = True,
        ),
        "file_name": OUTPUT_ATTRS["file_name"],
        "ignored": attr.string_list(
            doc = "Distributions that are left out; each must be in the closure of one of the platforms.",
        ),
        "platforms": attr.string_list(
            doc = "Platform tags of the lock whose wheels go in; the selected platform alone when empty.",
        ),
    }, **dict(TRANSITION_ATTRS, **LIBRARY_ATTRS)),
    provides = [PyEnvArtifactInfo],
    toolchains = TOOL_TOOLCHAINS,
)
