"""A lock as constraints that pip and uv read: one file for all platforms where markers can tell them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from python_env.lock.export.markers import telling_markers
from python_env.lock.export.origin import Origin
from python_env.lock.model import Lock


def render_constraints(lock: Lock, *, origin: Origin) -> dict[str, str]:
    """Return texts by file name: `constraints.txt`, or one `constraints.<tag>.txt` per platform.

    A distribution with one version everywhere needs no marker, also where some platforms do without it. Where versions
    differ between platforms that no marker tells apart (two libcs, two floors), one file could not be right for both.
    """
    shared = _shared_lines(lock)
    if shared is not None:
        head = origin.comment(f"For {', '.join(sorted(lock.sections))}")
        return {"constraints.txt": head + "".join(line + "\n" for line in shared)}
    return {
        f"constraints.{tag}.txt": origin.comment(f"For {tag}")
        + "".join(f"{package.name}=={package.version}\n" for package in section.packages)
        for tag, section in sorted(lock.sections.items())
    }


def _versions(lock: Lock) -> dict[str, dict[str, list[str]]]:
    """Return by name and version the tags that lock it."""
    found: dict[str, dict[str, list[str]]] = {}
    for tag, section in sorted(lock.sections.items()):
        for package in section.packages:
            found.setdefault(package.name, {}).setdefault(package.version, []).append(tag)
    return dict(sorted(found.items()))


def _shared_lines(lock: Lock) -> list[str] | None:
    lines: list[str] = []
    for name, versions in _versions(lock).items():
        markers = telling_markers(list(versions.values())) if len(versions) > 1 else ("",)
        if markers is None:
            return None
        lines += _pins(name, list(versions), markers)
    return lines


def _pins(name: str, versions: Sequence[str], markers: Sequence[str]) -> Iterator[str]:
    for version, marker in zip(versions, markers, strict=True):
        yield f"{name}=={version}" + (f" ; {marker}" if marker else "")
