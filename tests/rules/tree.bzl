"""A rule whose output is a folder."""

def _tree_impl(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(outputs = [folder], command = "mkdir -p " + folder.path, mnemonic = "TestTree")
    return [DefaultInfo(files = depset([folder]))]

tree = rule(
    implementation = _tree_impl,
    doc = "Declares a folder, as code generators do.",
)
