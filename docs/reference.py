"""Writes what the documentation takes from the sources: docs/rules.md, tables of docs/launcher.md and docs/doctor.md.

    python3 docs/reference.py            prints docs/rules.md
    python3 docs/reference.py --write    refreshes the pages; the last one imports packaging, as the doctor does

The .bzl files are run as Python with stand-ins for Bazel's globals: Starlark's declarations are Python's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PUBLIC = ("rules/defs.bzl", "rules/repositories.bzl", "rules/extensions.bzl", "rules/providers.bzl")


@dataclass(frozen=True)
class Attribute:
    """One attribute of a rule or tag."""

    kind: str
    options: Mapping[str, Any]

    def default(self) -> str:
        """Return how the attribute's default reads in the table."""
        if self.options.get("mandatory"):
            return "required"
        return f"`{self.options['default']!r}`" if "default" in self.options else ""


@dataclass(frozen=True)
class Declaration:
    """A rule, provider, module extension or tag class."""

    kind: str
    options: Mapping[str, Any]


class _Attr:
    def __getattr__(self, kind: str) -> Callable[..., Attribute]:
        return lambda **options: Attribute(kind, options)


def _declaring(kind: str) -> Callable[..., Declaration]:
    return lambda *args, **options: Declaration(kind, options)


def _globals(path: Path, load: Callable[..., None]) -> dict[str, Any]:
    return {
        "__name__": str(path),
        "attr": _Attr(),
        "config": SimpleNamespace(string=lambda **_: None),
        "json": SimpleNamespace(),
        "Label": str,
        "load": load,
        "module_extension": _declaring("module extension"),
        "native": SimpleNamespace(),
        "platform_common": SimpleNamespace(),
        "provider": _declaring("provider"),
        "repository_rule": _declaring("repository rule"),
        "rule": _declaring("rule"),
        "struct": SimpleNamespace,
        "tag_class": _declaring("tag class"),
        "transition": lambda **_: None,
    }


