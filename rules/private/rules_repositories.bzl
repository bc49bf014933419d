"""The repositories that the rules themselves need, the same for WORKSPACE and MODULE.bazel."""

load("//rules/private/lock:lock_repo.bzl", "lock_repo")
load("//rules/private/wheels:index_repo.bzl", "index_repo")
load("//rules/toolchain:host_interpreter_repo.bzl", "host_interpreter_repo")
load("//rules/toolchain:interpreters_repo.bzl", "interpreters_repo")

TOOLS_LOCK_REPO = "python_env_tools_lock"
_TOOLS_LOCK = Label("//tools:tools.lock.json")
CLIENTS_LOCK_REPO = "python_env_clients_lock"
_CLIENTS_LOCK = Label("//tools/clients:clients.lock.json")

# What `rules_repositories` declares.
RULES_REPOS = [
    CLIENTS_LOCK_REPO,
    "python_env_host_interpreter",
    "python_env_index_default",
    "python_env_interpreters",
    "python_env_toolchains",
    TOOLS_LOCK_REPO,
]

def rules_repositories(existing, interpreters):
    """Declares the host interpreter, the default index, the tools' own locks and the table of interpreters, but for those that exist.

    Args:
      existing: names that are taken.
      interpreters: dict of repository to key, of the interpreter archives that venvs carry by default.
    """
    if "python_env_host_interpreter" not in existing:
        host_interpreter_repo(name = "python_env_host_interpreter")
    if "python_env_index_default" not in existing:
        index_repo(
            name = "python_env_index_default",
            sample_lock = _TOOLS_LOCK,
        )
    if TOOLS_LOCK_REPO not in existing:
        lock_repo(name = TOOLS_LOCK_REPO, lock = _TOOLS_LOCK, tools_repo = CLIENTS_LOCK_REPO)
    if CLIENTS_LOCK_REPO not in existing:
        lock_repo(name = CLIENTS_LOCK_REPO, lock = _CLIENTS_LOCK)
    if "python_env_interpreters" not in existing:
        interpreters_repo(name = "python_env_interpreters", archives = interpreters)
