"""Archives by splicing: compressed bytes are copied, never made again; one clock, one set of modes and owners."""

from __future__ import annotations

FILE_MODE = 0o644
"""Mode of a file that is not to be executed."""

EXECUTABLE_MODE = 0o755
"""Mode of a file that may be executed."""

ZIP_DATE = (0 << 9) | (1 << 5) | 1
"""1980-01-01, the first day that a zip can say (APPNOTE 4.4.6)."""

TAR_MTIME = 315532800
"""1980-01-01 in Unix time, as zip has it: seconds."""
