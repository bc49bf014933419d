"""Public, for MODULE.bazel: the same repositories as repositories.bzl makes for WORKSPACE.

The only file that knows bzlmod; nothing else loads it.
"""

load("//rules/private:rules_repositories.bzl", "CLIENTS_LOCK_REPO", "RULES_REPOS", "TOOLS_LOCK_REPO", "rules_repositories")
load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/base:lock_reader.bzl", "read_lock")
load("//rules/private/lock:lock_repo.bzl", "lock_repo")
load("//rules/private/lock:lock_text.bzl", "lock_label", "read_lock_text")
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

def _named(mctx, kind, same):
    """Returns by name the tags that make repositories: the root module's win over others, which must agree.

    Args:
      mctx: the extension's context; the root module comes first.
      kind: name of the tag class.
      same: function from a tag to what two tags of one name must agree on.

    Returns:
      dict of name to struct: `module` that brings it, `tag`, `instead` (tags of other modules that the root's stands for).
    """
    found = {}
    for module in mctx.modules:
        for tag in getattr(module.tags, kind):
            first = found.setdefault(tag.name, struct(instead = [], module = module, tag = tag))
            if same(first.tag) == same(tag):
                continue
            if not first.module.is_root or module.is_root:
                fail(_conflict(kind, first, struct(module = module, tag = tag), same))
            first.instead.append(tag)
    return found

def _conflict(kind, first, second, same):
    """Returns the error of two tags that are to be one repository."""
    both = ["module %s says %s" % (each.module.name or "<root>", same(each.tag)) for each in [first, second]]
    decide = "" if second.module.is_root else ", or decide in the root's MODULE.bazel: python_env.%s(name = \"%s\", ...)" % (kind, first.tag.name)
    return error_text(
        "two %ss are to be repository @%s: %s" % (kind, first.tag.name, ", ".join(both)),
        where = "python_env.%s(name = \"%s\") in MODULE.bazel" % (kind, first.tag.name),
        fix = "give one of them another name" + decide,
    )

def _interpreter_values(tag):
    return ", ".join(["%s = %r" % (key, getattr(tag, key)) for key in sorted(INTERPRETER_ATTRS) if getattr(tag, key)])

def _interpreter_repos(mctx):
    """Declares one repository per interpreter archive; returns the keys of the root module's by repository."""
    keys = {}
    for name, found in _named(mctx, "interpreter", _interpreter_values).items():
        python_interpreter_archive(name = name, **{key: getattr(found.tag, key) for key in INTERPRETER_ATTRS})
        if found.module.is_root:
            keys[name] = interpreter_key(found.tag.python_version, found.tag.platform)
    return keys

def _lock_label(tag):
    return str(tag.lock)

def _lock_repos(mctx):
    """Declares one repository per lock; returns the locks by repository."""
    owners = {
        CLIENTS_LOCK_REPO: Label("//tools/clients:clients.lock.json"),
        TOOLS_LOCK_REPO: Label("//tools:tools.lock.json"),
    }
    for name, found in _named(mctx, "lock", _lock_label).items():
        if name in owners:
            fail(error_text(
                "@%s is the repository of the rules' own lock %s" % (name, owners[name]),
                where = "python_env.lock(name = \"%s\") of module %s" % (name, found.module.name or "<root>"),
                fix = "give the lock another name",
            ))
        lock_repo(name = name, lock = found.tag.lock, instead = [lock_label(tag.lock) for tag in found.instead])
        owners[name] = found.tag.lock
    return owners

def _metadata(mctx):
    """Returns what `bazel mod tidy` writes into the root's use_repo: every repository that the root gives a name."""
    direct = {True: {}, False: {}}
    for module in mctx.modules:
        if module.is_root:
            for tag in module.tags.lock + module.tags.interpreter:
                direct[mctx.is_dev_dependency(tag)][tag.name] = None
            if module.name == "rules_python_env":
                direct[False].update({name: None for name in RULES_REPOS})
    return mctx.extension_metadata(
        reproducible = True,
        root_module_direct_deps = direct[False].keys(),
        root_module_direct_dev_deps = [name for name in direct[True] if name not in direct[False]],
    )

def _python_env_impl(mctx):
    _toolchain_repos(mctx.modules)
    rules_repositories(existing = [], interpreters = _interpreter_repos(mctx))
    locks = _lock_repos(mctx)
    texts = [
        read_lock_text(mctx, locks[name], where = "python_env.lock(name = \"%s\") in MODULE.bazel" % name)
        for name in locks
    ]
    declare_repos([read_lock(text) for text in texts])
    return _metadata(mctx)

python_env = module_extension(
    implementation = _python_env_impl,
    doc = """Brings locks into a workspace.

    python_env = use_extension("@rules_python_env//rules:extensions.bzl", "python_env")
    python_env.lock(name = "training_lock", lock = "//envs:training.lock.json")
    use_repo(python_env, "training_lock")

An interpreter for the inside of venvs (see `python_interpreter_archive`):

    python_env.interpreter(name = "cpython_3_11", platform = "x86_64-unknown-linux-gnu", python_version = "3.11")
    use_repo(python_env, "cpython_3_11")

Every module may bring locks and interpreters. Where two bring one name, the root module's holds for all; two others must agree.
What the root names it imports: `bazel mod tidy` writes that use_repo.

The Python that runs the tools, from an archive by its sha256:

    python_env.toolchain(python_version = "3.11")
""",
    tag_classes = {"interpreter": _interpreter, "lock": _lock, "toolchain": _toolchain},
)
