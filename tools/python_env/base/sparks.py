"""What each Spark brings and takes: its Hadoop client, py4j, Pythons and the minimums of Arrow."""

from __future__ import annotations

from dataclasses import dataclass

Version = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Spark:
    """One minor version."""

    version: Version
    hadoop: Version
    """Of the client that it brings, by which it unpacks on every master but YARN."""
    pythons: tuple[tuple[int, int], tuple[int, int]]
    """Oldest and newest Python that its package claims."""
    py4j: str
    pandas: str
    """Lowest version that a pandas UDF takes."""
    pyarrow: str

    @property
    def page(self) -> str:
        """Return the page that states the minimums."""
        minor = f"{self.version[0]}.{self.version[1]}.0"
        return f"https://spark.apache.org/docs/{minor}/api/python/getting_started/install.html"


def _spark(version: Version, hadoop: Version, pythons: tuple[int, int], py4j: str, pandas: str, pyarrow: str) -> Spark:
    oldest, newest = pythons
    return Spark(
        version=version,
        hadoop=hadoop,
        pythons=((3, oldest), (3, newest)),
        py4j=py4j,
        pandas=pandas,
        pyarrow=pyarrow,
    )


SPARKS = (
    _spark((3, 1), (3, 2, 0), (6, 8), "0.10.9", "0.23.2", "1.0.0"),
    _spark((3, 2), (3, 3, 1), (6, 9), "0.10.9.5", "0.23.2", "1.0.0"),
    _spark((3, 3), (3, 3, 2), (7, 10), "0.10.9.5", "1.0.5", "1.0.0"),
    _spark((3, 4), (3, 3, 4), (7, 11), "0.10.9.7", "1.0.5", "1.0.0"),
    _spark((3, 5), (3, 3, 4), (8, 11), "0.10.9.7", "1.0.5", "4.0.0"),
    _spark((4, 0), (3, 4, 1), (9, 13), "0.10.9.9", "2.0.0", "11.0.0"),
    _spark((4, 1), (3, 4, 2), (10, 14), "0.10.9.9", "2.2.0", "15.0.0"),
    _spark((4, 2), (3, 5, 0), (10, 14), "0.10.9.9", "2.2.0", "18.0.0"),
    _spark((4, 3), (3, 5, 0), (11, 14), "0.10.9.9", "2.2.0", "18.0.0"),
)
"""From 3.5 on tests/e2e/test_doctor.py reads the same from the installed packages; of older ones Hadoop and py4j stand
in their POMs, Python, pandas and pyarrow on their page."""


def spark_of(version: Version) -> Spark:
    """Return the row of a version; of one that is newer than the table, the last."""
    return max((row for row in SPARKS if row.version <= version[:2]), key=lambda row: row.version, default=SPARKS[0])
