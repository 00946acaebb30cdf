"""Run the product's daemon with the conformance suite's fixtures beside its own tools.

Only a test starts this, as `python -m tests.e2e.conformance.daemon [stateless]`. The
product's own entry has no way to get here: no setting, flag or variable names it, and what is
added is not in the package.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from satchel.base import paths
from satchel.daemon.__main__ import terms
from satchel.daemon.lifecycle import serve
from satchel.daemon.log import open_log
from tests.e2e.conformance import fixtures


def main(words: Sequence[str]) -> int:
    """Run the daemon of `$SATCHEL_HOME` until it is told to end.

    The older era's sessions are kept for the tools that ask, but not with the word `stateless`.
    """
    home = paths.home()
    home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    open_log(home.log)

    def extend(server: fixtures.Server) -> bool:
        fixtures.add(server)
        return "stateless" not in words

    return serve(home, lambda: replace(terms(home), extend=extend))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
