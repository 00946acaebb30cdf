"""Documents that a question brings along."""

from __future__ import annotations

import os
from pathlib import Path

from satchel.context.types import Request
from satchel.wiring.papers import brief_documents


def test_a_document_whose_name_is_not_utf_8_is_read_under_a_name_that_can_be_shown(
    tmp_path: Path,
) -> None:
    document = os.fsencode(tmp_path) + b"/b\xff.md"
    Path(os.fsdecode(document)).write_text("# Lamps\n\nA lamp is returned within a month.\n")
    request = Request("when is a lamp returned?", str(tmp_path), 400, with_text=True)
    packet = brief_documents([os.fsdecode(document)], request)
    assert "within a month" in packet.markdown
    assert [file.path for file in packet.files] == [f"{tmp_path}/b\\udcff.md"]
