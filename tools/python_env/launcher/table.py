"""The launcher rules as rows of a documentation page: every key with its reason, every refusal with its alternative.

No command reads this: it is for docs/reference.py, and stands here beside the rules so that both change at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from python_env.artifacts.model import ArtifactKind, Container, InheritPath, Report
from python_env.launcher.avoided import AVOIDED
from python_env.launcher.model import Combination, Launch, Profile, Refusal, Setting, parse_cluster
from python_env.launcher.profiles import profiled
from python_env.launcher.renderings.skein import skein_settings
from python_env.launcher.rules import plan_launch

_SPLIT = ", split"
_BLIND = 'PEX, inherit_path = "false", pyspark inside'
_OF_EVERY_PEX = [("PEX" + split, words + split) for words in ("PEX with entry point", _BLIND) for split in ("", _SPLIT)]


_SHIPPED_ALIKE = ("PEX", "packed PEX")
"""Those that cluster-pack tells apart."""


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
    yield "packed PEX", _packed(pex)
    yield 'PEX, inherit_path = "false", no pyspark inside', replace(pex, inherit_path=InheritPath.FALSE)
    yield "PEX, hermetic scripts, no pyspark inside", replace(pex, hermetic_scripts=True)
    yield _BLIND, replace(pex, inherit_path=InheritPath.FALSE, distributions={"pyspark": "4.0.0"})
    yield (
        'PEX, inherit_path = "false", ignored = ["numpy"]',
        replace(pex, inherit_path=InheritPath.FALSE, distributions={"pyspark": "4.0.0"}, ignored={"numpy": "2.0"}),
    )
    yield "any, for another system than Linux", replace(venv, platform="cp311-win_amd64")


def _packed(pex: Report) -> Report:
    return replace(pex, container=Container.ZIP, file="x.pex.zip", python_path="__main__.py")


def _stated() -> Iterator[tuple[str, Report, dict[str, Any]]]:
    """Yield what is refused for more than the artifact: stated versions, the code beside it."""
    of = dict(_artifacts())
    venv, pex, packed, alone = of["venv"], of["PEX"], of["packed PEX"], of[_BLIND]
    yield "venv, split", venv, {"split": True}
    yield "venv, split, code of the same file name", venv, {"split": True, "code_file": venv.file}
    yield "venv, file_name without its suffix", replace(venv, file="x.venv"), {}
    yield "packed PEX", packed, {"cluster": parse_cluster(["3.5.6"], "")}
    zipped = replace(venv, container=Container.ZIP, file="x.venv.zip")
    yield "venv as a zip", zipped, {"cluster": parse_cluster(["3.5.6"], "")}
    yield "venv", venv, {"cluster": parse_cluster(["3.0.3"], "")}
    yield "PEX", pex, {"cluster": parse_cluster(["3.4.4"], "")}
    yield _BLIND + " (4.0.0)", alone, {"cluster": parse_cluster(["3.5.6"], "")}
    yield "venv of Python 3.9", replace(venv, python="3.9"), {"cluster": parse_cluster(["4.3.0"], "")}
    for spark, name, version in (("4.3.0", "pyarrow", "17.0.0"), ("4.3.0", "pandas", "2.1.4")):
        older = replace(venv, distributions={name: version})
        yield f"venv with {name} {version}", older, {"cluster": parse_cluster([spark], "")}


def setting_rows() -> list[tuple[str, ...]]:
    """Return key, value, where it is emitted, reason and page; one row per key, value and reason."""
    rows: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for words, artifact, split in _each():
        for place, row in _emitted(artifact, split=split):
            rows.setdefault(row, {}).setdefault(words, []).append(place)
        for place, row in _of_profile(artifact) if words in _SHIPPED_ALIKE and not split else ():
            rows.setdefault(row, {}).setdefault(f'{words}, profile = "cluster-pack"', []).append(place)
    return [(key, value, _places(places), why, page) for (key, value, why, page), places in sorted(rows.items())]


def _emitted(artifact: Report, *, split: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the place of each setting, and its row."""
    for combination in Combination:
        plan = plan_launch(artifact, combination, split=split)
        if isinstance(plan, Launch):
            yield from ((combination.value, _row(setting)) for setting in (*plan.conf, *plan.env))
            for item in plan.added:
                call = f"`addArtifact({'archive' if item.archive else 'file'}=True)`"
                yield combination.value, (call, f"`{item.value}`", item.reason, item.page)
        if combination is Combination.YARN_CLUSTER and isinstance(plan, Launch):
            yield from (("Skein", _row(setting)) for setting in skein_settings(artifact, split=split))


def _of_profile(artifact: Report) -> Iterator[tuple[str, tuple[str, ...]]]:
    for combination in Combination:
        plan = profiled(plan_launch(artifact, combination), artifact, Profile.CLUSTER_PACK, split=False)
        if isinstance(plan, Launch):
            yield from ((combination.value, _row(setting)) for setting in (*plan.conf, *plan.env))


def _row(setting: Setting) -> tuple[str, ...]:
    return f"`{setting.key}`", f"`{setting.value}`", setting.reason, setting.page


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
    """Return artifact, combinations, reason, alternative and proof run; one row per artifact and reason."""
    rows: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    plain: list[tuple[str, Report, dict[str, Any]]] = [(words, artifact, {}) for words, artifact in _artifacts()]
    for words, artifact, options in (*plain, *_stated()):
        for combination in Combination:
            plan = plan_launch(artifact, combination, **options)
            if isinstance(plan, Refusal):
                places = rows.setdefault((plan.reason, plan.alternative, plan.proof), [])
                places.append((words, combination.value))
    for words, refusal in _of_cluster_pack():
        places = rows.setdefault((refusal.reason, refusal.alternative, refusal.proof), [])
        places.append((f'{words}, profile = "cluster-pack"', refusal.combination.value))
    return [
        (_joined(words for words, _ in places), _combinations({name for _, name in places}), *_said(*why))
        for why, places in rows.items()
    ]


def avoided_rows() -> list[tuple[str, ...]]:
    """Return what is never written, where it fails, reason, alternative and proof run."""
    return [(what, where, *_said(*why)) for what, where, why in AVOIDED]


def _said(reason: str, alternative: str, proof: str) -> tuple[str, str, str]:
    return reason, alternative, f"`{proof}`" if "::" in proof else proof


def _of_cluster_pack() -> Iterator[tuple[str, Refusal]]:
    """Yield what only the profile refuses."""
    of = dict(_artifacts())
    for words, split in (("venv", False), ("PEX", False), ("PEX", True)):
        for combination in Combination:
            plan = plan_launch(of[words], combination, split=split)
            seen = profiled(plan, of[words], Profile.CLUSTER_PACK, split=split)
            if isinstance(seen, Refusal) and not isinstance(plan, Refusal):
                yield words + (_SPLIT if split else ""), seen


def _combinations(names: Set[str]) -> str:
    """Return combinations, `any` where all are that Spark itself does not refuse."""
    of_spark = (Combination.STANDALONE_CLUSTER, Combination.LOCAL)
    if all(each.value in names for each in Combination if each not in of_spark):
        return "any"
    return ", ".join(each.value for each in Combination if each.value in names)


def _joined(words: Iterable[str]) -> str:
    found = list(dict.fromkeys(words))
    return "any" if len(found) > 3 else ", ".join(found)
