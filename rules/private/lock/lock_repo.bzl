"""Repository rule: a lock as Bazel targets, `//:wheels` for the selected platform."""

load("//rules/private/base:lock_reader.bzl", "read_lock")
load(":lock_build.bzl", "exec_packages_build_file", "lock_build_file")
load(":lock_text.bzl", "lock_label", "read_lock_text")
load(":wheels_file.bzl", "wheels_bzl_file")

def _update_command(label):
    file = label.name.split("/")[-1]
    name = file[:-len(".lock.json")] if file.endswith(".lock.json") else file
    return "bazel run //%s:%s.update" % (label.package, name)

def _lock_repo_impl(rctx):
    label = rctx.attr.lock
    where = lock_label(label)
    lock = read_lock(read_lock_text(rctx, label, where = "the lock of repository @" + rctx.name))
    there = where if rctx.path(label).exists else where + " (there is no such file)"
    rctx.file("BUILD", lock_build_file(lock, where = there, fix = _update_command(label), file = label, instead = rctx.attr.instead))
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
        "instead": attr.string_list(doc = "Locks of other modules that this one of the root module stands for, `//package:name` each."),
        "lock": attr.label(doc = "The lock file.", allow_single_file = [".json"], mandatory = True),
        "tools_repo": attr.string(doc = "The tools' lock repository, whose wheels `wheel_repositories()` declares too."),
    },
)