class Loader:
    """Runs .bzl files, each once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._done: dict[Path, dict[str, Any]] = {}

    def run(self, path: Path) -> dict[str, Any]:
        """Return the globals that the file at `path` leaves."""
        if path not in self._done:
            names: dict[str, Any] = {}

            def load(label: str, *same: str, **renamed: str) -> None:
                if label.startswith("@"):  # Bazel's own functions, generated files: nothing of them is public here
                    names.update(dict.fromkeys([*same, *renamed]))
                    return
                package, _, name = label.rpartition(":")
                folder = self._root / package.removeprefix("//") if package else path.parent
                loaded = self.run(folder / name)
                names.update(
                    {new: loaded[old] for new, old in {**dict(zip(same, same, strict=True)), **renamed}.items()}
                )

            names.update(_globals(path, load))
            exec(compile(path.read_text(), str(path), "exec"), names)
            self._done[path] = names
        return self._done[path]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(" ".join(cell.split()) for cell in line) + " |" for line in lines]


def _attributes(attributes: Mapping[str, Attribute]) -> list[str]:
    rows = [
        (f"`{name}`", attribute.kind.replace("_", " "), attribute.default(), attribute.options.get("doc", ""))
        for name, attribute in sorted(attributes.items())
        if not name.startswith("_")
    ]
    return _table(("attribute", "type", "default", "what"), rows)


def _dedent(text: str) -> str:
    lines = text.strip().splitlines()
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(indents, default=0) if indents and not text.startswith("\n") else 0
    return "\n".join([lines[0], *[line[margin:] for line in lines[1:]]])


def _function(name: str, function: FunctionType) -> list[str]:
    doc = function.__doc__ or ""
    body, _, arguments = doc.partition("    Args:\n")
    text = [f"### {name}", "", _dedent("\n".join(line.removeprefix("    ") for line in body.splitlines())), ""]
    rows: list[tuple[str, ...]] = []
    for line in arguments.splitlines():
        if line.startswith("      ") and not line.startswith("       ") and ":" in line:
            argument, _, what = line.strip().partition(":")
            rows.append((f"`{argument}`", what))
        elif line.strip() and rows:
            rows[-1] = (rows[-1][0], rows[-1][1] + " " + line.strip())
    return text + (_table(("argument", "what"), rows) if rows else [])


def _declaration(name: str, declaration: Declaration) -> list[str]:
    options = declaration.options
    text = [f"### {name}", "", f"*{declaration.kind}*", "", options.get("doc", "").strip(), ""]
    if declaration.kind == "provider":
        text += _table(("field", "what"), [(f"`{key}`", value) for key, value in sorted(options["fields"].items())])
    if "attrs" in options:
        text += _attributes(options["attrs"])
    for tag, tag_class in sorted(options.get("tag_classes", {}).items()):
        text += [f"Tag `{tag}`: {tag_class.options.get('doc', '')}", "", *_attributes(tag_class.options["attrs"])]
    return text


def _entry(name: str, value: object) -> list[str]:
    return _function(name, value) if isinstance(value, FunctionType) else _declaration(name, value)  # type: ignore[arg-type]


def _is_public(name: str, value: object, path: Path) -> bool:
    if name.startswith("_") or not isinstance(value, FunctionType | Declaration):
        return False
    return f"\n{name} = " in path.read_text() or f"\ndef {name}(" in path.read_text()


def render(root: Path) -> str:
    """Return the text of docs/rules.md for the rules below `root`."""
    loader = Loader(root)
    text = ["# Rule reference", "", "Generated from the docstrings by `python3 docs/reference.py --write`.", ""]
    for file in PUBLIC:
        names = loader.run(root / file)
        text += [f"## {file}", "", str(names.get("__doc__") or ""), ""]
        for name, value in sorted(names.items()):
            if _is_public(name, value, root / file):
                text += [*_entry(name, value), ""]
    return "\n".join(text).rstrip() + "\n"


def render_launcher(root: Path, page: str) -> str:
    """Return docs/launcher.md with its two tables made anew from the launcher rules."""
    sys.path.insert(0, str(root / "tools"))
    from python_env.launcher.table import avoided_rows, refusal_rows, setting_rows

    tables = {
        "settings": _table(("key", "value", "for", "why", "page"), setting_rows()),
        "refusals": _table(("artifact", "combination", "why", "instead", "proof"), refusal_rows()),
        "avoided": _table(("what", "where", "why", "instead", "proof"), avoided_rows()),
    }
    return _with_tables(page, tables)


def render_doctor(root: Path, page: str) -> str:
    """Return docs/doctor.md with its tables made anew; imports what the tools import (packaging)."""
    sys.path.insert(0, str(root / "tools"))
    from python_env.doctor.catalog import check_rows
    from python_env.doctor.clusters import spark_rows

    tables = {
        "checks": _table(("check", "severity", "what", "source"), check_rows()),
        "sparks": _table(("Spark", "its Hadoop client", "Python", "py4j", "pandas", "pyarrow", "page"), spark_rows()),
    }
    return _with_tables(page, tables)


def _with_tables(page: str, tables: Mapping[str, list[str]]) -> str:
    for name, table in tables.items():
        head, _, rest = page.partition(f"<!-- {name}:")
        mark, _, rest = rest.partition("-->\n")
        tail = rest.partition("<!-- end -->")[2]
        page = f"{head}<!-- {name}:{mark}-->\n" + "\n".join(table) + f"\n<!-- end -->{tail}"
    return page


def main() -> None:
    """Print or write the pages."""
    text = render(ROOT)
    if "--write" not in sys.argv[1:]:
        sys.stdout.write(text)
        return
    (ROOT / "docs" / "rules.md").write_text(text)
    launcher = ROOT / "docs" / "launcher.md"
    launcher.write_text(render_launcher(ROOT, launcher.read_text()))
    doctor = ROOT / "docs" / "doctor.md"
    doctor.write_text(render_doctor(ROOT, doctor.read_text()))


if __name__ == "__main__":
    main()
