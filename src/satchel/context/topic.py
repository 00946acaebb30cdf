"""What a request of a few words is about: its words without those by which one asks. Pure.

"fix the session" is about one word; that it begins with "fix" says nothing of where. Of a sentence
in another language only what is no function word is left; code has few of the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from satchel.context.terms import STOPWORDS, words_of
from satchel.context.understand import Query

BEGINS: Final = 80  # characters within which a request begins to ask
LANGUAGE: Final = 400  # characters that tell the language
SHORT: Final = 8  # words: of a longer request each says less
LEAST_CUT: Final = 6  # letters of a word that may lose its ending
TELLING: Final = 0.5  # nats from which a word tells one passage from another
FEWEST_FOREIGN: Final = 2  # function words of another language by which a text is in it

# Who names the language asks about the language: within a workspace it goes without saying.
LANGUAGES: Final = frozenset(
    (
        *("python", "javascript", "typescript", "java", "golang", "rust", "ruby", "php", "kotlin"),
        *("swift", "scala", "perl", "csharp", "haskell", "elixir", "matlab", "lua"),
    )
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What is wanted, where the first word of content says it.
_ASKING: Final = _words(
    """add adjust allow avoid bump change check clean cleanup compare configure convert correct
    create debug define delete deprecate describe disable document drop enable ensure expand
    expose extend extract find fix give handle hide implement improve inline introduce investigate
    keep list locate look make merge migrate modify move open optimise optimize port prevent read
    redo reduce refactor reject remove rename reorganize repeat replace rerun restore retry review
    rewrite run set show simplify speed split start stop summarise summarize support switch tell
    test tidy try turn understand update upgrade use validate verify walk wrap write"""
)
_BEFORE_ASKING: Final = frozenset(("and", "just", "please", "then", "you"))
# … or the first word of content, after one of these ("" where it begins): after any other it is a
# noun, as in "where is the check done".
_BEFORE_THE_FIRST: Final = _BEFORE_ASKING | _words("can could i let lets s should to us we") | {""}
# What is said of any topic, wherever it stands: what a thing does wrong is not what it is called.
_LIGHT: Final = _words(
    """applied apply behave behaves better blinks break breaks broken bug bugs called code
    computed crashed crashes defined determined different disappear disappeared disappears doc
    docs documented done example examples exist exists fail failed failing fails file files
    first flaky flicker flickering flickers frozen function functions glitches handled handling
    hangs happen happened happens implemented issue issues jumps kept laggy lags last live lives
    located logic longer look looks made mean method methods misbehaves missing new next old
    other others part pass passed passes place problem rest same second set shorter simpler slow
    slowly stand still stored stuck stuff stutters support supported tests thing things third
    vanish vanished vanishes weird weirdly work worked working works wrong"""
)
_DOCUMENTS: Final = frozenset(("docs", "documentation"))
# What every session has, and files are called by: alone they point back at what was just said.
_VAGUE: Final = _words(
    """approach approaches change changes error errors list lists log logs message messages name
    names option options output outputs plan step steps time times type types version versions"""
)
# Function words of German, French, Spanish, Italian, Portuguese and Dutch that are none of English.
_FOREIGN: Final = _words(
    """aber als auch auf aus bei bin bitte das dass dem den der des dich die dir doch du ein eine
    einen einer es fehl für gibt habe haben hat ich ihr im ist kann kannst man mich mir mit nach
    nicht noch nur oder sein sich sie sind über um und uns unter vom von vor war warum was welche
    welcher wenn werden wie wieso wir wird wo wurde zu zum zur
    au aux avec ce cette comment dans de du elle est et je la le les leur mais mon ne nous où ou par
    pas pour pourquoi qu que quel quelle qui sans ses sont sur tu un une vous
    al como con cómo cuál del desde donde dónde el ella en esta está este esto hay lo los más mi
    muy no nos para pero por porque qué se si su una y ya
    che chi con cosa da dei della delle di dove gli ho il io nel non perché più quale questo sono
    um uma são onde não isso das dos em meu na ou pela pelo também
    een het hoe ik is je maar met naar niet nog of om op te voor waar waarom wat wij zijn
    """
)

# What asks of the trade rather than of a workspace: how two things differ, how a language does it.
_GENERAL: Final = re.compile(
    r"\W{0,4}(?:(?:what(?:'s| is| are)|explain|tell me) (?:the )?(?:\w{1,12} )?differences? "
    r"between\b|how (?:do|does) [^.?!]{2,80} (?:differ|compare)\b"
    r"|(?:how|what|when|why) (?:are|do|does|is|should)\b[^.?!]{2,120} in "
    rf"(?:{'|'.join(sorted(LANGUAGES))})\W{{0,3}}$)",
    re.IGNORECASE,
)
_OURS: Final = frozenset(("here", "i", "my", "our", "ours", "this", "us", "we"))


@dataclass(frozen=True, slots=True)
class Topic:
    """The words of a short request that are its subject, in lower case and in order, and whether it
    is a sentence of another language than English."""

    words: tuple[str, ...] = ()
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class Stems:
    """The roots of a topic's terms, as an index spells them, that tell one file from another, and
    the pairs that a name may write as one word, by that word."""

    telling: frozenset[str] = frozenset()
    joined: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def covered(self, names: frozenset[str]) -> float:
        """Return how much of the topic (0 to 1) stands in these terms of a file's names."""
        if not self.telling:
            return 0.0
        roots = frozenset(map(root, names))
        both = (parts for whole, parts in self.joined.items() if whole in roots)
        return len(self.telling & roots.union(*both)) / len(self.telling)

    def whole(self, name: frozenset[str]) -> float:
        """Return how much of one name's terms (0 to 1) the topic says."""
        if not self.telling or not name:
            return 0.0
        roots = frozenset(map(root, name))
        return len(roots & self.telling.union(self.joined)) / len(roots)


