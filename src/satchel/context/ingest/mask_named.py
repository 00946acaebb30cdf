"""Secrets that only their name gives away ("password = …"), a sentence that tells them ("das
Passwort ist …"), or their place in an address or a command.

All of it reads UTF-8 bytes. A plain search for a mark in lower case comes first: it takes a tenth
of the time of one pattern with all the marks as alternatives.
"""

from __future__ import annotations

import math
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from typing import Final, TypeAlias

Span: TypeAlias = tuple[int, int, str]  # first byte, byte after the last, kind of secret

LEAST_ENTROPY: Final = 3.0  # bits a character: words in one case lie below, keys above
LEAST_TYPED: Final = 2.5  # … of what a person types, where it is called a password

_VALUE: Final = rb"""
    [\w-]{0,30} ["']? \s{0,4} (?: => | := | = | : ) \s{0,4}
    (?: (?P<quote>["'`]) (?P<quoted>[^\s"'`]{8,400}) (?P=quote)
      | (?P<bare>[A-Za-z0-9+/=_~!@\#$%^&*.-]{8,400}) (?=[\s;,&<]|$) )
"""
_NAMED: Final = re.compile(
    rb"(?:pass(?:word|wd|phrase|wort)?|kennwort|pwd|secret|token|credential|key)" + _VALUE,
    re.I | re.X,
)
_TYPED: Final = (b"pass", b"kennwort")  # marks of what people type: as short and plain as a word
_MARKS: Final = (*_TYPED, b"pwd", b"secret", b"token", b"credential", b"key")
_KEYS: Final = tuple(  # what a key must be called to be a secret
    word + joint
    for word in b"api access account auth encryption private signing storage".split()
    for joint in (b"_", b"-", b" ", b"")
)
LEAST_BARE: Final = 12  # characters of a value without quotes, where it is no password

# What a sentence tells ("the password of the staging box is …"); bytes from 0x80 on are letters.
_SAID: Final = rb"""
    (?:[\w.@-]{1,40}\s/\s)?
    (?P<quote>["'`]?) (?=\S{0,200}?\d)
    (?P<told>[^\s"'`,;()<>{}\[\]]{5,199}[^\s"'`,;.:?()<>{}\[\]]) (?P=quote)
    (?=[,;.:?!)]{0,3}(?:\s|$))"""
_PASSWORD: Final = (
    rb"(?:pass(?:word|phrase|code|wd|wort|w(?:\xc3\xb6|oe)rter)|kennwort|zugangsdaten)(?:s|es)?"
)
_TOLD: Final = re.compile(
    rb"(?:"
    + _PASSWORD
    + rb"""|(?:schl(?:\xc3\xbc|ue)ssel|pwd|secret|token|credential|key)s?)
    (?:\s+[\w.@/\x80-\xff-]{1,40}){0,6}?
    \s+ (?:is|was|are|ist|war|sind|lautet|lauten|hei(?:\xc3\x9f|ss)t|(?:set|changed)\s+to) :? \s+
    (?:(?:now|still|jetzt|nun|weiterhin|ab\s+sofort)\s+)?"""
    + _SAID,
    re.I | re.X,
)
_HEADED: Final = re.compile(  # "password for the staging box: …"
    _PASSWORD
    + rb"(?:(?:[ \t]+[\w.@/\x80-\xff-]{1,40}){1,6}|(?<=zugangsdaten)):[ \t]+(?x:"
    + _SAID
    + rb")",
    re.I,
)
_SHORTLY: Final = re.compile(  # "the pass is …", "PW: …", "password …"
    rb"(?:(?<![\w-])p(?:(?:ass|w)\s+(?:is|ist|lautet)|w:)|(?:password|passwort|kennwort))[ \t]+(?x:"
    + _SAID
    + rb")",
    re.I,
)
_LOGIN: Final = re.compile(  # "user demo, pass …", in prose
    rb"(?:user(?:[ _-]?name)?|login|benutzer(?:name)?)(?:[ \t]{0,3}[:=][ \t]{0,3}|[ \t]{1,3})"
    rb"[\w.@+-]{1,60}(?:[ \t]{0,3}[,;/]|[ \t]{1,3}(?:and|und|with|mit))[ \t]{1,3}"
    rb"(?:pass|pw|pwd)[ \t]{0,3}[:=]?[ \t]{1,3}(?=(?:[^\s\"'`\d]{0,100}\d){2})(?x:" + _SAID + rb")",
    re.I,
)
_BEFORE: Final = re.compile(  # "… is the root password", "… als Passwort"
    rb"(?:^|[\s\"'`(])(?P<told>[^\s\"'`(){}\[\]<>]{6,80})[\"'`]?\s(?:is|ist|as|als)\s"
    rb"(?:(?:the|our|my|a|das|mein|unser|dein)\s)?(?:[\w-]{1,20}[\s-]){0,2}$"
)
_SHORT: Final = (b"pass", b"pw", b"kennwort")
_WHO: Final = (b"user", b"login", b"benutzer")
_BEHIND: Final = (b"password", b"passwort", b"kennwort")
_VERBS: Final = (b" is ", b" ist ", b" as ", b" als ")  # one of which stands before
BEHIND: Final = 150  # bytes before a name that are read
_BASIC: Final = re.compile(rb"basic\s+(?P<value>[A-Za-z0-9+/]{8,400}={0,2})(?![\w+/])", re.I)
_TELLING: Final = (*_MARKS, b"zugangsdaten", b"schl\xc3\xbcssel", b"schluessel")
_CALLED: Final = (*_TYPED, b"zugangsdaten")  # what is told is a password
LEAST_TOLD: Final = 8  # characters of anything else

