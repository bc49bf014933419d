"""python_env_lock_file: an environment's lock, as environments that are derived from it name it."""

load(":lock_file_info.bzl", "PyEnvLockFileInfo", "make_lock_file_info")

def _python_env_lock_file_impl(ctx):
    return [
        DefaultInfo(files = depset([ctx.file.lock])),
        make_lock_file_info(lock = ctx.file.lock, update = ctx.attr.update),
    ]

python_env_lock_file = rule(
    implementation = _python_env_lock_file_impl,
    doc = "The lock of an environment, for `extends` of another: it needs no wheels, so that a lock is refreshed without any.",
    attrs = {
        "extends": attr.label(
            doc = "The lock of the environment that this one is derived from: it is not read, but makes a circle of " +
                  "environments one of targets, which Bazel shows.",
            providers = [PyEnvLockFileInfo],
        ),
        "lock": attr.label(
            doc = "The lock, `<name>.lock.json`.",
            allow_single_file = [".json"],
            mandatory = True,
        ),
        "update": attr.string(doc = "The command that refreshes the lock, for messages.", mandatory = True),
    },
    provides = [PyEnvLockFileInfo],
)
