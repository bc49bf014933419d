"""The targets that publish an environment."""

load(":deploy.bzl", "python_env_deploy")

def deploy_targets(name, artifacts, deploy, tags, visibility):
    """Declares `:<name>_deploy` and `:<name>_deploy.plan`.

    Args:
      name: the environment's name.
      artifacts: labels of what is deployed unless `deploy` says otherwise.
      deploy: dict of attributes of python_env_deploy.
      tags: tags of all targets.
      visibility: visibility of all targets.
    """
    common = {"artifacts": artifacts, "launcher": ":%s_launcher" % name, "tags": tags, "visibility": visibility}
    options = dict(common, **deploy)
    python_env_deploy(name = name + "_deploy", **options)
    python_env_deploy(name = name + "_deploy.plan", **dict(options, dry_run = True))
