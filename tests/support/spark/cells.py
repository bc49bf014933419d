"""Which form of an environment runs where, on which Spark: as tests/e2e runs it and docs/launcher.md tells."""

from __future__ import annotations

import os
from itertools import product

OLD, NEW = SPARKS = ("3.5.6", "4.3.0")
KINDS = ("venv", "pex")
YARN_FORMS = ("venv", "bundled", "pex", "packed")
LOCAL_FORMS = ("packed", "installed", "zipapp_mode")

HADOOPS = ("3.3.6", "3.4.2")

Cell = tuple[str, str, str, str]
"""A form, a combination, a version of Spark and one of Hadoop."""

EVERY = "PYTHON_ENV_EVERY_SPARK" in os.environ
"""Whether all that is run is to run; otherwise what tells most in the least time."""

YARN_CELLS: tuple[Cell, ...] = tuple(product(YARN_FORMS, ("yarn-client", "yarn-cluster"), SPARKS, HADOOPS))
"""Of test_spark_layouts.py, with PYTHON_ENV_EVERY_SPARK=1."""

CI_CELLS: tuple[Cell, ...] = (
    ("bundled", "yarn-cluster", OLD, HADOOPS[0]),
    ("pex", "yarn-cluster", NEW, HADOOPS[1]),
    ("packed", "yarn-client", OLD, HADOOPS[1]),
)
"""Both modes, Sparks and Hadoops; of venvs, whose 22,000 files a node unpacks in two minutes, the one with an
interpreter: what runs otherwise. test_spark.py runs the small venv."""

_CELLS: frozenset[tuple[str, str, str]] = frozenset(
    (
        *(cell[:3] for cell in YARN_CELLS),
        *product(KINDS, ("standalone-client", "local-cluster"), SPARKS),  # test_spark.py
        *product(LOCAL_FORMS, ("local-cluster",), (NEW,)),  # test_spark_layouts.py
    )
)

_WORDS = {
    "venv": "venv",
    "bundled": "venv with an interpreter inside",
    "pex": "PEX",
    "installed": "PEX, `pre_installed` and `sh_boot`",
    "zipapp_mode": "PEX, `venv = False`",
    "packed": "packed PEX",
}
_COLUMNS = ("yarn-client", "yarn-cluster", "standalone-client", "local-cluster")


def table() -> str:
    """Return the rows of the page's table."""
    head = f"| artifact | {' | '.join(_COLUMNS)} |\n|{'---|' * (len(_COLUMNS) + 1)}\n"
    return head + "".join(f"| {words} | {' | '.join(_sparks(form))} |\n" for form, words in _WORDS.items())


def _sparks(form: str) -> list[str]:
    return [", ".join(spark for spark in SPARKS if (form, where, spark) in _CELLS) for where in _COLUMNS]
