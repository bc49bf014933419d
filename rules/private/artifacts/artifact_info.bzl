"""Provider of an artifact."""

load("//rules/private/base:errors.bzl", "error_text")

ARTIFACT_KINDS = ["code", "pex", "venv", "wheelhouse"]

PyEnvArtifactInfo = provider(
    doc = "One file that ships an environment. Made by `make_artifact_info` only.",
    fields = {
        "file": "File: the artifact.",
        "kind": "string: one of ARTIFACT_KINDS.",
        "name": "string: the environment's name.",
        "report": "File: <artifact>.json, see docs/formats/artifact.md.",
    },
)

def make_artifact_info(kind, name, file, report):
    """Returns a PyEnvArtifactInfo; the only way to build one.

    Args:
      kind: one of ARTIFACT_KINDS.
      name: the environment's name.
      file: File, the artifact.
      report: File, its JSON report.
    """
    if kind not in ARTIFACT_KINDS:
        fail(error_text(
            "unknown artifact kind %r" % kind,
            where = file.short_path,
            fix = "give make_artifact_info one of: " + ", ".join(ARTIFACT_KINDS),
        ))
    return PyEnvArtifactInfo(file = file, kind = kind, name = name, report = report)

def check_startable(ctx, artifact):
    """Returns the artifact of an attribute `artifacts`; fails where no cluster starts it.

    Args:
      ctx: the rule's context.
      artifact: PyEnvArtifactInfo.
    """
    if artifact.kind == "wheelhouse":
        fail(error_text(
            "a wheelhouse is nothing that a cluster starts",
            where = "%s, artifacts: %s" % (ctx.label, artifact.file.basename),
            fix = "name the PEX or the venv of the environment",
        ))
    return artifact
