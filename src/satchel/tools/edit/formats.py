"""The formats by name. Importing this imports the parsers: only what edits does."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Final, cast

from satchel.tools.edit import jsonc, toml, yaml

if TYPE_CHECKING:
    from satchel.tools.edit.change import Format

_MODULES: Final[Mapping[str, ModuleType]] = {"json": jsonc, "toml": toml, "yaml": yaml}

FORMATS: Final = {name: cast("Format", module) for name, module in _MODULES.items()}
