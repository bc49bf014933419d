"""The three renderings of a launch, each used as the launcher's page tells a person to use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.filling import filled
from support.spark.submit import Done, machine_conf, run_driver, spark_submit

TOOLS = Path(__file__).parents[3] / "tools"


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A driver to start: by which Spark, by which renderings, and what fills their placeholders."""

    home: Path
    """SPARK_HOME."""
    launch: Path
    """Folder of one artifact's and combination's renderings."""
    folder: Path
    """Working directory of the driver; what it needs is written there."""
    words: tuple[str, ...]
    """The job's file and its arguments."""
    uri: str
    driver_python: str
    master: str = ""
    code_uri: str = ""
    driver_code: str = ""
    """Where the environment is split, the driver's unpacked copy of the code."""
    environment: Mapping[str, str] = field(default_factory=dict)
    conf: Mapping[str, str] = field(default_factory=dict)
    """Properties beside those of the rendering: what a test does to the cluster; for `by_arguments`."""

    def rendering(self, name: str) -> str:
        """Return a rendering with its placeholders filled."""
        text = (self.launch / name).read_text()
        return filled(
            text,
            uri=self.uri,
            driver_python=self.driver_python,
            master=self.master,
            code_uri=self.code_uri,
            driver_code=self.driver_code,
        )


def by_arguments(job: Job) -> Done:
    """Run spark-submit with the argument file."""
    options = job.rendering("spark-submit.args").splitlines()
    options += [f"--conf={key}={value}" for key, value in job.conf.items()]
    return spark_submit(job.home, [*options, *job.words], environment=job.environment, folder=job.folder)


def by_properties(job: Job) -> Done:
    """Run spark-submit with nothing but the properties file."""
    properties = job.folder / "filled.conf"
    properties.write_text(job.rendering("spark-defaults.conf"))
    options = ["--properties-file", str(properties)]
    return spark_submit(job.home, [*options, *job.words], environment=job.environment, folder=job.folder)


def by_environment(job: Job) -> Done:
    """Run `python job.py` without spark-submit: the variables are sourced, the properties are Spark's defaults."""
    conf = job.folder / "conf"
    conf.mkdir()
    machine = "".join(f"{key} {value}\n" for key, value in machine_conf(job.home).items())
    (conf / "spark-defaults.conf").write_text(machine + job.rendering("spark-defaults.conf"))
    (conf / "environment.sh").write_text(job.rendering("environment.sh"))
    command = ["sh", "-ec", f'. "{conf}/environment.sh"; exec "$PYSPARK_DRIVER_PYTHON" "$@"', "sh", *job.words]
    # pip's pyspark with its py4j; the folder holds no numpy
    spark = {"PYTHONPATH": str(job.home.parent), "SPARK_CONF_DIR": str(conf)}
    return run_driver(job.home, command, environment={**job.environment, **spark}, folder=job.folder)


_BUILDER = """
import runpy, sys
from pyspark.sql import SparkSession
from python_env.runtime.spark_session import configure
master, manifest, uri, *sys.argv = sys.argv[1:]
configure(SparkSession.builder.master(master), manifest, uri).getOrCreate()
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""A driver that configures its own session; the job then takes the session that is there."""


def by_builder(job: Job) -> Done:
    """Run `python app.py` whose builder is configured by the helper; nothing is rendered."""
    conf = job.folder / "conf"
    conf.mkdir()
    machine = "".join(f"{key} {value}\n" for key, value in machine_conf(job.home).items())
    (conf / "spark-defaults.conf").write_text(machine)
    (job.folder / "app.py").write_text(_BUILDER)
    manifest = job.launch.parents[1].with_suffix(".launcher.json")
    master = job.rendering("spark-submit.args").splitlines()[1]
    command = [job.driver_python, str(job.folder / "app.py"), master, str(manifest), job.uri, *job.words]
    # the job looks strings up from the driver, and no helper can give a running Python a seed
    spark = {"PYTHONHASHSEED": "0", "PYTHONPATH": f"{job.home.parent}:{TOOLS}", "SPARK_CONF_DIR": str(conf)}
    return run_driver(job.home, command, environment={**job.environment, **spark}, folder=job.folder)


RENDERINGS = {
    "arguments": by_arguments,
    "builder": by_builder,
    "environment": by_environment,
    "properties": by_properties,
}
