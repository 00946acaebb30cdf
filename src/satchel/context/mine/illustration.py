"""What a rules file only shows: examples, samples, templates, quotations, code, questions.

Headings, labels and quotation marks tell it; what is said in another's mouth, or put before the
reader to look at, is no rule, however it is worded. A rule that names an example stays one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from satchel.context.mine.bearing import obliges

_WHAT: Final = r"(?:examples?|samples?|illustrations?|case stud(?:y|ies)|scenarios?|demo)"
_SHOWN: Final = re.compile(  # a heading or a lead-in: "Examples:", "Usage example", "PR template"
    rf"[\W\d]{{0,8}}(?:\w[\w/-]{{0,30}} ){{0,3}}{_WHAT}(?:\W{{0,3}}$|:|\s\d|\s\()"
    rf"|[\W\d]{{0,8}}{_WHAT}(?: [\w/-]{{1,30}}){{0,3}}\W{{0,3}}$"
    r"|.{0,60}\b(?:messages?|requests?|prs?|issues?|responses?|outputs?|comments?|reports?"
    r"|prompts?|repl(?:y|ies)|tests?|changelog|commits?|descriptions?|skeleton) templates?\W{0,3}$"
    r"|(?:e\.g\.|for (?:example|instance)|like (?:this|so)|case [a-z0-9]{1,2}\b)[^.]{0,80}$"
    r"|[\W\d]{0,8}(?:before|after|good|bad|correct|incorrect|wrong)\W{0,3}$",
    re.I,
)
_LABEL: Final = re.compile(
    rf"(?:(?:good|bad|sample|counter-?)?\s?{_WHAT}(?: \w+)?|e\.g\.|case [a-z0-9]{{1,2}}"
    r"|(?:sample|suggested|expected|typical) (?:\w+ )?(?:comments?|outputs?|repl(?:y|ies)|messages?"
    r"|prompts?|commands?|responses?|phrasing|wording)"
    r"|good|bad|correct|incorrect|wrong|before|after|template)"
    r"(?: \([^()]{0,60}\))?(?::| [\u2013\u2014-])(?:\s|$)",
    re.I,
)
_EXPLAINS: Final = re.compile(
    r"(?:why|rationale|reason(?:ing)?|motivation|symptoms?|cause|root cause|impact|benefits?"
    r"|trade-?offs?|what (?:it does|it is|happens))\b[^:.]{0,30}:\s",
    re.I,
)
_COMMANDS: Final = re.compile(r"[^.]{0,60}\bcommands?\W{0,3}$", re.I)
_QUOTED: Final = re.compile(r"\"[^\"\n]{12,600}\"|\u201c[^\u201d\n]{12,600}\u201d")
_CODE: Final = re.compile(
    r"(?:return|raise|throw|yield|await|del|assert|new)\s[\w.]{1,80}[(\[{]\S*.*"
    r"|(?:async )?(?:def|fn|func|function)\s\w{1,80}\s?[(<].*"
    r"|(?:class|struct|interface|enum)\s\w{1,80}\s?[({:].*"
    r"|(?:const|let|var|val)\s[\w{\[,\s:]{1,80}=.*"
    r"|(?:from [\w.]{1,80} import|import [\w.{*]{1,80}(?:;|$| as | from )|#include|using \w+;).*"
    r"|(?:if|for|while|switch) \(.*[{;)]\W{0,2}"
    r"|[\w.\[\]]{1,80}\s?(?:[+:-]?=)\s?\S.*[)\]};\"']"
    r"|[\w.]{1,80}\([^()]{0,200}\)[;:]?"
    r"|(?:---|\+\+\+|@@|diff --git)\s.*|[^.]{0,300}\{"
)


def shown(text: str, lead: Sequence[str], headings: Sequence[str]) -> str | None:
    """Say why a block is only shown and is no rule of its own; None where it may be one.

    `lead` and `headings` are those that it stands below, outermost first.
    """
    if _is_code(text):
        return "code"
    if _LABEL.match(text) or any(_SHOWN.match(one) for one in lead):
        return "an example"
    if any(map(_is_open, lead)) or (_is_open(text) and text[:1] in '"\u201c'):
        return "a quotation"
    if not own_words(text).strip(" .\u2026"):
        return "a quotation"
    if any(_SHOWN.match(one) for one in headings) and not any(map(obliges, (*lead, text))):
        return "an example"
    if _EXPLAINS.match(text) and not obliges(text):
        return "an explanation"
    if lead and _COMMANDS.match(lead[-1]) and "`" in text[:20]:
        return "a command"
    return None


def own_words(text: str) -> str:
    """Return a text without what it quotes at length, to be judged by what it says itself."""
    return _QUOTED.sub("\u2026", text)


def _is_code(text: str) -> bool:
    """Tell whether a block is a line of code that lost its fence."""
    return "`" not in text and _CODE.fullmatch(text[:2_000]) is not None


def _is_open(text: str) -> bool:
    """Tell whether a text begins a quotation that it does not end."""
    return text.count('"') % 2 == 1 or text.count("\u201c") > text.count("\u201d")
