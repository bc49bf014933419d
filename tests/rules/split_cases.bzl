"""Code that lies apart, and what one artifact holds beside the closure or without: actions, and what errors say."""

load("//rules:defs.bzl", "python_env_code", "python_env_pex", "python_env_venv", "python_env_wheelhouse")
load("//rules/private:python_env_checks.bzl", "split_fault")  # buildifier: disable=bzl-visibility
load("//rules/private/artifacts:selection.bzl", "additional_of")  # buildifier: disable=bzl-visibility
load("//rules/private/artifacts:venv_checks.bzl", "venv_fault")  # buildifier: disable=bzl-visibility
load(":analysis.bzl", "action_test", "failure_test")

_WHEEL = "six-1.17.0-py3-none-any.whl"

def _code_tests(name, env, tool_env):
    python_env_code(
        name = name + "_code",
        srcs = ["analysis.bzl"],
        additional = [_WHEEL],
        env = env,
        file_name = name,
        tags = ["manual"],
    )
    action_test(
        name = name + "_code_action_test",
        env = tool_env,
        inputs = {_WHEEL: "0", "analysis.bzl": "1", name + ".code.imports.json": "1"},
        mnemonic = "PyEnvCode",
        outputs = [name + ".code.tar.gz", name + ".code.tar.gz.json"],
        target = ":" + name + "_code",
        words = ["artifacts", "code"],
    )
    action_test(
        name = name + "_imports_action_test",
        env = tool_env,
        inputs = {"analysis.bzl": "0"},
        mnemonic = "PyEnvImports",
        outputs = [name + ".code.imports.json"],
        target = ":" + name + "_code",
        words = ["artifacts", "imports"],
    )
    python_env_code(name = name + "_empty", srcs = [], env = env, tags = ["manual"])
    failure_test(
        name = name + "_empty_test",
        says = ["error: there is no first-party file to lie apart", "where: ", ":" + name + "_empty, srcs", "fix:   name the code in srcs"],
        target = ":" + name + "_empty",
    )

def _selection_tests(name, env, tool_env):
    kinds = {
        "pex": (python_env_pex, "PyEnvPex", ".pex"),
        "venv": (python_env_venv, "PyEnvVenv", ".venv.tar.gz"),
    }
    for kind, (rule, mnemonic, suffix) in kinds.items():
        artifact = "%s_%s" % (name, kind)
        rule(name = artifact, additional = [_WHEEL], env = env, file_name = artifact, ignored = ["six", "idna"], tags = ["manual"])
        action_test(
            name = artifact + "_action_test",
            env = tool_env,
            mnemonic = mnemonic,
            outputs = [artifact + suffix, artifact + suffix + ".json"],
            target = ":" + artifact,
            words = ["artifacts", kind, "--path"],
        )
    house = name + "_house"
    python_env_wheelhouse(name = house, env = env, file_name = house, ignored = ["six"], tags = ["manual"])
    action_test(
        name = house + "_action_test",
        env = tool_env,
        mnemonic = "PyEnvWheelhouse",
        outputs = [house + ".wheelhouse.zip", house + ".wheelhouse.zip.json"],
        target = ":" + house,
        words = ["--ignored=six"],
    )

def split_tests(name, env, tool_env):
    """Declares artifacts and the tests of their actions.

    Args:
      name: what the targets' names begin with.
      env: label of the environment.
      tool_env: variables of every action.
    """
    _code_tests(name, env, tool_env)
    _selection_tests(name, env, tool_env)

def found_split_words():
    """Returns what python_env says of `split` and `venv`, by case."""
    where = "//envs:a"
    return {
        "additional": repr(additional_of({"additional": ["//b", "//a"]}, {"ignored": []}, {"additional": ["//a", "//c"]})),
        "nothing to split": split_fault(where, True, []),
        "root of nothing": split_fault(where, False, [], "src"),
        "split": split_fault(where, True, ["a.py"]),
        "venv": venv_fault(where, {"additional": [], "ignored": ["six"]}),
        "venv, no dict": venv_fault(where, "six"),
        "venv, unknown": venv_fault(where, {"format": "zip"}),
        "whole": split_fault(where, False, []),
    }
