"""The targets that publish an environment and submit jobs with it."""

load(":deploy.bzl", "python_env_deploy")
load(":submit.bzl", "python_env_submit")

_SHARED = ["artifacts", "clients", "launcher", "tags", "to", "visibility"]

def deploy_targets(name, artifacts, deploy, submit, tags, visibility):
    """Declares `:<name>_deploy`, `:<name>_deploy.plan` and `:<name>_submit`.

    Args:
      name: the environment's name.
      artifacts: labels of what is deployed unless `deploy` says otherwise.
      deploy: dict of attributes of python_env_deploy.
      submit: dict of attributes of python_env_submit; those of `deploy` that it shares hold for it, too.
      tags: tags of all targets.
      visibility: visibility of all targets.
    """
    common = {"artifacts": artifacts, "launcher": ":%s_launcher" % name, "tags": tags, "visibility": visibility}
    options = dict(common, **deploy)
    python_env_deploy(name = name + "_deploy", **options)
    python_env_deploy(name = name + "_deploy.plan", **dict(options, dry_run = True))
    python_env_submit(name = name + "_submit", **dict({key: options[key] for key in _SHARED if key in options}, **submit))
