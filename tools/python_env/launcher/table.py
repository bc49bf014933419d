"""The launcher rules as rows of a documentation page: every key with its reason, every refusal with its alternative."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from python_env.artifacts.model import ArtifactKind, Container, InheritPath, Report
from python_env.launcher.model import Combination, Launch, Refusal
from python_env.launcher.rules import plan_launch

_SPLIT = ", split"
_BLIND = 'PEX, inherit_path = "false", pyspark inside'
_OF_EVERY_PEX = [("PEX" + split, words + split) for words in ("PEX with entry point", _BLIND) for split in ("", _SPLIT)]


def _artifacts() -> Iterator[tuple[str, Report]]:
    """Yield one artifact for each distinction that the rules make, with the words for it."""
    venv = Report(
        kind=ArtifactKind.VENV,
        container=Container.TAR_GZ,
        name="x",
        env_id="",
        parent="",
        platform="cp311-manylinux_2_28_x86_64",
        python="3.11",
        distributions={},
        file="x.venv.tar.gz",
        sha256="",
        size=0,
        file_count=0,
        unpacked_size=0,
        python_path="bin/python",
    )
    file = replace(venv, container=Container.FILE, python_path="")
    pex = replace(file, kind=ArtifactKind.PEX, inherit_path=InheritPath.FALLBACK, venv_mode=True)
    yield "venv", venv
    yield "venv as a folder", replace(venv, container=Container.DIR)
    yield "PEX", pex
    yield "PEX with entry point", replace(pex, entry_point="app")
    yield "packed PEX", replace(pex, container=Container.ZIP, python_path="__main__.py")
    yield 'PEX, inherit_path = "false", no pyspark inside', replace(pex, inherit_path=InheritPath.FALSE)
    yield "PEX, hermetic scripts, no pyspark inside", replace(pex, hermetic_scripts=True)
    yield _BLIND, replace(pex, inherit_path=InheritPath.FALSE, distributions={"pyspark": "4.0.0"})
    yield (
        'PEX, inherit_path = "false", ignored = ["numpy"]',
        replace(pex, inherit_path=InheritPath.FALSE, distributions={"pyspark": "4.0.0"}, ignored={"numpy": "2.0"}),
    )
    yield "any, for another system than Linux", replace(venv, platform="cp311-win_amd64")


def setting_rows() -> list[tuple[str, ...]]:
    """Return key, value, where it is emitted, reason and page; one row per key, value and reason."""
    rows: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for words, artifact, split in _each():
        for combination in Combination:
            plan = plan_launch(artifact, combination, split=split)
            if isinstance(plan, Launch):
                for setting in (*plan.conf, *plan.env):
                    row = (f"`{setting.key}`", f"`{setting.value}`", setting.reason, setting.page)
                    rows.setdefault(row, {}).setdefault(words, []).append(combination.value)
    return [(key, value, _places(places), why, page) for (key, value, why, page), places in sorted(rows.items())]


def _each() -> Iterator[tuple[str, Report, bool]]:
    for words, artifact in _artifacts():
        yield words, artifact, False
        yield words + _SPLIT, artifact, True


def _places(by_words: Mapping[str, Sequence[str]]) -> str:
    """Return `words: a, b; other words: c` of combinations by words; what holds for every PEX, or split alike, once."""
    said = dict(by_words)
    for general, special in [*((words, words + _SPLIT) for words in by_words), *_OF_EVERY_PEX]:
        if general in said and said[general] == said.get(special):
            said.pop(special)
    return "; ".join(f"{words}: {', '.join(combinations)}" for words, combinations in said.items())


def refusal_rows() -> list[tuple[str, ...]]:
    """Return artifact, combinations, reason and alternative; one row per artifact and reason."""
    rows: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for words, artifact in _artifacts():
        for combination in Combination:
            plan = plan_launch(artifact, combination)
            if isinstance(plan, Refusal):
                rows.setdefault((plan.reason, plan.alternative), []).append((words, combination.value))
    return [
        (_joined(words for words, _ in places), _joined(name for _, name in places), reason, alternative)
        for (reason, alternative), places in rows.items()
    ]


def _joined(words: Iterable[str]) -> str:
    found = list(dict.fromkeys(words))
    return "any" if len(found) > 3 else ", ".join(found)
