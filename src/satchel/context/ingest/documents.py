"""A document that the user names, as Markdown: text, HTML, PDF, DOCX. Bounded in every way.

Nothing here touches the network: remote images, stylesheets and links are dropped or left as
text.
"""

from __future__ import annotations

import logging
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from satchel.base.errors import BadInput
from satchel.base.text import clean
from satchel.context.ingest.parse import decode, parse
from satchel.context.ingest.prose import parse_prose
from satchel.context.types import Passage

MOST_BYTES = 100_000_000  # of the file
MOST_CHARACTERS = 20_000_000  # of its text
MOST_PAGES = 5_000
MOST_SECONDS = 120.0
MOST_UNPACKED = 300_000_000  # bytes of a DOCX's parts, as its directory states and as they come
MOST_PARTS = 10_000

_HTML = frozenset({".html", ".htm", ".xhtml"})
_DROPPED = ["script", "style", "nav", "noscript", "template", "svg", "iframe", "form"]
_AROUND = ["header", "footer", "aside"]  # of a page; within an article they belong to it


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the document that its reader can open: from `line` of the text on."""

    line: int
    label: str  # "page 3"


def extract(path: Path) -> tuple[str, list[Anchor]]:
    """Return a document's text as Markdown, and where its pages begin.

    Raises BadInput where there is no such file, where it is too large, damaged, encrypted, or
    holds no text (a scanned PDF), each with what to do about it.
    """
    content = _content(path)
    suffix = path.suffix.lower()
    try:
        if content.startswith(b"%PDF-") or suffix == ".pdf":
            lines, anchors = _pdf(path, content)
            text = "\n".join(lines)
        else:
            text, anchors = _text(path, content, suffix), []
    except RecursionError as error:
        raise _damaged(path, "it is nested too deeply") from error
    text = clean(text)[:MOST_CHARACTERS]
    if not text.strip():
        raise BadInput(
            "document-empty", f"{path.name} holds no text", "name a document with text in it"
        )
    return text, anchors


def passages_of(path: Path, text: str) -> tuple[Passage, ...]:
    """Cut an extracted document into passages: by heading, or by definition where it is code."""
    if path.suffix.lower() in _HTML | {".pdf", ".docx"}:
        return parse_prose("document.md", text)[0]
    return parse(path.name, text).passages


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            problem = "is not a file" if path.exists() else "does not exist"
            raise BadInput("no-such-file", f"{path} {problem}", "check the path")
        if (size := path.stat().st_size) > MOST_BYTES:
            raise BadInput(
                "document-too-large",
                f"{path.name} has {size / 1e6:.0f} MB; at most {MOST_BYTES / 1e6:.0f} MB are read",
                "name a smaller document, or a part of this one",
            )
        return path.read_bytes()
    except OSError as error:
        raise BadInput(
            "file-unreadable",
            f"{path} cannot be read: {error.strerror or error}",
            "check its permissions",
        ) from error


def _damaged(path: Path, why: object) -> BadInput:
    return BadInput(
        "document-damaged",
        f"{path.name} cannot be read as what its name says: {why}",
        "open it in its own application and save or export it again",
    )


def _text(path: Path, content: bytes, suffix: str) -> str:
    if suffix == ".docx" or (content.startswith(b"PK\x03\x04") and b"word/" in content[:4_000]):
        return _docx(path, content)
    text = decode(content)
    if text is None:
        raise BadInput(
            "document-unknown",
            f"{path.name} is neither text nor a document that can be read here",
            "text, Markdown, HTML, PDF and DOCX can be",
        )
    if suffix in _HTML or text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        return _html(text)
    return text


def _html(text: str) -> str:
    """Turn a page into Markdown: what its reader reads, without what surrounds it."""
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(text, "html.parser")
    body = soup.find("main") or soup.find("article") or soup.body or soup
    dropped = _DROPPED if body.name in ("main", "article") else _DROPPED + _AROUND
    for tag in body.find_all(dropped):
        tag.decompose()
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    made: str = MarkdownConverter(
        heading_style="ATX", bullets="-", strip=["img", "a", "input", "button"]
    ).convert_soup(body)
    lines = (line.rstrip() for line in made.split("\n"))
    kept = [line for line, before in _with_before(lines) if line or before]
    if title and not any(line.startswith("# ") for line in kept[:20]):
        kept = [f"# {title}", "", *kept]
    return "\n".join(kept).strip()


def _with_before(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    before = ""
    for line in lines:
        yield line, before
        before = line


def _docx(path: Path, content: bytes) -> str:
    """Turn a Word document into Markdown; pictures are left out."""
    import mammoth  # type: ignore[import-untyped]  # it ships no types

    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise BadInput(
                    "document-too-large",
                    f"{path.name} unpacks to more than {MOST_UNPACKED / 1e6:.0f} MB",
                    "name a smaller document, or save its text alone",
                )
            if "word/document.xml" not in archive.namelist():
                raise _damaged(path, "no Word document is in it")
        without_pictures = mammoth.images.img_element(lambda _: {"src": ""})
        made = mammoth.convert_to_html(BytesIO(content), convert_image=without_pictures)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError, SyntaxError) as error:
        raise _damaged(path, error) from error
    return _html(f"<body>{made.value}</body>")


def _pdf(path: Path, content: bytes) -> tuple[list[str], list[Anchor]]:
    """Read a PDF page by page, each under a heading of its own."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it names what it mends, page by page
    locked = BadInput(
        "document-encrypted",
        f"{path.name} is locked with a password",
        "save a copy without the password, and name that",
    )
    lines: list[str] = []
    anchors: list[Anchor] = []
    words = 0
    deadline = time.monotonic() + MOST_SECONDS
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise locked
        pages = len(reader.pages)
        for number in range(1, min(pages, MOST_PAGES) + 1):
            said = clean(reader.pages[number - 1].extract_text() or "").strip()
            words += len(said)
            anchors.append(Anchor(len(lines) + 1, f"page {number}"))
            lines += [f"# Page {number}", "", *said.split("\n"), ""]
            if time.monotonic() > deadline or words > MOST_CHARACTERS:
                lines += [f"(The reading stopped here, at page {number} of {pages}.)", ""]
                break
    except (FileNotDecryptedError, DependencyError) as error:
        raise locked from error
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise _damaged(path, error) from error
    except (OSError, ArithmeticError, AssertionError, NotImplementedError) as error:
        raise _damaged(path, error) from error
    if not words:
        raise BadInput(
            "document-scanned",
            f"{path.name} holds pictures of pages and no text",
            "run it through text recognition (OCR) first, for example with ocrmypdf",
        )
    return lines, anchors
