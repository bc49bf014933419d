"""Settings of others, for their users: what cluster-pack 0.3.17 sets, and nothing else."""

from __future__ import annotations

from python_env.artifacts.model import ArtifactKind, Container, Report
from python_env.compat.cluster_pack import PythonEnvDescription, get_pyenv_usage_from_archive, packaged_settings
from python_env.launcher.manifest.model import FILE, URI
from python_env.launcher.model import Combination, Launch, Profile, Refusal, Setting, Why

_REASON = "as cluster-pack 0.3.17 sets it"
_PROOF = "test_pex.py::test_cluster_pack_starts_both_layouts_as_our_launcher_does"
_PAGE = "cluster-pack: cluster_pack/spark/spark_config_builder.py"


def profiled(plan: Launch | Refusal, artifact: Report, profile: Profile, *, split: bool) -> Launch | Refusal:
    """Return a plan with the profile's settings in place of ours; what we refuse stays refused."""
    if profile is Profile.OWN or isinstance(plan, Refusal):
        return plan
    reason = _refusal(artifact, plan.combination, split=split)
    if reason:
        why = Why(reason, 'profile = ""', _PROOF)
        return Refusal(artifact=artifact.kind, combination=plan.combination, **why._asdict())
    return _cluster_pack(plan, artifact)


def _refusal(artifact: Report, combination: Combination, *, split: bool) -> str:
    if artifact.kind is not ArtifactKind.PEX:
        return "cluster-pack knows .pex and .pex.zip only"
    if combination is Combination.CONNECT:
        return "cluster-pack knows no Spark Connect"
    return "cluster-pack ships one archive, not code beside it" if split else ""


def _cluster_pack(plan: Launch, artifact: Report) -> Launch:
    packed = artifact.container is not Container.FILE
    usage = get_pyenv_usage_from_archive("x.pex.zip" if packed else "x.pex")
    usage = PythonEnvDescription(URI, usage.interpreter_cmd, usage.dest_path, packed)
    if not packed:
        usage = usage._replace(interpreter_cmd=f"./{FILE}", dest_path=FILE)
    conf, env = packaged_settings(usage, master=plan.master, deploy_mode=plan.deploy_mode)
    return Launch(
        artifact=plan.artifact,
        combination=plan.combination,
        master=plan.master,
        deploy_mode=plan.deploy_mode,
        conf=_settings(conf),
        env=_settings(env),
        requires=plan.requires,
    )


def _settings(values: dict[str, str]) -> tuple[Setting, ...]:
    return tuple(Setting(key=key, value=value, reason=_REASON, page=_PAGE) for key, value in sorted(values.items()))
