"""A skipped test is let through only for a reason that is on the list."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "skips.py"
CASE = '<testcase classname="tests.a" name="b">{}</testcase>'
SKIP = '<skipped type="pytest.skip" message="no display here" />'


def judge(folder: Path, cases: str, allowed: str) -> subprocess.CompletedProcess[str]:
    report = folder / "report.xml"
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>", encoding="utf-8")
    reasons = folder / "allowed.txt"
    reasons.write_text(f"# a comment\n\n{allowed}\n", encoding="utf-8")
    command = [sys.executable, str(SCRIPT), str(report), str(reasons)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("cases", "allowed", "status"),
    [
        (CASE.format(""), "", 0),
        (CASE.format("") + CASE.format(SKIP), "no display.*", 0),
        (CASE.format("") + CASE.format(SKIP), "no display", 1),
        (CASE.format("") + CASE.format(SKIP), "", 1),
        (CASE.format(SKIP), "no display here", 1),
        ("", "", 1),
    ],
    ids=["none", "allowed", "only a part matches", "not allowed", "nothing ran", "no tests"],
)
def test_a_skip_needs_a_reason_on_the_list(
    tmp_path: Path, cases: str, allowed: str, status: int
) -> None:
    done = judge(tmp_path, cases, allowed)
    assert done.returncode == status, done.stdout + done.stderr


def test_each_skip_is_named_with_its_reason(tmp_path: Path) -> None:
    done = judge(tmp_path, CASE.format("") + CASE.format(SKIP), "")
    assert "NOT ALLOWED: tests.a::b: no display here" in done.stdout
