"""Repository rule: a lock as Bazel targets, `//:wheels` for the selected platform."""

load(":lock_build.bzl", "exec_packages_build_file", "lock_build_file")
load(":lock_reader.bzl", "read_lock")
load(":wheels_file.bzl", "wheels_bzl_file")

def _update_command(label):
    name = label.name[:-len(".lock.json")] if label.name.endswith(".lock.json") else label.name
    return "bazel run //%s:%s.update" % (label.package, name)

def _lock_repo_impl(rctx):
    label = rctx.attr.lock
    where = "//%s:%s" % (label.package, label.name)
    lock = read_lock(rctx.read(rctx.path(label)))
    rctx.file("BUILD", lock_build_file(lock, where = where, fix = _update_command(label)))
    rctx.file("exec/BUILD", exec_packages_build_file(lock, where = where))
    rctx.file("wheels.bzl", wheels_bzl_file(lock, tools_repo = rctx.attr.tools_repo))

lock_repo = repository_rule(
    implementation = _lock_repo_impl,
    doc = """The targets of one lock.

* `//:wheels`: the selected platform's wheels (`PyEnvLockedInfo`);
* `//:exec_wheels`: those of the execution platform, whatever the platform flag says;
* `//exec:<distribution>`: one wheel for the execution platform;
* `wheels.bzl`: `wheel_repositories()` for WORKSPACE.
""",
    attrs = {
        "lock": attr.label(doc = "The lock file.", allow_single_file = [".json"], mandatory = True),
        "tools_repo": attr.string(doc = "The tools' lock repository, whose wheels `wheel_repositories()` declares too."),
    },
)
