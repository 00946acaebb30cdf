"""Any text at all: nothing raises, lines stay true, masking keeps the count of lines."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satchel.context.ingest.languages import LANGUAGES
from satchel.context.ingest.manifest import parse_manifest
from satchel.context.ingest.mask import mask
from satchel.context.ingest.parse import parse

WORDS = (
    *("def", "class", "fn", "func", "impl", "struct", "enum", "interface", "namespace", "module"),
    *("package", "import", "use", "from", "require", "include", "return", "if", "else", "end"),
    *[
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        ";",
        ":",
        ",",
        ".",
        "=",
        "==",
        "=>",
        "->",
        "::",
        '"',
        "'",
        "`",
        "\\",
        "/",
        "//",
        "/*",
        "*/",
        "#",
        "--",
        "@",
        "$",
        "%",
        "&",
        "|",
        "!",
        "?",
        "*",
        "+",
        "~",
        "^",
    ],
    *("\n", "\n    ", "\t", "a", "b", "Foo", "bar_baz", "1", "0x1f", '"text"', "'x'", "é", "\r"),
)
code = st.lists(st.sampled_from(WORDS), max_size=80).map(" ".join)
anything = st.one_of(st.text(max_size=400), code)
SUFFIXES = [language.suffixes[0] for language in LANGUAGES] + [".md", ".rst", ".txt", ".adoc", ".x"]
MANIFESTS = (
    *("pyproject.toml", "setup.cfg", "package.json", "go.mod", "Cargo.toml", "pom.xml"),
    *("build.gradle", "composer.json", "Gemfile", "a.csproj", "requirements.txt"),
)


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(text=anything)
@settings(max_examples=60, deadline=None)
def test_any_text_parses_into_passages_with_true_lines(suffix: str, text: str) -> None:
    parsed = parse(f"some/file{suffix}", text)
    masked, _ = mask(text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = masked.split("\n")
    for passage in parsed.passages:
        assert 1 <= passage.start <= passage.end <= len(lines)
        if parsed.masked == 0:
            assert passage.text == "\n".join(lines[passage.start - 1 : passage.end])
        assert passage.text.strip()
    for definition in parsed.definitions:
        assert 1 <= definition.start <= definition.end <= len(lines)
        assert 0 <= definition.passage < len(parsed.passages)
        assert definition.name
    for reference in parsed.references:
        assert 0 <= reference.passage < len(parsed.passages)
        assert reference.count >= 1


@pytest.mark.parametrize("name", MANIFESTS)
@given(text=anything)
@settings(max_examples=40, deadline=None)
def test_any_text_is_a_manifest_with_facts_or_without(name: str, text: str) -> None:
    for fact in parse_manifest(name, text):
        assert fact.line >= 1
        assert fact.value


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "version", "dependencies", "engines", "require", "project"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(value=json_like)
@settings(max_examples=150, deadline=None)
def test_json_of_any_shape_is_no_error(value: object) -> None:
    parse_manifest("package.json", json.dumps(value))
    parse_manifest("composer.json", json.dumps(value))


secretish = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            (
                *("password = ", 'token: "', '"', "\n", "\r\n", "postgres://u:", "@host/", "AKIA"),
                *("-----BEGIN RSA PRIVATE KEY-----\n", "-----END RSA PRIVATE KEY-----", "ghp_"),
                *("é", "🔑"),
            )
        ),
        st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=16),
    ),
    max_size=12,
).map("".join)


@given(text=secretish)
@settings(max_examples=300, deadline=None)
def test_masking_keeps_the_count_of_lines(text: str) -> None:
    masked, count = mask(text)
    assert masked.count("\n") == text.count("\n")
    assert count > 0 or masked == text


@pytest.mark.parametrize("word", ["api", "id", "kotlin(", "implementation platform", "group"])
def test_a_line_of_blanks_in_a_manifest_is_read_in_one_pass(word: str) -> None:
    facts = parse_manifest("build.gradle", word + " " * 50_000)
    assert [fact.attribute for fact in facts] == ["language"]


@pytest.mark.parametrize("start", ['"\\"', "'\\'"], ids=["string", "character"])
@pytest.mark.parametrize("suffix", [".c", ".java", ".rs"])
def test_what_begins_over_and_over_and_never_ends_is_read_in_one_pass(
    suffix: str, start: str
) -> None:
    parsed = parse(f"some/file{suffix}", start * 50_000)
    assert parsed.definitions == ()


def test_a_heading_of_nothing_but_markup_is_seen_through_as_far_as_it_is_kept() -> None:
    parsed = parse("some/page.md", "# " + "[" * 90_000)
    assert parsed.passages[0].name == "[" * 80
