"""One file into what is kept of it: read it safely, decide whether it counts, mask, parse."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import time
from dataclasses import replace
from pathlib import Path

from satchel.context.ingest.blocks import parse_blocks
from satchel.context.ingest.code import parse_code
from satchel.context.ingest.languages import language_of, role_of
from satchel.context.ingest.manifest import parse_manifest
from satchel.context.ingest.mask import mask
from satchel.context.ingest.prose import parse_prose
from satchel.context.ingest.skip import by_name, by_place, by_text
from satchel.context.ingest.walk import UNREAD
from satchel.context.types import Document, Parsed, Role, Stamp

RACY_NS = 20_000_000  # a file written this shortly before it was read may change unseen
SNIFFED = 8_192  # bytes that tell whether a file is text
LOST_AT_MOST = 0.1  # of the characters, undecodable, before a file counts as binary
_CPP_SIGNS = re.compile(  # within a line: each start would walk over all lines that follow
    r"^[ \t]*(?:namespace\b|template[ \t]*<|class[ \t]+\w+[^;\n]*$|using[ \t]+\w"
    r"|(?:public|private|protected):"
    r"|#include[ \t]*<(?:string|vector|memory|map|iostream|functional|utility|cstdint)>)|std::",
    re.M,
)


def parse(path: str, text: str) -> Parsed:
    """Turn a file's text into its passages and everything else that it gave.

    Secrets are masked first. What has no grammar, or does not parse, becomes blocks of lines.
    Never raises, whatever the text.
    """
    text, masked = mask(text.replace("\r\n", "\n").replace("\r", "\n"))
    language = _language(path, text)
    role = role_of(path, language)
    facts = parse_manifest(path, text) if role is Role.MANIFEST else ()
    code = parse_code(text, language) if language is not None else None
    if code is not None:
        return Parsed(
            role,
            language,
            code.passages,
            code.definitions,
            code.references,
            code.imports,
            facts,
            masked,
        )
    if role is Role.PROSE:
        passages, references = parse_prose(path, text)
        return Parsed(role, None, passages, references=references, masked=masked)
    return Parsed(role, language, parse_blocks(text), facts=facts, masked=masked)


def read(top: Path, path: str, max_bytes: int) -> Document:
    """Read one file below `top`, without following any link, and parse it.

    `skipped` is set instead of `parsed` where nothing of it is to be kept: "vanished",
    "unreadable", "outside", "special", "vendored", "secret", "binary", "generated", "data",
    "too large".
    """
    skipped = by_place(path) or by_name(path)
    try:
        descriptor = _open(top, path)
        look = os.fstat(descriptor)
        if not stat.S_ISREG(look.st_mode):
            os.close(descriptor)
            return Document(path, UNREAD, None, "special")
        with os.fdopen(descriptor, "rb") as file:
            stamp = Stamp(look.st_size, look.st_mtime_ns, look.st_ino, "")
            if skipped is None and look.st_size > max_bytes:
                skipped = "too large"
            if skipped is not None:
                return Document(path, stamp, None, skipped)
            content = file.read(max_bytes + 1)
    except FileNotFoundError:
        return Document(path, UNREAD, None, "vanished")
    except OSError as error:
        linked = error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK)
        return Document(path, UNREAD, None, "outside" if linked else "unreadable")
    settled = time.time_ns() - look.st_mtime_ns > RACY_NS and len(content) == look.st_size
    stamp = Stamp(
        look.st_size,
        look.st_mtime_ns if settled else -1,  # -1: the next walk reads it again
        look.st_ino,
        hashlib.sha256(content).hexdigest(),
    )
    if len(content) > max_bytes:
        return Document(path, replace(stamp, digest=""), None, "too large")
    text = decode(content)
    skipped = "binary" if text is None else by_text(path, text)
    if text is None or skipped is not None:
        return Document(path, stamp, None, skipped)
    return Document(path, stamp, parse(path, text))


def read_text(top: Path, path: str, max_bytes: int) -> str | None:
    """Read one file below `top` as text, without following any link; None where that cannot be."""
    try:
        descriptor = _open(top, path)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            content = file.read(max_bytes + 1)
    except OSError:
        return None
    return decode(content) if len(content) <= max_bytes else None


def _open(top: Path, path: str) -> int:
    """Open a file beneath `top`: no component may be a link, and no pipe is waited for."""
    *folders, name = path.split("/")
    if not {"", ".", ".."}.isdisjoint((*folders, name)):
        raise OSError(errno.ELOOP, "not a path beneath the root", path)
    if os.open not in os.supports_dir_fd:  # Windows
        place = top.joinpath(*folders, name)
        if place.resolve() != top.resolve().joinpath(*folders, name):
            raise OSError(errno.ELOOP, "a link", path)
        return os.open(place, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    flags = os.O_RDONLY | os.O_CLOEXEC
    holder = os.open(top, flags | os.O_DIRECTORY)
    try:
        for folder in folders:
            inner = os.open(folder, flags | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=holder)
            os.close(holder)
            holder = inner
        return os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=holder)
    finally:
        os.close(holder)


def decode(content: bytes) -> str | None:
    """Decode a file, or tell by None that it is not text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content[:SNIFFED]:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
        return text if text.count("\ufffd") <= LOST_AT_MOST * len(text) else None


def _language(path: str, text: str) -> str | None:
    """Name a file's language, looking inside where its name leaves it open."""
    language = language_of(path, text[:200].partition("\n")[0])
    if language == "c" and path.endswith(".h") and _CPP_SIGNS.search(text):
        return "cpp"
    if language == "typescript" and text.lstrip()[:5] in ("<?xml", "<!DOC"):
        return None  # Qt's translations end in .ts, too
    return language
