"""The composition root: joins the layers and owns what lives as long as the process."""

from satchel.wiring.ask import Ask
from satchel.wiring.satchel import Satchel

__all__ = ["Ask", "Satchel"]
