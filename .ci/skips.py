"""Name every skipped test with its reason; fail on a reason that is not allowed.

Called by .ci/run as `skips.py REPORT ALLOWED`: pytest's JUnit report and a file of regular
expressions. Also fails where the report is missing or says that no test ran.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree


def main(report: Path, allowed: Path) -> int:
    """Print the skips; return 0 where each one is allowed, else 1."""
    try:
        # The report was written by our own test run a moment ago.
        cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314
    except (OSError, ElementTree.ParseError) as error:
        print(f"no report of the tests: {error}")
        return 1
    lines = allowed.read_text(encoding="utf-8").splitlines()
    patterns = [re.compile(line) for line in lines if line.strip() and not line.startswith("#")]
    skips = [(case, skip) for case in cases for skip in case.iter("skipped")]
    refused = 0
    for case, skip in skips:
        reason = skip.get("message", "")
        fine = any(pattern.fullmatch(reason) for pattern in patterns)
        refused += not fine
        verdict = "allowed" if fine else "NOT ALLOWED"
        print(f"{verdict}: {case.get('classname')}::{case.get('name')}: {reason}")
    ran = len(cases) - len(skips)
    print(f"{ran} tests ran, {len(skips)} were skipped, {refused} of them without leave")
    return 1 if refused or not ran else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
