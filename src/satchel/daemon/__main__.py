"""Run as `python -m satchel.daemon`. Clients do that on demand; nobody has to."""

from __future__ import annotations

import math
import os
import sys
from datetime import UTC, datetime

from satchel.base import paths, settings
from satchel.base.paths import Home
from satchel.daemon.lifecycle import Terms, serve
from satchel.daemon.log import open_log

# Seconds for which a thread may hold the interpreter while others wait. A briefing lets go of it at
# each of its hundred reads and waits to have it back: beside work in the background it takes half
# as long again at the usual 5 ms.
SWITCH = 0.0005


def main() -> int:
    """Run the daemon of `$SATCHEL_HOME` and return its exit status."""
    home = paths.home()
    home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    open_log(home.log)
    sys.setswitchinterval(SWITCH)
    return serve(home, lambda: terms(home))


def terms(home: Home) -> Terms:
    """Open the engine of `home` and say on which terms its daemon runs."""
    from satchel.model.consent import session_id
    from satchel.wiring import Satchel

    started = datetime.now(UTC).isoformat(timespec="seconds")
    chosen = settings.load(home)
    satchel = Satchel(home, chosen, session=session_id(os.getpid(), started))
    satchel.warm()
    # A port is held only where tools were pointed at it: a passing home must not take it away.
    stays = bool(chosen.number("gateway.stay"))
    idle = math.inf if stays else chosen.number("daemon.idle_minutes") * 60.0
    port = chosen.number("gateway.port") if stays else 0
    return Terms(satchel, idle, port, started, chosen.number("hook.idle_minutes") * 60.0)


if __name__ == "__main__":
    sys.exit(main())
