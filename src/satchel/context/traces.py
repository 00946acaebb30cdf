"""The files of a stack trace, as Python, JavaScript, Go, Java, .NET, Ruby and Rust write it, and
the lines that sentences and compilers point at. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# No pattern here may walk over line ends or without bound: each start would walk anew.
_DRIVE: Final = r"(?:[A-Za-z]:)?"
_PLACE: Final = r"[\w./\\@+~!-]+"
_FRAME: Final = re.compile(
    # Python itself, IPython (new and old), pytest
    r'File "(?P<python>[^"\n]{1,400})", line \d+'
    rf"|File (?P<ipython>{_DRIVE}{_PLACE}\.py):\d+"
    rf"|^(?P<notebook>{_DRIVE}{_PLACE}\.py) in \w+\("
    rf"|^(?P<pytest>{_DRIVE}{_PLACE}\.py):\d+: (?:in \w+|\w*(?:Error|Exception|Failed)\b)"
    # V8, and Firefox with Safari; either may stand behind a scheme and a host
    r"|(?:\bat (?:[\w.<>$\[\]# ]{1,200}\()?|^[\w.<>$/*\[\]]{0,200}@)"
    r"(?:[a-z-]{2,20}://[^\s/()]{0,100}/)?"
    rf"(?P<javascript>{_DRIVE}{_PLACE}\.(?:[cm]?[jt]sx?|vue|svelte))(?:\?[\w=&.-]{{0,60}})?:\d+"
    # Go indents its frames, or tells the offset; what begins a line otherwise is a sentence
    rf"|^[ \t]+(?P<go>{_DRIVE}{_PLACE}\.go):\d+|^(?P<plain>{_DRIVE}{_PLACE}\.go):\d+(?= \+0x)"
    r"|\bat (?:[\w.@-]{0,60}/){0,2}(?P<java>[\w.$<>]+)"
    r"\((?P<file>\w+\.(?:java|kts?|scala|groovy)):\d+"
    rf"|\) in (?P<net>{_DRIVE}{_PLACE}\.(?:cs|fs|vb)):line \d+"
    rf"|(?:^|\bfrom |# )(?P<ruby>{_DRIVE}{_PLACE}\.rb):\d+:in [`'\"]"
    rf"|(?:\bat |--> |', )(?P<rust>{_DRIVE}{_PLACE}\.rs):\d+",
    re.MULTILINE,
)
# "tree.go:290", "tree.go#L290", "`tree.go`, line 290", "line 290 of tree.go", and as compilers
# write it: "Tree.java:[290,3]", "Tree.cs(290,3)"
_FILE: Final = rf"{_DRIVE}[\w./\\@+~!-]{{1,300}}\.[A-Za-z]\w{{0,7}}"
_POINTED: Final = re.compile(
    rf"(?<![\w./\\@+~!-])(?P<path>{_FILE})"
    r"(?::\[?|\(|#L|[`\"']?,? (?:(?:at|on|in) )?lines? )(?P<line>\d{1,6})\b"
    rf"|\blines? (?P<before>\d{{1,6}}) (?:of|in) [`\"']?(?P<file>{_FILE})"
)
_MESSAGE: Final = re.compile(
    r"^[ \t]*(?:Caused by: |Uncaught |E   +|Exception in thread \"[^\"\n]{0,60}\" )?"
    r"(?:[\w$]{1,80}\.){0,12}[A-Z]\w{0,80}(?:Error|Exception|Warning|Fault|Failure): ([^\n]{4,300})"
    r"|^[ \t]*(?:panic|fatal error): ([^\n]{4,300})"
    r"|^[ \t]*error\[E\d{4}\]: ([^\n]{4,300})"
    r"|panicked at '([^'\n]{4,300})'"
    r"|panicked at [^\s']{1,300}:\n([^\n]{4,300})",
    re.MULTILINE,
)
_PYTHON: Final = ("python", "ipython", "notebook", "pytest")
_CAUSE: Final = re.compile(r"^[ \t]*Caused by: ", re.MULTILINE)
# Of the language's own machinery: no answer to where a failure comes from, but in itself.
_RUNTIME: Final = re.compile(
    r"^/?rustc/|/\.rustup/|^node:|(?:^|/)node:?internal/|^internal/(?:modules|process|timers)/"
    r"|/lib(?:64)?/python\d[\d.]*/(?!site-packages/|dist-packages/)|^<"
    r"|/go[\d.-]*/(?:[\d.]+/x64/)?src/(?:runtime|testing|reflect|net|os|io|sync|fmt)/"
    r"|^(?:java|javax|jdk|sun|kotlin|kotlinx|scala|groovy)/"
)


def frames(text: str) -> tuple[str, ...]:
    """Return the files of the stack traces in a text, innermost first, each once.

    Python writes the innermost frame last, the others first; of what Java has chained, the cause
    that it names last is the innermost. Frames of a language's runtime come after all others.
    """
    python: list[str] = []
    others: list[list[str]] = [[]]
    causes = [match.start() for match in _CAUSE.finditer(text)]
    for match in _FRAME.finditer(text):
        while causes and match.start() > causes[0]:
            causes.pop(0)
            others.append([])
        if match.lastgroup in _PYTHON:
            python.append(match[match.lastgroup])
        else:
            others[-1].append(_place(match))
    found = [*reversed(python), *(frame for chained in reversed(others) for frame in chained)]
    ranked = dict.fromkeys(frame.replace("\\", "/") for frame in found)
    return tuple(sorted(ranked, key=lambda frame: _RUNTIME.search(frame) is not None))


def without_frames(text: str) -> str:
    """Leave out the places that `frames` finds."""
    return _FRAME.sub(" ", text)


def lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield the (file, line) pairs that a text spells outside of stack traces: the lines in those
    are often of another version, and the function stands beside them."""
    for match in _POINTED.finditer(without_frames(text)):
        yield match["path"] or match["file"], int(match["line"] or match["before"])


def _place(match: re.Match[str]) -> str:
    """Return the path of a frame: of Java's, the folder of its package with its file."""
    if match["java"]:
        package = match["java"].replace("$", ".").split(".")
        folders = [part for part in package[:-2] if part[:1].islower()]
        return "/".join([*folders, match["file"]])
    return next(m for m in match.group("javascript", "go", "plain", "net", "ruby", "rust") if m)


def messages(text: str) -> Iterator[str]:
    """Yield what errors say in a text, in order: behind the name of an exception, of a panic, of a
    compiler's error."""
    for match in _MESSAGE.finditer(text):
        if said := next(filter(None, match.groups()), "").strip():
            yield said
