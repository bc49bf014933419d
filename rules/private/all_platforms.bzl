"""python_env_all_platforms: one target for every platform tag, in one invocation."""

load("//rules/private/artifacts:artifact_info.bzl", "PyEnvArtifactInfo")
load("//rules/private/base:paths.bzl", "path_in_repository")
load("//rules/private/base:platform_transitions.bzl", "TRANSITION_ATTRS", "platforms_transition")
load("//rules/private/base:tool_path.bzl", "TOOL_PATH")
load("//rules/private/env:env_info.bzl", "PyEnvInfo")
load("//rules/private/launcher:launcher_info.bzl", "PyEnvLauncherInfo")
load(":all_platforms_info.bzl", "PyEnvAllPlatformsInfo", "make_all_platforms_info")

# Bazel 4 makes the folder itself before it would link it; it has no `package_relative_label`.
_LINKS_FOLDERS = hasattr(native, "package_relative_label")

def _copy_folder(ctx, folder, copy, message):
    ctx.actions.run_shell(
        command = 'cp -R "$1/." "$2"',
        arguments = [folder.path, copy.path],
        inputs = [folder],
        outputs = [copy],
        mnemonic = "PyEnvCopyFolder",
        progress_message = message,
        env = {"PATH": TOOL_PATH},
    )

def _lay(ctx, tag, file):
    """Declares a file of one tag below the folder of its name; the tool that wrote it knows it by its own place in its package."""
    place = "%s/%s/%s" % (ctx.label.name, tag, path_in_repository(file)[len(file.owner.package) + 1:])
    laid = ctx.actions.declare_directory(place) if file.is_directory else ctx.actions.declare_file(place)
    message = "Laying %s below %s" % (file.basename, tag)
    if file.is_directory and not _LINKS_FOLDERS:
        _copy_folder(ctx, file, laid, message)
    else:
        ctx.actions.symlink(output = laid, target_file = file, progress_message = message)
    return laid

def _python_env_all_platforms_impl(ctx):
    # a target has its artifact and the report beside it: short lists
    files = {
        tag: depset([_lay(ctx, tag, file) for file in ctx.split_attr.target[tag][DefaultInfo].files.to_list()])
        for tag in ctx.attr.platforms
    }
    return [
        DefaultInfo(files = depset(transitive = files.values())),
        OutputGroupInfo(**files),
        make_all_platforms_info(files = files, where = str(ctx.label)),
    ]

python_env_all_platforms = rule(
    implementation = _python_env_all_platforms_impl,
    doc = """One target for several platforms at once, whatever the platform flag says.

    <name>/
    ├── cp311-manylinux_2_28_x86_64/
    │   ├── training.pex
    │   └── training.pex.json
    └── cp311-win_amd64/
        ├── training.pex
        └── training.pex.json

Each tag is an output group, too: `--output_groups=cp311-win_amd64` builds that one alone, but all are analysed, which fetches the wheels of all.""",
    attrs = dict({
        "platforms": attr.string_list(
            doc = "Platform tags of the lock.",
            mandatory = True,
            allow_empty = False,
        ),
        "target": attr.label(
            doc = "An environment, one of its artifacts, or its launcher.",
            cfg = platforms_transition,
            providers = [[PyEnvInfo], [PyEnvArtifactInfo], [PyEnvLauncherInfo]],
            mandatory = True,
        ),
    }, **TRANSITION_ATTRS),
    provides = [PyEnvAllPlatformsInfo],
)
