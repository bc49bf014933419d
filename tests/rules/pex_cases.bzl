"""Options of a PEX that contradict themselves, and what the error says."""

load("//rules:defs.bzl", "python_env_pex")
load("//rules/private/artifacts:pex_checks.bzl", "pex_fault")  # buildifier: disable=bzl-visibility
load(":analysis.bzl", "failure_test")

# Name of the case to options and texts of the error.
_WRONG = {
    "arguments_without_a_program": ({"inject_args": ["x"]}, ["error: inject_args go nowhere: the PEX is an interpreter"]),
    "braces": (
        {"entry_point": "a", "inject_args": ["{x}", "}", "{pex.env.A", "{pex.env.A}}x"]},
        [
            "error: pex cannot fill the braces of the injected argument \"{x}\"",
            "injected argument \"}\"",
            "injected argument \"{pex.env.A\"",
            "injected argument \"{pex.env.A}}x\"",
        ],
    ),
    "constraint_of_pypy": (
        {"interpreter_constraints": ["PyPy>=3", " "]},
        ["the interpreter constraint \"PyPy>=3\" admits no CPython", "the interpreter constraint \" \""],
    ),
    "pex_root_of_a_variable": ({"pex_root": "$HOME/x"}, ["error: pex_root \"$HOME/x\" has characters that a shell reads"]),
    "prefer_in_venv_mode": ({"inherit_path": "prefer"}, ["error: inherit_path = \"prefer\" does nothing in venv mode"]),
    "two_programs": ({"entry_point": "a", "script": "b"}, ["error: entry_point and script both say what to run"]),
    "variable_of_pex": (
        {"inject_env": {"1x": "", "PEX_ROOT": "x"}},
        ["\"1x\" of inject_env is not the name of a variable", "PEX_ROOT of inject_env comes too late for this PEX"],
    ),
    "venv_mode_without_tools": ({"include_tools": False}, ["error: venv = True needs pex's tools inside"]),
}

def wrong_pex_option_tests(name, env):
    """Declares a PEX and a failure test for every case.

    Args:
      name: what the targets' names begin with.
      env: label of the environment.
    """
    for case, (options, says) in _WRONG.items():
        pex = "%s_%s" % (name, case)
        python_env_pex(name = pex, env = env, file_name = pex, tags = ["manual"], **options)
        failure_test(
            name = pex + "_test",
            says = says + ["where: ", "//tests/rules:" + pex, "fix:   "],
            target = ":" + pex,
        )

def found_pex_faults():
    """Returns what python_env says of its `pex`, by case."""
    where = "//envs:a"
    return {
        "known": pex_fault(where, {"layout": "packed"}, "a"),
        "not a dict": pex_fault(where, ["packed"], ""),
        "twice": pex_fault(where, {"entry_point": "b"}, "a"),
        "unknown": pex_fault(where, {"layuot": "packed"}, ""),
    }
