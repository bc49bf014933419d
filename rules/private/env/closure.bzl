"""python_env_closure: the resolved closure of an environment for the selected platform."""

load("//rules/private/base:build_wheel.bzl", "build_wheel")
load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/base:paths.bzl", "path_in_repository")
load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "run_tool")
load("//rules/private/lock:locked_info.bzl", "PyEnvLockedInfo")
load(":env_info.bzl", "PyEnvInfo", "make_env_info")

def _label_of(lock):
    return "//%s:%s" % (lock.owner.package, lock.owner.name)

def _lock_of(ctx, locked):
    """Returns the lock file: the environment's own, or the root module's that stands for it."""
    label = _label_of(ctx.file.lock)
    if label in locked.instead:
        return locked.lock_file
    if locked.lock and locked.lock != label:
        fail(error_text(
            "lock and lock_repo are not of one environment: %s and the repository of %s" % (label, locked.lock),
            where = str(ctx.label),
            fix = "name as lock_repo the repository whose lock is %s, in MODULE.bazel or WORKSPACE" % label,
        ))
    return ctx.file.lock

def _local_wheels(ctx, locked):
    """Returns the wheels of the workspace that the lock names: those that lie there, and those that are built."""
    by_path = {path_in_repository(file): file for file in ctx.files.local_sources}
    missing = [path for path in locked.locals if path not in by_path]
    wheels = [by_path[path] for path in locked.locals if path in by_path]
    for project in locked.projects:
        files = [file for file in ctx.files.local_sources if path_in_repository(file).startswith(_folder(project.key))]
        if files:
            wheels.append(_project_wheel(ctx, project, files))
        else:
            missing.append(project.key)
    if missing:
        fail(error_text(
            "the lock names what the environment does not give: %s" % ", ".join(missing),
            where = "%s, local_sources" % ctx.label,
            fix = "list them in `local_sources`: a wheel by its label, a project by a filegroup of all its files",
        ))
    return wheels

def _folder(key):
    return "" if key == "." else key + "/"

def _project_wheel(ctx, project, files):
    wheel = ctx.actions.declare_file("%s.wheels/%s/%s" % (ctx.label.name, project.platform, project.wheel))
    build_wheel(
        ctx,
        source = project,
        wheel = wheel,
        inputs = files + project.tools,
        options = [word for file in files for word in [
            "--file=" + path_in_repository(file)[len(_folder(project.key)):],
            ("--file-path=%s", file),
        ]] + [("--tool=%s", tool) for tool in project.tools],
        libraries = project.libraries,
    )
    return wheel

def _args(ctx, lock, platform, manifest, wheels):
    args = ctx.actions.args()
    args.add("--lock", lock)
    args.add("--lock-label", _label_of(lock))
    args.add(ctx.attr.update, format = "--update-command=%s")
    args.add("--platform", platform)
    args.add("--name", ctx.label.name)

    # only what the lock has no digest of: wheels that are built
    args.add_all(wheels, before_each = "--built", map_each = _built_path)
    args.add("--output", manifest)
    return args

def _built_path(wheel):
    return None if wheel.is_source else wheel.path

def _python_env_closure_impl(ctx):
    locked = ctx.attr.wheels[PyEnvLockedInfo]
    lock = _lock_of(ctx, locked)
    wheels = depset(_local_wheels(ctx, locked), transitive = [locked.wheels], order = "preorder")
    manifest = ctx.actions.declare_file(ctx.label.name + ".env.json")
    run_tool(
        ctx,
        command = ["env", "closure"],
        arguments = _args(ctx, lock, locked.platform, manifest, wheels),
        inputs = depset([lock], transitive = [wheels]),
        outputs = [manifest],
        mnemonic = "PyEnvClosure",
        progress_message = "Writing the closure of %s for %s" % (ctx.label, locked.platform),
    )
    return [
        DefaultInfo(files = depset([manifest])),
        make_env_info(
            checks = locked.checks,
            name = ctx.label.name,
            manifest = manifest,
            platform = locked.platform,
            wheels = wheels,
        ),
    ]

python_env_closure = rule(
    implementation = _python_env_closure_impl,
    doc = """The closure of an environment for the selected platform, as `<name>.env.json`.

The platform is the one that `--@rules_python_env//rules/platforms:platform` names, else the first locked tag that
matches Bazel's target platform (os, cpu, libc).""",
    attrs = {
        "local_sources": attr.label_list(
            doc = "Wheels of the workspace, and all files of its projects, that requirement files name by path.",
            allow_files = True,
        ),
        "lock": attr.label(
            doc = "The lock, `<name>.lock.json`.",
            allow_single_file = [".json"],
            mandatory = True,
        ),
        "update": attr.string(
            doc = "The command that refreshes the lock, for messages.",
            default = "run the environment's .update target",
        ),
        "wheels": attr.label(
            doc = "Target `//:wheels` of the lock's repository.",
            providers = [PyEnvLockedInfo],
            mandatory = True,
        ),
    },
    provides = [PyEnvInfo],
    toolchains = TOOL_TOOLCHAINS,
)
