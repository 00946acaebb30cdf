"""Draws docs/demo.svg from a real run of `satchel demo`: `python -m bench.picture`.

The picture holds what the command printed, with its own milliseconds, and reaches for nothing:
its fonts are the viewer's.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

TARGET = Path(__file__).resolve().parents[1] / "docs" / "demo.svg"
COLUMNS = 108
SHOWN = ("switch sessions to JWT", "thanks!")  # of the requests of the demo

# The shapes that rich fills in, with the viewer's own monospaced font and no address anywhere.
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg"
     role="img" aria-label="satchel demo">
  <style>
    .{unique_id}-matrix {{
      font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
      font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
    }}
    .{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
    {styles}
  </style>
  <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
  </defs>
  {chrome}
  <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
  </g>
</svg>
"""


def run_demo() -> str:
    """Run the real command in colour and return what it printed."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "satchel.cli", "demo"],
        env={**os.environ, "FORCE_COLOR": "1", "NO_COLOR": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def selected(printed: str) -> str:
    """Keep the opening and the requests of SHOWN; a line of dots stands for the others."""
    opening, *parts = re.split(r"(?m)^(?=\x1b\[32m\$)", printed)
    kept = ["\x1b[1m$ satchel demo\x1b[0m\n\n" + opening.strip("\n") + "\n\n"]
    dots = False
    for part in parts:
        command = part.partition("\n")[0]
        request = "satchel brief" in command
        if request and not any(f'"{shown}"' in command for shown in SHOWN):
            if not dots:
                kept.append("\x1b[2m…\x1b[0m\n\n")
            dots = True
            continue
        # The offer at the very end is for the one who ran it.
        kept.append(part.partition("\nThe same in a repository")[0].strip("\n") + "\n\n")
    return "".join(kept).rstrip() + "\n"


def draw(printed: str) -> str:
    """Return the SVG of what a terminal would show."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), highlight=False)
    console.print(Text.from_ansi(printed))
    return console.export_svg(title="satchel demo", code_format=FORMAT, unique_id="satchel-demo")


def main() -> int:
    """Draw it, and say where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=TARGET, metavar="FILE")
    target: Path = parser.parse_args().to
    target.write_text(draw(selected(run_demo())), encoding="utf-8")
    print(f"{target}: {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
