"""Who may import whom: base <- requirements <- lock <- wheels <- env <- artifacts <- launcher <- deploy, doctor.

compat (other packages' interfaces) and runtime (what runs on the cluster) are shipped to users and import nothing of
the stages; the launcher alone may ask compat what another package would do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAGES = ("base", "requirements", "lock", "wheels", "env", "artifacts", "launcher", "deploy", "doctor")
TOOLS = ROOT / "tools" / "python_env"
RULES = ROOT / "rules" / "private"

READERS = {
    ("env/cli.py", "python_env.lock.document"),
    ("lock/cli_inputs.py", "python_env.requirements.indexes"),
    ("lock/cli_inputs.py", "python_env.requirements.parse"),
    ("lock/cli_inputs.py", "python_env.requirements.policy"),
    ("lock/extends/cli_inputs.py", "python_env.requirements.direct"),
    ("lock/request_words.py", "python_env.requirements.wheels_only"),
}
"""Where text becomes values: the edges that call what an earlier stage's text is parsed with."""

SHIPPED = {"compat", "runtime"}

KINDS = ("code", "pex", "venv", "wheelhouse")


def python_files() -> list[Path]:
    """Return every module of the tools."""
    return sorted(TOOLS.rglob("*.py"))


def bzl_files() -> list[Path]:
    """Return every .bzl file below rules/private."""
    return sorted(RULES.rglob("*.bzl"))


def python_imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, `from a.b import c` as `a.b`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def bzl_loads(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (package below rules/private, file) of every load statement of our own files."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "load":
            label = ast.literal_eval(node.args[0])
            package, _, name = label.rpartition(":")
            yield package.removeprefix("//rules/private/") if package else path.parent.name, name


def stage_of(module: str) -> str | None:
    """Return the stage that one of our modules belongs to."""
    parts = module.split(".")
    return parts[1] if parts[0] == "python_env" and len(parts) > 1 and parts[1] in STAGES else None


def test_there_is_something_to_check() -> None:
    """The two file lists are not empty, so that the other tests of this file can fail."""
    assert len(python_files()) > 20
    assert len(bzl_files()) > 15


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(TOOLS)))
def test_a_python_stage_imports_only_models_of_earlier_stages(path: Path) -> None:
    """A module imports base and its own stage, of earlier stages only model.py, and READERS."""
    own = path.relative_to(TOOLS).parts[0]
    if own not in STAGES:
        return
    for module in python_imports(path):
        stage = stage_of(module)
        if stage in (None, "base", own):
            continue
        assert STAGES.index(stage) < STAGES.index(own), f"{own} imports the later stage {stage}: {module}"
        reads = (path.relative_to(TOOLS).as_posix(), module) in READERS
        assert reads or module.endswith(".model"), f"{path.name} imports {module}, which is not a model"


@pytest.mark.parametrize(("edge", "module"), sorted(READERS))
def test_every_exemption_is_used(edge: str, module: str) -> None:
    """A row that nothing needs would let in what nobody looked at."""
    assert module in python_imports(TOOLS / edge)


@pytest.mark.parametrize(
    "path", sorted([*(TOOLS / "runtime").rglob("*.py"), *(TOOLS / "compat").rglob("*.py")]), ids=lambda path: path.name
)
def test_runtime_imports_nothing_of_ours(path: Path) -> None:
    """Code that runs on the cluster's Python stands alone; compat's modules are shipped together."""
    beside = "python_env.compat." if path.parent.name == "compat" else "-"
    ours = [module for module in python_imports(path) if module.startswith("python_env")]
    assert not [module for module in ours if not module.startswith(beside)]


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(TOOLS)))
def test_no_stage_imports_what_is_shipped_but_the_launcher_compat(path: Path) -> None:
    """A stage on top of another package's interface would change with that package."""
    own = path.relative_to(TOOLS).parts[0]
    if own in SHIPPED:
        return
    imported = {name.split(".")[1] for name in python_imports(path) if name.startswith("python_env.")}
    assert imported & SHIPPED <= ({"compat"} if own == "launcher" else set())


@pytest.mark.parametrize("kind", KINDS)
def test_artifact_kinds_do_not_import_each_other(kind: str) -> None:
    """They share only what lies above them."""
    paths = sorted((TOOLS / "artifacts" / kind).rglob("*.py"))
    assert paths, "a kind without code"
    for path in paths:
        for module in python_imports(path):
            for other in set(KINDS) - {kind}:
                assert not module.startswith(f"python_env.artifacts.{other}"), f"{path}: {module}"


@pytest.mark.parametrize("path", bzl_files(), ids=lambda path: str(path.relative_to(RULES)))
def test_a_starlark_stage_loads_only_providers_of_earlier_stages(path: Path) -> None:
    """Across stages only *_info.bzl of earlier ones is loaded; what both sides load lies in base."""
    own = path.parent.name
    if own not in STAGES:
        return
    for package, name in bzl_loads(path):
        if package in ("base", own) or package not in STAGES:
            continue
        assert STAGES.index(package) < STAGES.index(own), f"{path}: {package}"
        assert name.endswith("_info.bzl"), f"{path} loads {package}/{name}"


def test_only_the_extension_file_knows_bzlmod() -> None:
    """module_extension and tag_class stand in rules/extensions.bzl and nowhere else."""
    for path in sorted((ROOT / "rules").rglob("*.bzl")):
        if path.name != "extensions.bzl":
            assert "module_extension(" not in path.read_text(), path
            assert "extensions.bzl" not in path.read_text(), path
