"""Documents that the user names: every kind, and every way in which one can be unfit."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from fpdf import FPDF
from pypdf import PdfReader, PdfWriter

from satchel.base.errors import BadInput
from satchel.context.ingest.documents import Anchor, extract, passages_of


def a_pdf(*pages: str) -> bytes:
    pdf = FPDF()
    pdf.set_font("Helvetica")
    for page in pages:
        pdf.add_page()
        if page:
            pdf.multi_cell(0, text=page)
    return bytes(pdf.output())


def a_docx() -> bytes:
    document = docx.Document()
    document.add_heading("Report", level=1)
    document.add_paragraph("Sessions end.")
    document.add_heading("Numbers", level=2)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text = "left"
    table.rows[0].cells[1].text = "right"
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


HTML = """<!DOCTYPE html><html><head><title>Guide</title><style>b{}</style></head><body>
<nav>Menu</nav><header>Site</header><main><h1>Guide</h1><p>Sessions <b>end</b>, see
<a href="https://example.org/x">here</a>.</p><script>alert(1)</script>
<img src="https://example.org/spy.png"><h2>More</h2><ul><li>one</li></ul>
<pre><code>x = 1
y = 2</code></pre></main><footer>Foot</footer></body></html>"""


def test_a_pdf_has_its_pages_as_headings(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(a_pdf("Sessions end.", "Tokens stay."))
    text, anchors = extract(path)
    assert text.startswith("# Page 1\n\nSessions end.\n")
    assert anchors == [Anchor(1, "page 1"), Anchor(5, "page 2")]
    assert [one.symbol for one in passages_of(path, text)] == ["Page 1", "Page 2"]


def test_a_word_document_keeps_headings_and_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(a_docx())
    text, anchors = extract(path)
    assert "# Report" in text
    assert "Sessions end." in text
    assert "| left | right |" in text
    assert anchors == []
    assert [one.symbol for one in passages_of(path, text)] == ["Report", "Report > Numbers"]


def test_a_page_keeps_what_its_reader_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(HTML)
    text, _ = extract(path)
    assert text.startswith("# Guide")
    assert "Sessions **end**, see\nhere." in text
    assert "## More" in text
    assert "x = 1\ny = 2" in text
    for gone in ("Menu", "Site", "Foot", "alert", "spy.png", "example.org"):
        assert gone not in text


def test_text_is_taken_as_it_is_and_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_bytes("# Notes\r\n\r\nHidden\u202e here\x1b[31m.\r\n".encode())
    text, _ = extract(path)
    assert text == "# Notes\n\nHidden here.\n"
    assert [one.symbol for one in passages_of(path, text)] == ["Notes"]


def test_code_is_cut_at_its_definitions(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("def f():\n    pass\n")
    assert [one.symbol for one in passages_of(path, extract(path)[0])] == ["f"]


def locked() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(a_pdf("Secret."))))
    writer.encrypt("open sesame", algorithm="RC4-128")
    kept = io.BytesIO()
    writer.write(kept)
    return kept.getvalue()


def bomb() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(310_000_000))
    return kept.getvalue()


def a_zip_that_is_no_docx() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("x.txt", "x")
    return kept.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("scan.pdf", a_pdf("", ""), "document-scanned"),
        ("locked.pdf", locked(), "document-encrypted"),
        ("broken.pdf", b"%PDF-1.7\nnothing", "document-damaged"),
        ("broken.docx", b"PK\x03\x04nothing", "document-damaged"),
        ("other.docx", a_zip_that_is_no_docx(), "document-damaged"),
        ("bomb.docx", bomb(), "document-too-large"),
        ("a.bin", bytes(1000), "document-unknown"),
        ("empty.md", b" \n", "document-empty"),
        ("deep.html", b"<div>" * 50_000 + b"x", "document-damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unfit_document_says_what_to_do(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        extract(path)
    assert refused.value.code == code
    assert refused.value.next_step


@pytest.mark.parametrize("name", ["gone.md", "folder"])
def test_a_path_that_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match="not"):
        extract(tmp_path / name)
