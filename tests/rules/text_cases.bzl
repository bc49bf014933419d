"""Texts of attributes that are no file names or no lines, and what the error says."""

load("//rules:defs.bzl", "python_env_bundled_interpreter", "python_env_pex", "python_env_venv", "python_env_wheelhouse")
load(":analysis.bzl", "failure_test")

# Name of the case to rule, attributes and texts of the error.
_WRONG = {
    "break_in_a_collision": (
        python_env_venv,
        {"collisions": {"a\n--env=x": "b"}},
        ["error: \"a\\n--env=x\" of collisions has a line break", "fix:   write it on one line"],
    ),
    "break_in_a_glob": (
        python_env_bundled_interpreter,
        {"archive": "cases.bzl", "keep": ["a\n--output=x"], "leave_out": ["b\r"]},
        ["error: \"a\\n--output=x\" of keep has a line break", "\"b\\r\" of leave_out has a line break"],
    ),
    "file_name_of_a_folder": (
        python_env_wheelhouse,
        {"file_name": "a/b"},
        ["error: file_name \"a/b\" is not a plain file name", "fix:   write letters, digits"],
    ),
    "file_name_of_a_fragment": (
        python_env_pex,
        {"file_name": "a#b"},
        ["error: file_name \"a#b\" is not a plain file name"],
    ),
    "file_name_outside": (
        python_env_venv,
        {"file_name": "../a"},
        ["error: file_name \"../a\" is not a plain file name"],
    ),
}

def wrong_text_tests(name, env):
    """Declares a target and a failure test for every case.

    Args:
      name: what the targets' names begin with.
      env: label of the environment.
    """
    for case, (rule, attributes, says) in _WRONG.items():
        target = "%s_%s" % (name, case)
        common = {} if "archive" in attributes else {"env": env, "file_name": target}
        rule(name = target, tags = ["manual"], **dict(common, **attributes))
        failure_test(
            name = target + "_test",
            says = says + ["where: ", "//tests/rules:" + target],
            target = ":" + target,
        )
