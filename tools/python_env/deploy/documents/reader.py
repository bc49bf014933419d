"""What reading deploy's documents shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from python_env.base.archive.paths import is_list_name
from python_env.base.documents import Reader

SCHEMA = 1
"""Of each of them."""
FIX = "deploy again under another folder, or ask who wrote it"


class FileReader(Reader):
    """Takes names of files, too, which lead nowhere else: whoever may write into the folder wrote them."""

    def file(self, value: Mapping[str, Any], key: str, path: str = "") -> str:
        """Return the file's name `key`; raises ToolError for a path."""
        found = self.text(value, key, path)
        if not is_list_name(found):
            raise self.error(f"{found!r} is no file of this folder", f"{path}.{key}" if path else key)
        return found
