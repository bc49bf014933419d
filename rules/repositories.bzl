"""Public, for WORKSPACE: what the rules need, and one repository per lock."""

load("//rules/private:rules_repositories.bzl", "TOOLS_LOCK_REPO", "rules_repositories")
load("//rules/private/lock:lock_repo.bzl", "lock_repo")

# buildifier: disable=unnamed-macro
def python_env_dependencies():
    """Declares what the rules themselves need, and registers the toolchains. Call it once, first."""
    rules_repositories(existing = native.existing_rules())
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
