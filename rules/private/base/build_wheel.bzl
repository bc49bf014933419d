"""The action that builds a wheel from a locked source."""

load(":param_file.bzl", "param_file_args")
load(":run_tool.bzl", "run_tool")
load(":tool_wheels.bzl", "tool_wheels")

# What the action imports beside the tools themselves.
BUILD_LIBRARIES = tool_wheels(["installer", "pyproject-hooks"])

def build_wheel(ctx, source, wheel, inputs, options, libraries):
    """Registers the action.

    Args:
      ctx: context of a rule with TOOL_TOOLCHAINS.
      source: struct of strings: key, distribution, version, platform, subdirectory, update.
      wheel: File, the wheel to write.
      inputs: list of File: the source and the build requirements' wheels.
      options: list: the source's own options, each a string, or a tuple of a format and a File.
      libraries: list of File, the wheels of BUILD_LIBRARIES.
    """
    args = param_file_args(ctx)
    args.add("--key", source.key)
    args.add("--name", source.distribution)
    args.add("--version", source.version)
    args.add("--platform", source.platform)
    args.add("--update-command", source.update)
    if source.subdirectory:
        args.add("--subdirectory", source.subdirectory)
    for option in options:
        if type(option) == "string":
            args.add(option)
        else:
            args.add(option[1], format = option[0])
    args.add("--output", wheel)
    run_tool(
        ctx,
        command = ["wheels", "build"],
        arguments = args,
        inputs = depset(inputs),
        outputs = [wheel],
        mnemonic = "PyEnvBuildWheel",
        progress_message = "Building %s for %s" % (wheel.basename, source.platform),
        libraries = libraries,
        whole_interpreter = True,
    )
