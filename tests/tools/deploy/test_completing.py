"""The launcher's renderings, completed by where the artifacts lie."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deploy.manifests import SETTING, launch, manifest, write
from deploy.test_local import artifact, deploy

from python_env.__main__ import main
from python_env.base.documents import sha256_hex
from python_env.base.errors import ToolError
from python_env.deploy.completing import Launcher, completed
from python_env.deploy.launches import values_of
from python_env.launcher.manifest.model import fill, parse_manifest, unfilled

ARCHIVES = {"spark.yarn.dist.archives": "{uri}#pyenv,{code_uri}#pycode"}
CONNECT = launch("venv", "connect", {}, added=[{"archive": True, "value": "{uri}#pyenv", **SETTING}])
DOCUMENT = manifest(launch("venv", "yarn-cluster", ARCHIVES), launch("pex", "yarn-cluster", {"a": "{file}"}), CONNECT)
FILES = {
    "pex/yarn-cluster/spark-submit.args": "{uri} ./{file}\n",
    "venv/yarn-cluster/spark-submit.args": "{uri}#pyenv,{code_uri}#pycode {driver_python}\n",
    "venv/connect/connect.py": "{uri}",
}


def launcher() -> Launcher:
    """Return what a launcher wrote."""
    found = parse_manifest(json.dumps(DOCUMENT).encode(), where="x")
    return Launcher(name="training.launcher.json", manifest=found, files=FILES)


def test_each_kinds_renderings_have_its_own_uri() -> None:
    """A PEX keeps the last part of its URI as its name; S3 is s3a to Hadoop; what nobody knows yet stays."""
    uris = {"pex": "hdfs:///e/a-1.pex", "venv": "s3://b/a-2.tar.gz", "code": "s3://b/c-3.tar.gz"}
    files = completed(launcher(), uris)
    assert files["pex/yarn-cluster/spark-submit.args"] == b"hdfs:///e/a-1.pex ./a-1.pex\n"
    archives = "s3a://b/a-2.tar.gz#pyenv,s3a://b/c-3.tar.gz#pycode"
    assert files["venv/yarn-cluster/spark-submit.args"].decode() == archives + " {driver_python}\n"
    rows = json.loads(files["training.launcher.json"])["launches"]
    assert rows[0]["conf"]["spark.yarn.dist.archives"]["value"] == archives


def test_what_was_not_deployed_has_no_rendering() -> None:
    """Its placeholders could not be filled."""
    assert sorted(completed(launcher(), {"pex": "hdfs:///a-1.pex"})) == [
        "pex/yarn-cluster/spark-submit.args",
        "training.launcher.json",
    ]


@pytest.mark.parametrize(("uri", "there"), [("file:///a.tar.gz", True), ("hdfs:///a.tar.gz", False)])
def test_spark_connect_adds_files_of_its_own_machine_only(uri: str, there: bool) -> None:
    """So that elsewhere its rendering would fail."""
    assert ("venv/connect/connect.py" in completed(launcher(), {"venv": uri})) is there


def test_a_value_that_looks_like_a_placeholder_is_no_placeholder() -> None:
    """All are filled at once."""
    assert fill("{driver_python} {uri}", {"driver_python": "{uri}", "uri": "u"}) == "{uri} u"
    assert unfilled("{master} {file} {x}") == ["file", "master"]


@pytest.mark.parametrize("uri", ["hdfs:///a,b", "hdfs:///a b", "hdfs:///a#b", "hdfs:///it's", "hdfs:///a{file}"])
def test_a_uri_that_spark_would_tear_is_refused(uri: str) -> None:
    """Its lists have commas, its archives a fragment; shells and YAML have quotes."""
    with pytest.raises(ToolError, match="taken for something else"):
        values_of(uri)


def test_the_command_writes_renderings_and_receipts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is half-filled but what only the submitter knows."""
    words, to = artifact(tmp_path / "a", b"data"), tmp_path / "to"
    digest = sha256_hex((tmp_path / "a/a.json").read_bytes())
    document = manifest(launch("venv", "yarn-cluster", {"x": "{uri}#pyenv"}), venv=digest)
    words += write(tmp_path / "l", document, {"venv/yarn-cluster/spark-submit.args": "x={uri}#pyenv\n"})
    receipt = deploy(to, words, capsys, "--render", str(tmp_path / "r"))
    text = (tmp_path / "r/venv/yarn-cluster/spark-submit.args").read_text()
    assert text == f"x={receipt['uri']}#pyenv\n"
    assert json.loads((tmp_path / f"r/{receipt['file']}.receipt.json").read_text()) == receipt


def test_a_manifest_of_another_build_is_refused_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names what does not belong together."""
    words, to = artifact(tmp_path / "a", b"data"), tmp_path / "to"
    words += write(tmp_path / "l", manifest(venv="0" * 64), {})
    assert main(["deploy", "upload", *words, "--to", str(to), "--render", str(tmp_path / "r")]) == 2
    assert "another venv" in capsys.readouterr().err
    assert not to.exists()
    assert not (tmp_path / "r").exists()


def test_a_folder_that_no_rendering_can_name_is_refused_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No service is asked."""
    words = [*artifact(tmp_path / "a", b"data"), *write(tmp_path / "l", manifest(), {})]
    assert main(["deploy", "upload", *words, "--to", "hdfs://n/a,b", "--render", str(tmp_path / "r")]) == 2
    assert "taken for something else" in capsys.readouterr().err


def test_a_local_folder_of_any_name_is_spelled_as_a_uri(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Spark reads file:///a%2Cb as the folder a,b."""
    words = [*artifact(tmp_path / "a", b"data"), *write(tmp_path / "l", manifest(), {})]
    assert "a%2Cb" in deploy(tmp_path / "a,b", words, capsys, "--render", str(tmp_path / "r"))["uri"]


def test_without_a_launcher_nothing_is_rendered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says what is missing, before anything is sent."""
    words = artifact(tmp_path / "a", b"data")
    assert main(["deploy", "upload", *words, "--to", str(tmp_path / "to"), "--render", str(tmp_path / "r")]) == 2
    assert "set `launcher` of python_env_deploy" in capsys.readouterr().err
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("option", ["--receipt", "--render"])
def test_what_cannot_be_written_here_is_told_with_a_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """The artifact is there by then; a second run finds it and writes the rest."""
    words = [*artifact(tmp_path / "a", b"data"), *write(tmp_path / "l", manifest(), {}), "--to", str(tmp_path / "to")]
    (tmp_path / "file").write_text("")
    assert main(["deploy", "upload", *words, option, str(tmp_path / "file/x")]) == 2
    assert "error: cannot be written" in capsys.readouterr().err
    assert main(["deploy", "upload", *words, option, str(tmp_path / "new/x")]) == 0
    assert (tmp_path / "new/x").exists()