_IN_URL: Final = re.compile(rb"://[^\s:/@\"'<>]{0,64}:(?P<value>[^\s:/@\"'<>]{6,200})@")
_ARGUMENTS: Final = rb"(?:[^\n\\|;]|\\[\s\S]){0,300}?\s"
_ARGUMENT: Final = rb"[\"']?(?P<value>[^\s\"'`|;)]{6,200})"
_COMMANDS: Final = tuple(
    (mark, re.compile(pattern + _ARGUMENT, re.I))
    for mark, pattern in (
        (b"mysql", rb"mysql\w{0,10}\b" + _ARGUMENTS + rb"(?-i:-p)"),
        (b"mariadb", rb"mariadb[\w-]{0,10}\b" + _ARGUMENTS + rb"(?-i:-p)"),
        (b"sshpass", rb"sshpass\s+-p\s?"),
        (b"redis-cli", rb"redis-cli\b" + _ARGUMENTS + rb"-a\s+"),
        (b"login", rb"login\b" + _ARGUMENTS + rb"(?-i:-p)\s+"),  # docker, podman, az
        (
            b"curl",
            rb"curl\b"
            + _ARGUMENTS
            + rb"(?:-u|--user|--proxy-user)[\s=]{0,4}[\"']?[^\s:\"']{1,64}:",
        ),
        (b"pass", rb"pass(?:word|wd|phrase)?(?:=|\s{1,4})"),  # behind "--"
        (b"identified", rb"identified\s+by\s+(?:password\s+)?"),
        (b"mysql_pwd", rb"mysql_pwd="),
        (b"rediscli_auth", rb"rediscli_auth="),
    )
)
_OPTION: Final = re.compile(rb"(?:^|\s)--[\w-]{0,20}$")
OPTION: Final = 24  # bytes before "pass" that tell that it is an option
_PARAMETER: Final = re.compile(rb"&\w+=")  # where the next one of a query begins
_ESCAPED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_AWS_ID: Final = re.compile(rb"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")

