"""Names the first difference of two files or folders, like diffoscope: `python3 -m support.differ ONE OTHER`."""

from support.differ.model import Difference
from support.differ.parts import bytes_difference, path_difference

__all__ = ["Difference", "bytes_difference", "path_difference"]
