"""A SparkApplication of the Kubernetes operator (kubeflow/spark-operator, api/v1beta2/sparkapplication_types.go)."""

from __future__ import annotations

import re

from python_env.launcher.model import Launch
from python_env.launcher.renderings.text import Tree, heading, joined, yaml_lines

_NAME = re.compile(r"[^a-z0-9]+")


def application(launch: Launch, *, name: str, spark_version: str) -> dict[str, Tree]:
    """Return the specification as a tree; the sizes of its pods are the user's to raise."""
    pod: dict[str, Tree] = {"cores": 1}
    return {
        "apiVersion": "sparkoperator.k8s.io/v1beta2",
        "kind": "SparkApplication",
        "metadata": {"name": _NAME.sub("-", name.lower()).strip("-")[:63].rstrip("-") or "job"},
        "spec": {
            "type": "Python",
            "mode": launch.deploy_mode,
            "pythonVersion": "3",
            "sparkVersion": spark_version or "{spark_version}",
            "image": "{image}",
            "mainApplicationFile": "{application}",
            "sparkConf": {setting.key: setting.value for setting in launch.conf},
            "driver": pod,
            "executor": {**pod, "instances": 1},
        },
    }


def render_application(launch: Launch, *, name: str, spark_version: str) -> str:
    """Return the YAML; archives stay in sparkConf, since `deps.archives` would be a second way to say them."""
    tree = application(launch, name=name, spark_version=spark_version)
    return joined([*heading(launch, "kubectl apply -f"), *yaml_lines(tree)])
