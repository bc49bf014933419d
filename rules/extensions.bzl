"""Public, for MODULE.bazel: the same repositories as repositories.bzl makes for WORKSPACE.

The only file that knows bzlmod; nothing else loads it.
"""

load("//rules/private:rules_repositories.bzl", "CLIENTS_LOCK_REPO", "TOOLS_LOCK_REPO", "rules_repositories")
load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/base:lock_reader.bzl", "read_lock")
load("//rules/private/lock:lock_repo.bzl", "lock_repo")
load("//rules/private/lock:lock_text.bzl", "read_lock_text")
load("//rules/private/wheels:declare_repos.bzl", "declare_repos")
load("//rules/toolchain:interpreter_archive_repo.bzl", "INTERPRETER_ATTRS", "python_interpreter_archive")
load("//rules/toolchain:interpreters_repo.bzl", "interpreter_key")
load("//rules/toolchain:toolchain_choice.bzl", "chosen_toolchains")
load("//rules/toolchain:toolchain_rows.bzl", "checked_rows", "declare_toolchains", "declared_archives")

_lock = tag_class(
    doc = "One lock: makes a repository of the given name, and one per locked file.",
    attrs = {
        "lock": attr.label(doc = "The lock file; an empty one means \"nothing locked yet\".", mandatory = True),
        "name": attr.string(doc = "Name of the lock's repository, for `use_repo`.", mandatory = True),
    },
)

_interpreter = tag_class(
    doc = "An interpreter that venvs can carry: makes a `python_interpreter_archive` of the given name. Those of the root module are what venvs " +
          "of their platform carry unless they say otherwise.",
    attrs = dict(INTERPRETER_ATTRS, name = attr.string(doc = "Name of the repository, for `use_repo`.", mandatory = True)),
)

_toolchain = tag_class(
    doc = "The CPython that runs the tools: without `platform` one version for all platforms of the table, 3.11 where nothing is said; with it the archive " +
          "for one execution platform. The root module's word holds; without it the others must agree. See docs/toolchains.md.",
    attrs = {
        "platform": attr.string(doc = "In python-build-standalone's words, e.g. `x86_64-unknown-linux-gnu`; empty for all of the table."),
        "python_version": attr.string(doc = "`X.Y`, or `X.Y.Z`: of the table, or what the archive by URL holds.", default = "3.11"),
        "sha256": INTERPRETER_ATTRS["sha256"],
        "strip_prefix": INTERPRETER_ATTRS["strip_prefix"],
        "urls": INTERPRETER_ATTRS["urls"],
    },
)

def _toolchain_repos(modules):
    """Declares the archives that run the tools, from the tags of the root module, else of all."""
    chosen = chosen_toolchains([
        struct(
            archive = {key: getattr(tag, key) for key in ["python_version", "sha256", "strip_prefix", "urls"]},
            module = module.name,
            platform = tag.platform,
            root = module.is_root,
        )
        for module in modules
        for tag in module.tags.toolchain
    ])
    rows = checked_rows(
        chosen.python_version,
        chosen.archives,
        where = "python_env.toolchain(...) in MODULE.bazel",
        faults = chosen.faults,
    )
    declare_toolchains(rows, declared_archives({
        tag.name: {key: getattr(tag, key) for key in ["platform", "python_version", "sha256", "urls"]}
        for module in modules
        for tag in module.tags.interpreter
    }))

def _interpreter_repos(modules):
    """Declares one repository per interpreter archive; returns the keys of the root module's by repository."""
    keys = {}
    seen = {}
    for module in modules:
        for tag in module.tags.interpreter:
            if tag.name in seen:
                continue
            seen[tag.name] = None
            python_interpreter_archive(**{key: getattr(tag, key) for key in ["name"] + INTERPRETER_ATTRS.keys()})
            if module.is_root:
                keys[tag.name] = interpreter_key(tag.python_version, tag.platform)
    return keys

def _lock_repos(tags):
    """Declares one repository per lock; the first module that brings a name (the root comes first) owns it."""
    owners = {
        CLIENTS_LOCK_REPO: Label("//tools/clients:clients.lock.json"),
        TOOLS_LOCK_REPO: Label("//tools:tools.lock.json"),
    }
    for tag in tags:
        if tag.name not in owners:
            lock_repo(name = tag.name, lock = tag.lock)
            owners[tag.name] = tag.lock
        elif owners[tag.name] != tag.lock:
            fail(error_text(
                "two locks are to be repository @%s: %s and %s" % (tag.name, owners[tag.name], tag.lock),
                where = "python_env.lock(name = \"%s\") in MODULE.bazel" % tag.name,
                fix = "give one of them another name",
            ))
    return owners

def _python_env_impl(mctx):
    _toolchain_repos(mctx.modules)
    rules_repositories(existing = [], interpreters = _interpreter_repos(mctx.modules))
    locks = _lock_repos([tag for module in mctx.modules for tag in module.tags.lock])
    texts = [
        read_lock_text(mctx, locks[name], where = "python_env.lock(name = \"%s\") in MODULE.bazel" % name)
        for name in locks
    ]
    declare_repos([read_lock(text) for text in texts])
    return mctx.extension_metadata(reproducible = True)

python_env = module_extension(
    implementation = _python_env_impl,
    doc = """Brings locks into a workspace.

    python_env = use_extension("@rules_python_env//rules:extensions.bzl", "python_env")
    python_env.lock(name = "training_lock", lock = "//envs:training.lock.json")
    use_repo(python_env, "training_lock")

An interpreter for the inside of venvs (see `python_interpreter_archive`):

    python_env.interpreter(name = "cpython_3_11", platform = "x86_64-unknown-linux-gnu", python_version = "3.11")
    use_repo(python_env, "cpython_3_11")

The Python that runs the tools, from an archive by its sha256:

    python_env.toolchain(python_version = "3.11")
""",
    tag_classes = {"interpreter": _interpreter, "lock": _lock, "toolchain": _toolchain},
)