_IN_CODE: Final = re.compile(r"[._/-]|^[0-9a-f]{20,}$")  # names and digests
_SYMBOL: Final = re.compile(r"[!@#$%^&*+=~]")
_DIGITS: Final = re.compile(r"(?<=[A-Za-z])\d+(?=[A-Za-z])")
_TECHNICAL: Final = re.compile(  # names that end in a number, and amounts
    r"(?:sha|md|base|utf|aes|rsa|rc|crc|crypt|argon|pbkdf|ntlmv?|tls|ssl|oauth|http|ed|pkcs|rfc"
    r"|iso|ipv|ascii|latin|php|python|py|django|mysql|java|es|win|x|v|h|b)-?\d+"
    r"|(?:(?<![A-Za-z\d])\d+|(?<=[A-Za-z])\d)-?(?:st|nd|rd|th|x|ms|bits?|bytes?|[kmg]b|min|days?|hours?|years?|chars?|characters?)\b",
    re.I,
)
# Stand-ins: what is to be filled in, and what is made of nothing but such words and counting.
_FILLED: Final = re.compile(
    r"\$\{|\$\(|\{\{|%\(|\.\.\.|\*\*\*|xxxx|<\w|^[${<%]|\{\w*\}|%[sdvr]\b"
    r"|example|change[_-]?me|placeholder|your[_-]|redacted",
    re.I,
)
_STANDS_IN: Final = re.compile(
    r"dummy|fake|sample|secret|passw|1234|abcd|test|^(?:none|null|true|false|undefined)", re.I
)
_ANY: Final = """
    example examples change me placeholder your dummy fake sample redacted secret secrets password
    passwords passwd passw passwort kennwort pass pwd phrase test tests testing tester none null
    true false undefined abc abcd abcde abcdef xyz my our the a an is this that not no some any new
    old other another wrong right bad good valid invalid correct incorrect strong weak super very
    real long short here there user username name admin root guest demo client server service app
    api key keys token access auth id dev prod staging db database value string text default temp
    random safe secure insecure for in of with to and only do use foo bar baz qux hello world
    one two three mysql postgres redis django account login email mail encrypted hash hashed at
    least chars char characters bit session encryption passw0rd
    refresh schema
    """
_WORDS: Final = frozenset(_ANY.split())
_COUNTING: Final = re.compile(
    r"0{0,9}\d{1,3}(?!\d)|1?2?3456?7?8?9?0?(?!\d)|0?12345?6?7?8?9?0?(?!\d)"
)


_ANY_MARK: Final = (  # most texts have none; "pw" stands in "pwd"
    *(b"pass", b"kennwort", b"zugangsdaten", b"schl\xc3\xbcssel", b"schluessel"),
    *(b"pw", b"secret", b"token", b"credential", b"key", b"://", b"akia", b"asia", b"basic"),
    *(b"mysql", b"mariadb", b"redis-cli", b"rediscli", b"login", b"curl", b"identified"),
)


def named(source: bytes) -> Iterator[Span]:
    """Find the secrets of a text; spans may overlap."""
    lowered = source.lower()
    if any(map(lowered.__contains__, _ANY_MARK)):
        yield from _told(source, lowered)
        yield from _given(source, lowered)
        yield from _placed(source, lowered)


def _told(source: bytes, lowered: bytes) -> Iterator[Span]:
    """Find what a sentence tells."""
    for mark in _TELLING:
        for found in matches(source, lowered, mark, _TOLD):
            value = found["told"].decode("utf-8", "replace")
            is_strong = len(value) >= LEAST_TOLD and _is_no_word(value)
            if (mark in _CALLED and _is_typed(value)) or (
                is_strong and _is_secrets(mark, lowered, found.start())
            ):
                yield *found.span("told"), "secret value"
    for pattern, marks in ((_HEADED, _CALLED), (_SHORTLY, _SHORT), (_LOGIN, _WHO)):
        for mark in marks:
            for found in matches(source, lowered, mark, pattern):
                if _is_password(found["told"]):
                    yield *found.span("told"), "secret value"
    for mark in _BEHIND:
        at = lowered.find(mark)
        while at != -1:
            start = max(0, at - BEHIND)
            said = source[start:at]
            before = _BEFORE.search(said) if any(verb in said for verb in _VERBS) else None
            if before is not None and _is_password(before["told"]):
                yield start + before.start("told"), start + before.end("told"), "secret value"
            at = lowered.find(mark, at + len(mark))


def _given(source: bytes, lowered: bytes) -> Iterator[Span]:
    """Find what a name is given, as in code and configuration."""
    for mark in _MARKS:
        for found in matches(source, lowered, mark, _NAMED):
            if not _is_secrets(mark, lowered, found.start()):
                continue
            group = "quoted" if found["quoted"] else "bare"
            whole = _PARAMETER.split(found[group], maxsplit=1)[0]
            value = whole.decode("utf-8", "replace")
            if _is_value(value, mark in _TYPED, is_quoted=group == "quoted"):
                start = found.start(group)
                yield start, start + len(whole), "secret value"


