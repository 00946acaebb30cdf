"""Whom a text names: people and companies, and what else they are called, where it says so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from satchel.base.text import clean, one_line
from satchel.context.mine.sentences import sentences
from satchel.context.types import Mined, Origin, RecordKind, Statement, Status

READ: Final = 20_000  # characters of a text that are read
LONGEST: Final = 400  # characters of a sentence; a longer one names nobody plainly
CONFIDENCE: Final = 0.75

_ROLE: Final = (
    r"(?:(?:(?:new|main|biggest|first|lead|senior|junior|technical|tech|product|project|engineering"
    r"|account|design|data|security|legal|external|key|head|former|current|office|team|support"
    r"|release|infra|devops|frontend|backend|qa|sales|marketing|hr)\s){0,3}"
    r"(?:client|customer|end\scustomer|vendor|supplier|contractor|agency|employer|company|startup"
    r"|pm|po|cto|ceo|cfo|coo|ciso|dba|boss|manager|supervisor|director|designer|architect|developer"
    r"|engineer|lead|maintainer|owner|sysadmin|admin|stakeholder|sponsor|intern|colleague|coworker"
    r"|co-worker|teammate|reviewer|investor|advisor|mentor|accountant|lawyer|landlord|landlady"
    r"|wife|husband|spouse|partner|fianc\u00e9e?|girlfriend|boyfriend|son|daughter|brother|sister"
    r"|mother|father|mom|mum|dad|aunt|uncle|cousin|nephew|niece|grandma|grandpa|grandmother"
    r"|grandfather|friend|best\sfriend|roommate|flatmate|neighbou?r|therapist|doctor|dentist"
    r"|teacher"
    r"|coach|professor|tutor|dog|cat|puppy|kitten|parrot|hamster|rabbit|horse))"
)
_WORD: Final = r"[A-Z\u00c0-\u00de][\w&'\u2019.-]{0,30}(?<![.'\u2019-])"
_NAME: Final = (
    rf"(?:@[\w-]{{2,39}}|{_WORD}(?:\s(?:{_WORD}|&|of|de|van|von|der|and\sSons)){{0,4}}"
    r"(?:\s(?:GmbH|AG|KG|UG|Inc|Ltd|LLC|LLP|PLC|S\.A|SARL|SAS|BV|AB|Oy|ApS|Corp|Co|Group)\b\.?)?)"
)
_QUOTED: Final = (
    r"[\"'\u201c\u2018\u201e`](?P<alias>[^\"'\u201c\u201d\u2018\u2019`]{2,60})"
    r"[\"'\u201d\u2019\u201c`]"
)
_END: Final = r"(?=\s*(?:[.,;:!)\u2014]|$)|\s(?:and|but|who|which|from|in|at|with|\u2013|-)\s)"
_THE: Final = r"(?:(?P<whose>[Tt]he|[Oo]ur|[Mm]y)\s)"

# Names, roles and aliases are told apart by case, so roles spell out theirs.
_FORMS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b[Bb]y\s(?:{_QUOTED}|(?P<plain>(?:the\s|our\s|my\s)?[\w-]{{2,30}}(?:\s[\w-]{{2,30}})?))"
        r",?\s(?:I|we)(?:\s\w{2,9})?\smean\s(?P<name>[^.;!?\n]{2,80})",
        rf"\b[Ww]hen(?:ever)?\s(?:I|we)\s(?:say|write|talk\sabout|mention)\s(?:{_QUOTED}"
        r"|(?P<plain>(?:the\s|our\s|my\s)?[\w-]{2,30}(?:\s[\w-]{2,30})?))"
        r",?\s(?:I|we)(?:\s\w{2,9})?\smean\s(?P<name>[^.;!?\n]{2,80})",
        rf"{_QUOTED}\s(?:always\s)?(?:means|refers\sto|stands\sfor|is\sshort\sfor"
        rf"|is\sour\s(?:name|word)"
        r"\sfor)\s(?P<name>[^.;!?\n]{2,80})",
        r"^(?P<plain>[A-Z][A-Z0-9]{1,9})\s(?:means|stands\sfor"
        r"|is\sshort\sfor)\s(?P<name>[^.;!?\n]{2,80})",
        rf"(?P<name>{_NAME})\s?\((?P<alias>@[\w-]{{2,39}})\)",
        rf"(?:^|\s)(?P<alias>@[\w-]{{2,39}})\s(?:is|=)\s(?P<name>{_NAME}){_END}",
        rf"(?:^|\b){_THE}(?P<role>(?i:{_ROLE}))(?:'s\sname)?(?:\s(?:is|are|was)(?:\s(?:called"
        rf"|named))?|,"
        rf"|\s(?:called|named)|:)\s(?:now\s)?(?P<name>{_NAME}){_END}",
        rf"(?:^|\b){_THE}(?P<role>(?i:{_ROLE}))\s\((?P<name>{_NAME})\)",
        rf"(?:^|[\s(])(?P<name>{_NAME})(?:\s(?:is|was)\s|,\s|\s\()(?P<whose>the|our|my)\s"
        rf"(?P<role>(?i:{_ROLE}))(?:\s(?:here|now|of\sthis\sproject|for\sthis\sproject))?{_END}",
        rf"\b(?:we|We|I)\scall\s(?P<name>{_NAME})\s{_QUOTED}",
        rf"(?:^|\s)(?P<name>{_NAME})\s(?:\(|,\s)?(?:a\.k\.a\.|aka|also\sknown\sas|also\scalled)\s"
        rf"(?:{_QUOTED}|(?P<plain>[\w@-]{{2,30}}(?:\s{_WORD})?))",
    )
)
_NOBODY: Final = frozenset(
    """
    A An And As At Because But By Every For From Great Here Hi He Her His How I If In Is It Its
    Let Maybe My No Not Now Of Ok Okay On Or Our Perhaps Please She So Someone Sorry Thanks That
    The Their Then There These They This Those To Today Tomorrow True False Null None We What When
    Where Which Who Why Yes You Your Monday Tuesday Wednesday Thursday Friday Saturday Sunday Also
    Actually All Any Both
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
# In code "the client" is a program more often than a company: these are what programs are.
_PROGRAMS: Final = frozenset(
    """
    python javascript typescript react angular vue svelte java kotlin swift rust go golang ruby
    php node django flask fastapi rails spring http https json rest grpc graphql html css sql
    sqlite postgres postgresql mysql redis kafka docker kubernetes linux windows macos ios android
    chrome firefox safari electron
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
_PROPER: Final = re.compile(r"(?:(?:the|our|my|an?)\s)?(?:[A-Z\u00c0-\u00de]\w|@\w)")
_ALIAS: Final = re.compile(r"@?[^\W_][\w.&' -]{1,58}")
_NOT_ALIASES: Final = frozenset({"it", "this", "that", "them", "the", "an", "our", "my", "anyone"})
_WEAK: Final = frozenset(
    {"client", "customer", "owner", "admin", "lead", "partner", "company", "agency"}
)


@dataclass(frozen=True, slots=True)
class Naming:
    """A name, and what else whoever bears it is called."""

    name: str
    aliases: tuple[str, ...]
    confidence: float


def naming(sentence: str) -> Naming | None:
    """Tell whom a sentence names and by what other words; None where it does not, or asks."""
    if len(sentence) > LONGEST or sentence.rstrip().endswith("?"):
        return None
    for form in _FORMS:
        match = form.search(sentence)
        if match is None:
            continue
        groups = match.groupdict()
        name = _trimmed(match["name"])
        role, whose = groups.get("role"), groups.get("whose")
        alias = groups.get("alias") or groups.get("plain")
        if not _PROPER.match(name) or name.split()[0] in _NOBODY:
            continue
        if role:
            word = role.lower() if len(role) > 3 else role
            if _is_program(name, word.split()[-1], whose or ""):
                continue
            return Naming(
                name, _aliases(f"{'my' if whose in ('my', 'My') else 'the'} {word}"), CONFIDENCE
            )
        if alias and _ALIAS.fullmatch(alias) and alias.lower() not in {*_NOT_ALIASES, name.lower()}:
            return Naming(name, _aliases(alias), 0.85)
    return None


def people(
    texts: Iterable[tuple[str, str, str | None]],
    *,
    origin: Origin = Origin.DECISIONS,
    status: Status = Status.ACTIVE,
) -> Mined:
    """Find whom texts name. A text comes as its source, its words, and its date (ISO 8601 or None).

    Statements have the name as their subject; the same name with the same aliases comes once.
    """
    made: dict[tuple[str, tuple[str, ...]], Statement] = {}
    left: Counter[str] = Counter()
    read = 0
    for source, text, date in texts:
        read += 1
        if len(text) > READ:
            left["text past 20,000 characters"] += 1
        for sentence in sentences(clean(text[:READ])):
            if sentence.startswith(("|", "#", "<", "$", ">")) or "`" in sentence[:1]:
                continue
            found = naming(sentence)
            if found is None:
                continue
            made.setdefault(
                (found.name, found.aliases),
                Statement(
                    kind=RecordKind.FACT,
                    text=one_line(sentence, LONGEST),
                    origin=origin,
                    source=source,
                    confidence=found.confidence,
                    date=date,
                    subject=found.name,
                    aliases=found.aliases,
                    status=status,
                ),
            )
    return Mined(tuple(made.values()), read, dict(left))


def _aliases(words: str) -> tuple[str, ...]:
    """Return a description with and without its article: "the client", "client"."""
    bare = re.sub(r"^(?:the|our|my)\s", "", words)
    return (words,) if bare == words or words.startswith("my ") else (words, bare)


def _trimmed(name: str) -> str:
    """Cut what follows a name: its clause, quotes, a full stop that is not an abbreviation's."""
    name = re.split(r",\s|\s\(|\s(?:and|but|because|so|who|which|when|not)\s", name, maxsplit=1)[0]
    return name.strip(" \"'`\u201c\u201d\u2018\u2019.,;:!")


def _is_program(name: str, role: str, whose: str) -> bool:
    """Tell whether a weak role more likely describes software: "the client is React"."""
    if role not in _WEAK or " " in name:
        return False
    return name.lower() in _PROGRAMS or (name.isupper() and whose.lower() == "the")