def topic_of(query: Query) -> Topic:
    """Return what a request is about; of a longer one than SHORT words its language alone."""
    spoken = [word.lower() for word in words_of(query.text[:LANGUAGE])]
    foreign = [word for word in spoken if word in _FOREIGN and word not in STOPWORDS]
    is_foreign = len(foreign) >= FEWEST_FOREIGN
    if len(query.text.split(maxsplit=SHORT)) > SHORT:
        return Topic((), is_foreign)
    content = [
        word
        for before, word in pairwise(["", *spoken])
        if word not in STOPWORDS
        and len(word) > 1
        and not (is_foreign and word in _FOREIGN)
        and not (before in _BEFORE_ASKING and word in _ASKING)
    ]
    verb = _asked_with(spoken)
    rest = content[1:] if content[:1] == [verb] else content
    return Topic(tuple(dict.fromkeys(_subject(rest))), is_foreign)


def stems_of(
    topic: Topic, rarity: Mapping[str, float], spell: Callable[[str], Sequence[str]]
) -> Stems:
    """Spell a topic as an index does. A word that stands in nearly every passage, by `rarity` in
    nats, tells nothing: the package's own name does."""
    stems = {
        word: frozenset(root(term) for term in spell(word) if rarity.get(term, TELLING) >= TELLING)
        for word in topic.words
    }
    joined = {
        root(term): stems[one] | stems[other]
        for one, other in pairwise(topic.words)
        if one.isalpha() and other.isalpha()
        for term in spell(one + other)[:1]
    }
    return Stems(frozenset().union(*stems.values()), joined)


def root(term: str) -> str:
    """Cut what makes a thing of what it does: what walks may be called walk, walker or walking."""
    if len(term) < LEAST_CUT or not term.endswith(("er", "or")):
        return term
    cut = term[:-2]
    return cut[:-1] if cut[-1] == cut[-2] else cut


def is_asking(word: str) -> bool:
    """Tell whether a word, in lower case, says what is wanted rather than of what."""
    return word in _ASKING or word in _LIGHT


def told(words: Iterable[str], written: Mapping[str, str], verb: str = "") -> list[str]:
    """Return what a reader is told of the words that a request shares with something: in their
    order, each as it is `written`, none that is part of another; no number, and not the verb by
    which it asks, unless there is nothing else."""
    said = list(dict.fromkeys(words))
    said = [word for word in said if not any(word in other for other in said if other != word)]
    telling = [word for word in said if not word.isdigit() and word != verb]
    return [written.get(word, word) for word in telling or said]


def is_general(text: str) -> bool:
    """Tell whether a short question asks of the trade, by its form, and names nothing as one's
    own."""
    first = text[:LANGUAGE].replace("\u2019", "'")
    return _GENERAL.match(first) is not None and _OURS.isdisjoint(words_of(first.lower()))


def asking(query: Query) -> str:
    """Return the verb with which a request asks, in lower case: of "please add a page" the second
    word, of "how do I add a page?" the fourth. "" where there is none."""
    return _asked_with([word.lower() for word in words_of(query.text[:BEGINS])])


def _asked_with(spoken: Sequence[str]) -> str:
    """Return the first word of content where it is a verb of asking by what stands before it."""
    before, first = next(
        (pair for pair in pairwise(["", *spoken]) if pair[1] not in STOPWORDS and len(pair[1]) > 1),
        ("", ""),
    )
    return first if first in _ASKING and before in _BEFORE_THE_FIRST else ""


def asks_for_documents(query: Query) -> bool:
    """Tell whether a request wants documents: because something is to be documented, it begins to
    ask and names them, or says something of them ("docs for …", "documentation is …")."""
    asked = asking(query)
    first, second, *_ = (*map(str.lower, words_of(query.text[:BEGINS])), "", "")
    return (
        asked == "document"
        or (asked != "" and not _DOCUMENTS.isdisjoint(query.title))
        or (first in _DOCUMENTS and second in STOPWORDS)
    )


def _subject(content: Sequence[str]) -> Sequence[str]:
    """Drop what is said of any topic; nothing is left of what is vague."""
    kept = [word for word in content if word not in _LIGHT and word not in LANGUAGES]
    return () if _VAGUE.issuperset(kept) else kept
