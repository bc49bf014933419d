"""Public, for WORKSPACE: what the rules need, and one repository per lock."""

load("//rules/private:rules_repositories.bzl", "TOOLS_LOCK_REPO", "rules_repositories")
load("//rules/private/lock:lock_repo.bzl", "lock_repo")
load("//rules/toolchain:interpreter_archive_repo.bzl", _python_interpreter_archive = "python_interpreter_archive")
load("//rules/toolchain:interpreters_repo.bzl", "interpreter_key")

python_interpreter_archive = _python_interpreter_archive

# buildifier: disable=unnamed-macro
def python_env_dependencies():
    """Declares what the rules themselves need, and registers the toolchains. Call it once, before every lock.

    Interpreter archives that were declared before it (`python_interpreter_archive`) are carried by the venvs of their platform.
    """
    existing = native.existing_rules()
    rules_repositories(existing = existing, interpreters = {
        name: interpreter_key(rule["python_version"], rule["platform"])
        for name, rule in existing.items()
        if rule["kind"] == "python_interpreter_archive"
    })
    native.register_toolchains(
        "@rules_python_env//rules/toolchain:host_interpreter_toolchain",
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
