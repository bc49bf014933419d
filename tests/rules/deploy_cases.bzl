"""Deploy and submit: what their scripts say, what they take over from each other, and whose clients they import."""

load("//rules:defs.bzl", "python_env_deploy")
load("//rules/private/deploy:clients.bzl", "python_env_deploy_clients")  # buildifier: disable=bzl-visibility
load("//rules/private/deploy:deploy_targets.bzl", "deploy_targets")  # buildifier: disable=bzl-visibility
load(":analysis.bzl", "action_test", "script_test")

_ARTIFACT = "'--artifact' 'tests/rules/subject.pex' '--report' 'tests/rules/subject.pex.json'"
_SHARED = _ARTIFACT + " '--launcher' 'tests/rules/subject.launcher.json' '--to' 'hdfs:///envs'"
_RENDERINGS = " '--renderings' 'tests/rules/subject.launcher'"
_FILES = ["subject.pex", "subject.pex.json", "subject.launcher.json", "skein", "yarn-cluster"]

def _unpacking_test(target, env):
    """Declares the test of the action by which a target unpacks its wheels."""
    action_test(
        name = target + "_action_test",
        env = env,
        inputs = {"six-1.17.0-py3-none-any.whl": "1"},
        mnemonic = "PyEnvDeployClients",
        outputs = [target + ".clients"],
        target = ":" + target,
        words = ["deploy", "client", "--wheel", "--output"],
    )

def _script_tests(name):
    """Declares the tests of the scripts that python_env declares: deploy, its plan, and submit."""
    said = _SHARED + _RENDERINGS + " '--channel' 'latest' '--replication' '2'"
    scripts = {
        "_deploy": (" 'deploy' 'target' %s '--' \"$@\"" % said, ["'--dry-run'"]),
        "_deploy.plan": (" 'deploy' 'target' %s '--dry-run' '--' \"$@\"" % said, []),
        "_submit": (
            " 'deploy' 'submit' %s '--kind' 'pex' '--combination' 'yarn-client' \"$@\"" % _SHARED,
            ["'--'", "'--channel'", "'--replication'", "'--renderings'", "'--dry-run'"],
        ),
    }
    for target, (words, without) in scripts.items():
        own = "'--path' 'tests/rules/%s%s.clients' '--path' 'tools/clients/clients.clients'" % (name, target)
        script_test(
            name = name + target + "_script_test",
            files = _FILES,
            target = ":" + name + target,
            without = without,
            words = [words, own, "/rich-"],
        )

def deploy_tests(name, pex, launcher, wheel, locked, tool_env):
    """Declares deploys and submits, and the tests of their scripts.

    Args:
      name: what the targets' names begin with.
      pex: label of an environment's PEX, `subject.pex`.
      launcher: label of its launcher.
      wheel: label of six, which stands for a client of one's own.
      locked: label of the wheels of a lock, which hold six.
      tool_env: the environment of every action.
    """
    native.alias(name = name + "_launcher", actual = launcher, tags = ["manual"])
    deploy_targets(
        name,
        artifacts = [pex],
        deploy = {"channels": ["latest"], "clients": [wheel], "replication": 2, "to": "hdfs:///envs"},
        submit = {"combination": "yarn-client", "kind": "pex"},
        tags = ["manual"],
        visibility = ["//visibility:private"],
    )
    _script_tests(name)
    python_env_deploy(name = name + "_bare", artifacts = [pex], tags = ["manual"])
    script_test(
        name = name + "_bare_script_test",
        target = ":" + name + "_bare",
        without = ["'--to'", "'--launcher'", "'--renderings'", "'--channel'", "'--replication'", "_bare.clients"],
        words = [" 'deploy' 'target' %s '--' \"$@\"" % _ARTIFACT],
    )
    python_env_deploy_clients(name = name + "_clients", locked = [locked], tags = ["manual"])
    _unpacking_test(name + "_clients", tool_env)
    _unpacking_test(name + "_deploy", tool_env)
