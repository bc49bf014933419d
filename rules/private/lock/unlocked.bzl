"""python_env_unlocked: what is built where a lock is empty or unreadable."""

load("//rules/private/base:errors.bzl", "error_text")

def _python_env_unlocked_impl(ctx):
    fail(error_text(ctx.attr.what, where = ctx.attr.lock, fix = ctx.attr.fix))

python_env_unlocked = rule(
    implementation = _python_env_unlocked_impl,
    doc = "Stands for an empty or unreadable lock: fails when something is built from it, so that `.update` still runs.",
    attrs = {
        "fix": attr.string(doc = "The command to run.", mandatory = True),
        "lock": attr.string(doc = "Label of the lock.", mandatory = True),
        "what": attr.string(doc = "What is wrong with the lock.", mandatory = True),
    },
)
