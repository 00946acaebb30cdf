"""Satchel: a private AI stack on the user's own machine."""

import os

__version__ = "0.1.0"

if "SATCHEL_WITNESS" in os.environ:  # set by `satchel prove` for the processes that it watches
    from satchel.base import witness

    witness.install(os.environ["SATCHEL_WITNESS"])
