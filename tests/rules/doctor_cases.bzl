"""The doctor of an environment: what its script examines, and what it refuses."""

load("//rules:defs.bzl", "python_env_code", "python_env_doctor", "python_env_venv", "python_env_wheelhouse")
load(":analysis.bzl", "failure_test", "script_test")

def _refusals(name, env):
    """Declares targets of what is nothing to examine, by the words of the error."""
    python_env_wheelhouse(name = name + "_house", env = env, file_name = name + "_house", tags = ["manual"])
    refused = {
        "folder": (
            "there is nothing to examine: Spark ships files, and these are folders",
            "name the PEX, or the venv as tar.gz or zip",
            [":" + name + "_dir"],
        ),
        "house": (
            "a wheelhouse is nothing that a cluster starts",
            "name the PEX or the venv of the environment",
            [":" + name + "_pex", ":" + name + "_house"],
        ),
    }
    for case, (what, fix, artifacts) in refused.items():
        target = "%s_of_%s" % (name, case)
        python_env_doctor(name = target, artifacts = artifacts, tags = ["manual"])
        failure_test(
            name = target + "_is_refused_test",
            says = ["error: " + what, "where: ", target + ", artifacts: " + name, "fix:   " + fix],
            target = ":" + target,
        )

def doctor_tests(name, env, pex):
    """Declares doctors and the tests of their scripts.

    Args:
      name: what the targets' names begin with.
      env: label of the environment.
      pex: label of its PEX, `subject.pex`.
    """
    native.alias(name = name + "_pex", actual = pex, tags = ["manual"])
    python_env_venv(name = name + "_dir", env = env, file_name = name, format = "dir", tags = ["manual"])
    python_env_code(name = name + "_code", srcs = ["analysis.bzl"], env = env, file_name = name, tags = ["manual"])
    python_env_doctor(
        name = name,
        artifacts = [":%s_%s" % (name, kind) for kind in ["pex", "dir", "code"]],
        combinations = ["yarn-cluster"],
        hadoop_version = "3.3.6",
        spark_versions = ["3.5.6", "4.1.0"],
        tags = ["manual"],
    )
    script_test(
        name = name + "_script_test",
        files = ["subject.pex", "subject.pex.json", name + ".code.tar.gz", name + ".code.tar.gz.json"],
        target = ":" + name,
        without = ["tests/rules/%s.venv" % name],
        words = [
            " 'doctor' '--combination=yarn-cluster' '--spark=3.5.6' '--spark=4.1.0' '--hadoop=3.3.6' 'tests/rules/subject.pex' 'tests/rules/%s.code.tar.gz' \"$@\"" % name,
            "/auditwheel-",
            "/rich-",
        ],
    )
    _refusals(name, env)
