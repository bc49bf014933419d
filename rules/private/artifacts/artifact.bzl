"""What all artifact rules share: from an environment and a tool to a file with its report."""

load("//rules/private/base:param_file.bzl", "param_file_args")
load("//rules/private/base:run_tool.bzl", "run_tool")
load("//rules/private/env:env_info.bzl", "PyEnvInfo")
load(":artifact_info.bzl", "make_artifact_info")
load(":selection.bzl", "LIBRARY_ATTRS", "SELECTION_ATTRS", "selection_args")
load(":sources.bzl", "SOURCE_ATTRS", "source_args")
load(":text_checks.bzl", "artifact_stem", "check_lines")

# Whose artifact, and its name.
OUTPUT_ATTRS = {
    "env": attr.label(
        doc = "The environment, a `python_env_closure`.",
        providers = [PyEnvInfo],
        mandatory = True,
    ),
    "file_name": attr.string(
        doc = "Name of the artifact without its suffix; the environment's name when empty.",
    ),
}

ARTIFACT_ATTRS = dict(
    dict(dict(dict(OUTPUT_ATTRS, **SOURCE_ATTRS), **SELECTION_ATTRS), **LIBRARY_ATTRS),
    collisions = attr.string_dict(
        doc = "Path of the installed tree to the distribution whose file wins where several wheels own it with different " +
              "content. `site-packages/` is short for that folder on every platform. An entry that changes nothing is an error.",
    ),
)

def write_artifact(ctx, kind, suffix, options, inputs, mnemonic, is_folder = False):
    """Registers the action that writes an artifact and its report.

    Args:
      ctx: context of a rule with ARTIFACT_ATTRS and TOOL_TOOLCHAINS.
      kind: one of ARTIFACT_KINDS; names the tool, too.
      suffix: of the artifact's file name, e.g. `.pex`.
      options: list of string and File, the kind's own options.
      inputs: list of File that these options name.
      mnemonic: the action's mnemonic.
      is_folder: whether the artifact is a folder.

    Returns:
      PyEnvArtifactInfo.
    """
    env = ctx.attr.env[PyEnvInfo]
    check_lines(ctx, {"collisions": ctx.attr.collisions.keys() + ctx.attr.collisions.values()})
    stem = artifact_stem(ctx, env.name) + suffix
    file = ctx.actions.declare_directory(stem) if is_folder else ctx.actions.declare_file(stem)
    report = ctx.actions.declare_file(stem + ".json")
    args = param_file_args(ctx)
    args.add("--env", env.manifest)
    args.add_all(env.wheels, before_each = "--wheel")
    args.add_all(env.checks, before_each = "--check")
    source_args(ctx, args)
    libraries = selection_args(ctx, args)
    for path, distribution in sorted(ctx.attr.collisions.items()):
        args.add(path, format = "--collision=%s")
        args.add(distribution, format = "--collision-wheel=%s")
    args.add_all("--output", [file], expand_directories = False)
    args.add("--report", report)
    args.add_all(options)
    run_tool(
        ctx,
        command = ["artifacts", kind],
        arguments = args,
        inputs = depset([env.manifest] + ctx.files.srcs + ctx.files.additional + inputs, transitive = [env.wheels, env.checks]),
        outputs = [file, report],
        mnemonic = mnemonic,
        progress_message = "Assembling %s for %s" % (file.short_path, env.platform),
        libraries = libraries,
    )
    return make_artifact_info(kind = kind, name = env.name, file = file, report = report)
