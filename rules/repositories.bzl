"""Public, for WORKSPACE: what the rules need, and one repository per lock."""

load("//rules/private:rules_repositories.bzl", "TOOLS_LOCK_REPO", "rules_repositories")
load("//rules/private/base:errors.bzl", "error_text")
load("//rules/private/lock:lock_repo.bzl", "lock_repo")
load("//rules/toolchain:interpreter_archive_repo.bzl", _python_interpreter_archive = "python_interpreter_archive")
load("//rules/toolchain:interpreters_repo.bzl", "interpreter_key")
load("//rules/toolchain:toolchain_rows.bzl", "DEFAULT_PYTHON", "TOOLCHAINS_REPO", "checked_rows", "declare_toolchains", "declared_archives")

python_interpreter_archive = _python_interpreter_archive

def _archives(existing):
    """Returns the declarations of `python_interpreter_archive` by name."""
    return {name: rule for name, rule in existing.items() if rule["kind"] == "python_interpreter_archive"}

# buildifier: disable=unnamed-macro
def python_env_toolchains(python_version = DEFAULT_PYTHON, archives = {}):
    """Says which CPython runs the tools: an archive by its sha256 for each execution platform. Call it before `python_env_dependencies`, which else takes 3.11.

    The machine's own Python instead: `register_toolchains("@rules_python_env//rules/toolchain:host_interpreter_toolchain")`. See docs/toolchains.md.

    Args:
      python_version: `X.Y`, or `X.Y.Z`, of the rules' table of python-build-standalone's releases.
      archives: dict of platform, in python-build-standalone's words, to a dict of `urls`, `sha256`, `strip_prefix` (`python`) and `python_version`:
        other archives of the same shape.
    """
    existing = native.existing_rules()
    if TOOLCHAINS_REPO in existing:
        fail(error_text(
            "it is decided twice which Python runs the tools",
            where = "python_env_toolchains(python_version = %s) in WORKSPACE" % repr(python_version),
            fix = "call python_env_toolchains once, and before python_env_dependencies()",
        ))
    rows = checked_rows(python_version, archives, where = "python_env_toolchains(...) in WORKSPACE")
    declare_toolchains(rows, declared_archives(_archives(existing)))

# buildifier: disable=unnamed-macro
def python_env_dependencies():
    """Declares what the rules themselves need, and registers the toolchains. Call it once, before every lock.

    Interpreter archives that were declared before it (`python_interpreter_archive`) are carried by the venvs of their platform.
    """
    existing = native.existing_rules()
    if TOOLCHAINS_REPO not in existing:
        python_env_toolchains()
    rules_repositories(existing = existing, interpreters = {
        name: interpreter_key(rule["python_version"], rule["platform"])
        for name, rule in _archives(existing).items()
        if not rule["runs_tools"]
    })
    native.register_toolchains(
        "@%s//:all" % TOOLCHAINS_REPO,
        "@rules_python_env//rules/toolchain:no_interpreter_toolchain",
        "@rules_python_env//rules/toolchain:tools_toolchain",
    )

def python_env_lock(name, lock):
    """Declares the repository of one lock.

    Load `wheel_repositories` from its wheels.bzl and call it, so that the files of the lock become repositories.

    Args:
      name: the repository's name, e.g. `training_lock`.
      lock: label of the lock file, e.g. `//envs:training.lock.json`; an empty file means "nothing locked yet".
    """
    lock_repo(name = name, lock = lock, tools_repo = TOOLS_LOCK_REPO)
