"""The launcher rules as rows of a documentation page: every key with its reason, every refusal with its alternative."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from python_env.launcher.model import Artifact, Combination, Launch, Refusal
from python_env.launcher.rules import plan_launch


def _artifacts() -> Iterator[tuple[str, Artifact]]:
    """Yield one artifact for each distinction that the rules make, with the words for it."""
    venv = Artifact(
        kind="venv",
        name="x",
        file="x.venv.tar.gz",
        env_id="",
        platform="cp311-manylinux_2_28_x86_64",
        python="3.11",
        digest="",
        distributions={},
        python_path="bin/python",
        bundled_interpreter=False,
        entry_point="",
        inherit_path="",
        venv_mode=True,
        hermetic_scripts=False,
    )
    yield "venv", venv
    yield "PEX", _pex(venv)
    yield "PEX with entry point", _pex(venv, entry_point="app")
    yield 'PEX, inherit_path = "false", no pyspark inside', _pex(venv, inherit_path="false")
    yield "PEX, hermetic scripts, no pyspark inside", _pex(venv, hermetic_scripts=True)
    yield "any, for another system than Linux", _changed(venv, platform="cp311-win_amd64")


def _changed(artifact: Artifact, **changes: object) -> Artifact:
    fields = {name: getattr(artifact, name) for name in Artifact.__slots__}
    return Artifact(**{**fields, **changes})


def _pex(artifact: Artifact, **changes: object) -> Artifact:
    return _changed(artifact, **{"kind": "pex", "python_path": "", "inherit_path": "fallback", **changes})


def setting_rows() -> list[tuple[str, ...]]:
    """Return key, value, where it is emitted, reason and page; one row per key, value and reason."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for words, artifact in _artifacts():
        for combination in Combination:
            plan = plan_launch(artifact, combination)
            if isinstance(plan, Launch):
                for setting in (*plan.conf, *plan.env):
                    row = (f"`{setting.key}`", f"`{setting.value}`", setting.reason, setting.page)
                    rows.setdefault(row, []).append(f"{words}: {combination.value}")
    return [(key, value, _places(places), why, page) for (key, value, why, page), places in sorted(rows.items())]


def _places(places: list[str]) -> str:
    """Return `words: a, b; other words: c` from single places; what holds for every PEX is said once."""
    by_words: dict[str, list[str]] = {}
    for place in places:
        words, _, combination = place.partition(": ")
        by_words.setdefault(words, []).append(combination)
    if by_words.get("PEX") == by_words.get("PEX with entry point"):
        by_words.pop("PEX with entry point", None)
    return "; ".join(f"{words}: {', '.join(combinations)}" for words, combinations in by_words.items())


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
