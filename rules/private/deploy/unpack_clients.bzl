"""Unpacks the clients' wheels: Python imports no compiled module out of a zip."""

load("//rules/private/base:run_tool.bzl", "run_tool")

def unpack_clients(ctx, wheels):
    """Registers the action that unpacks wheels into one folder.

    Args:
      ctx: the rule's context; the rule has `toolchains = TOOL_TOOLCHAINS`.
      wheels: list of File.

    Returns:
      A list of File: the folder, or nothing where there are no wheels.
    """
    if not wheels:
        return []
    folder = ctx.actions.declare_directory(ctx.label.name + ".clients")
    args = ctx.actions.args()
    args.add_all(wheels, before_each = "--wheel")
    args.add_all("--output", [folder], expand_directories = False)
    run_tool(
        ctx,
        command = ["deploy", "client"],
        arguments = args,
        inputs = depset(wheels),
        outputs = [folder],
        mnemonic = "PyEnvDeployClients",
        progress_message = "Unpacking the services' clients for %s" % ctx.label,
    )
    return [folder]