def _placed(source: bytes, lowered: bytes) -> Iterator[Span]:
    """Find what stands where a secret does: in an address, a command, a header."""
    for found in matches(source, source, b"://", _IN_URL):
        if is_random(found["value"]):
            yield *found.span("value"), "password in an address"
    for mark, pattern in _COMMANDS:
        for found in matches(source, lowered, mark, pattern):
            before = max(0, found.start() - OPTION), found.start()
            is_option = mark != b"pass" or _OPTION.search(source, *before)
            if is_option and _is_typed(found["value"].decode("utf-8", "replace")):
                yield *found.span("value"), "password in a command"
    for found in matches(source, lowered, b"basic", _BASIC):
        if _is_login(found["value"]):
            yield *found.span("value"), "login in a header"
    for mark in (b"AKIA", b"ASIA"):
        for found in matches(source, source, mark, _AWS_ID):
            if not _FILLED.search(found[0].decode()):
                yield *found.span(), "aws access key id"


def matches(
    source: bytes, lowered: bytes, mark: bytes, pattern: re.Pattern[bytes]
) -> Iterator[re.Match[bytes]]:
    """Yield what a pattern finds from each mark on."""
    at = lowered.find(mark)
    while at != -1:
        if found := pattern.match(source, at):
            yield found
        at = lowered.find(mark, at + len(mark))


def _is_password(value: bytes) -> bool:
    """Tell whether a word beside "password" is one, and no name in code."""
    text = value.decode("utf-8", "replace")
    return not _IN_CODE.search(text) and _is_typed(text)


def _is_login(value: bytes) -> bool:
    """Tell whether a value is "user:password" in base 64."""
    try:
        _, colon, word = b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return False
    return bool(colon) and _is_typed(word)


def _is_secrets(mark: bytes, lowered: bytes, start: int) -> bool:
    """Tell whether what is called so is kept secret: not every key is."""
    return mark != b"key" or lowered.endswith(_KEYS, max(0, start - 12), start)


def _is_value(value: str, is_typed: bool, *, is_quoted: bool) -> bool:
    """Tell whether the value that a name is given is a secret, and no name in code."""
    if is_quoted:
        return _is_random(value)
    if len(value) >= LEAST_BARE and _is_random(value) and _is_mixed(value):
        return True
    return is_typed and not _IN_CODE.search(value) and _is_typed(value)


def is_random(value: bytes) -> bool:
    """Tell whether a value reads like a secret and neither like a word nor like a stand-in."""
    return _is_random(value.decode("utf-8", "replace"))


def _is_random(text: str) -> bool:
    return _has_both(text) and not _is_stand_in(text) and entropy(text) >= LEAST_ENTROPY


def _is_typed(text: str) -> bool:
    """Tell whether a value reads like what somebody types for a password: a sign, or a digit, that
    no word and no technical name has, and not only words and counting."""
    plain = _TECHNICAL.sub("", text)
    return (
        _has_both(plain)
        and entropy(text) >= LEAST_TYPED
        and not _FILLED.search(text)
        and not _is_words(text)
    )


def _has_both(text: str) -> bool:
    text = _ESCAPED.sub("-", text)
    return any(one.isdigit() for one in text) and any(one.isalpha() for one in text)


def _is_mixed(text: str) -> bool:
    """Tell an unquoted value from a name in code: both cases, and digits before its end."""
    return (
        any(character.isdigit() for character in text.rstrip("0123456789"))
        and any(character.isupper() for character in text)
        and any(character.islower() for character in text)
        and "." not in text
    )


def _is_no_word(text: str) -> bool:
    """Tell a value from what a sentence says of one: "SHA256-hashed", "Base64URL", "rotated2x"."""
    return _is_random(text) and bool(_SYMBOL.search(text) or len(_DIGITS.findall(text)) > 1)


def _is_stand_in(text: str) -> bool:
    """Tell whether the whole of a value only holds the place of a secret."""
    return bool(_FILLED.search(text) or (_STANDS_IN.search(text) and _is_words(text)))


def _is_words(text: str) -> bool:
    """Tell whether a value is nothing but words that stand for any, counting, and signs."""
    lowered = text.lower()
    ends = {0}
    for at, character in enumerate(lowered):
        if at not in ends:
            continue
        if not character.isalnum():
            ends.add(at + 1)
        if counted := _COUNTING.match(lowered, at):
            ends.add(counted.end())
        ends |= {at + len(word) for word in _WORDS if lowered.startswith(word, at)}
    return len(lowered) in ends


def entropy(value: str) -> float:
    """Return the Shannon entropy of a text's characters, in bits a character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())
