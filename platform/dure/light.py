"""Keeps a web process light.

The quality engine costs seconds to import and hundreds of megabytes. Its libraries are shut out of
web processes for good, also where another library would pull them in when it finds them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

HEAVY = ("great_expectations", "pandas", "pyspark", "scipy")


class _Shut(MetaPathFinder):
    """Answers an import of a heavy library as if it were not installed.

    None in sys.modules would not do: compiled code such as pyarrow's takes it for the module.
    """

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in HEAVY:
            msg = f"{fullname} is kept out of web processes"
            raise ModuleNotFoundError(msg, name=fullname)
        return None


def stay_light() -> None:
    """From here on an import of a heavy library fails as if it were not installed."""
    if not any(isinstance(finder, _Shut) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Shut())
