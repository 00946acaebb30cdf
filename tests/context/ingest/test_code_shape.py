"""How code is cut: what nests, what is long, what does not parse."""

from __future__ import annotations

import pytest

from satchel.context.ingest.code import parse_code, plain_name
from satchel.context.ingest.parse import parse
from satchel.context.types import PassageKind


def symbols(text: str, path: str = "a.py") -> list[tuple[str, int, int]]:
    return [(one.symbol, one.start, one.end) for one in parse(path, text).passages]


def test_a_nested_function_stays_in_its_passage_and_defines_nothing() -> None:
    text = "def outer():\n    def inner():\n        pass\n    return inner\n"
    parsed = parse("a.py", text)
    assert [one.symbol for one in parsed.definitions] == ["outer"]
    assert symbols(text) == [("outer", 1, 4)]


def test_a_class_keeps_its_header_and_attributes_and_gives_its_methods_away() -> None:
    text = (
        'class A:\n    """Doc."""\n\n    x = 1\n\n    def f(self):\n        pass\n\n'
        "    y = 2\n\n    def g(self):\n        pass\n"
    )
    assert symbols(text) == [("A", 1, 4), ("A.f", 6, 7), ("A", 9, 9), ("A.g", 11, 12)]
    assert parse("a.py", text).definitions[0].passage == 0


def test_code_between_definitions_is_module_code() -> None:
    text = "import os\n\nX = 1\n\n\ndef f():\n    pass\n\n\nif X:\n    f()\n"
    parsed = parse("a.py", text)
    assert [(one.kind, one.start, one.end) for one in parsed.passages] == [
        (PassageKind.MODULE, 1, 3),
        (PassageKind.DEFINITION, 6, 7),
        (PassageKind.MODULE, 10, 11),
    ]


def test_a_long_function_is_cut_into_parts_of_one_symbol() -> None:
    body = "".join(f"    x{n} = {n}\n" + ("\n" if n % 10 == 9 else "") for n in range(400))
    parsed = parse("a.py", "def f():\n" + body)
    assert {one.symbol for one in parsed.passages} == {"f"}
    assert len(parsed.passages) > 2
    assert all(one.end - one.start < 120 for one in parsed.passages)
    assert parsed.definitions[0].passage == 0
    assert all(one.text.split("\n")[-1].endswith("9") for one in parsed.passages)


def test_a_function_that_holds_a_whole_file_gives_up_the_functions_in_it() -> None:
    inner = "".join(f"  function part{n}() {{\n    go({n});\n  }}\n" for n in range(100))
    parsed = parse("a.js", "function factory() {\n" + inner + "}\n")
    assert "factory.part99" in {one.symbol for one in parsed.definitions}


def test_long_module_code_is_cut_at_blank_lines() -> None:
    text = "\n\n".join("\n".join(f"x{a}_{b} = {b}" for b in range(10)) for a in range(30))
    parsed = parse("a.py", text)
    assert len(parsed.passages) > 4
    assert all(one.end - one.start < 60 for one in parsed.passages)
    assert all(one.text.startswith("x") and "_0 =" in one.text[:10] for one in parsed.passages)


def test_the_comment_above_belongs_to_the_definition() -> None:
    text = (
        "import os\n\n# One.\n# Two.\n@wrap\ndef f():\n    pass\n\n# Apart.\n\ndef g():\n    pass\n"
    )
    assert symbols(text) == [("", 1, 1), ("f", 3, 7), ("g", 9, 12)]


def test_a_licence_at_the_top_belongs_to_no_definition() -> None:
    text = "/* Licence,\n of two lines. */\n\nint f(void) { return 1; }\n"
    assert symbols(text, "a.c") == [("", 1, 2), ("f", 4, 4)]


def test_what_does_not_parse_becomes_blocks_and_keeps_its_language() -> None:
    parsed = parse("a.java", "%%% ??? ((( \n" * 50)
    assert parsed.language == "java"
    assert {one.kind for one in parsed.passages} <= {PassageKind.BLOCK, PassageKind.MODULE}
    assert parsed.definitions == ()


def test_one_broken_function_does_not_lose_the_others() -> None:
    text = "def a():\n    return 1\n\n\ndef b(:\n    return (\n\n\ndef c():\n    return 3\n"
    assert {"a", "c"} <= {one.symbol for one in parse("a.py", text).definitions}


HOSTILE = {
    "open": "(" * 100_000,
    "nested": "a(b[" * 500,
    "headers": "def f(:\n" * 1_000,
    "quotes": '"' * 50_001,
    "braces": "{" * 50_000 + "}" * 50_000,
    "commas": "x = [" + "," * 100_000 + "]",
    "chain": "a<b<" * 20_000,
    "arrows": "a => " * 20_000,
    "words": "else " * 40_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("language", ["python", "javascript", "java", "cpp", "bash", "ruby"])
def test_hostile_text_ends_in_bounded_work(text: str, language: str) -> None:
    parse_code(text, language)


@pytest.mark.parametrize(
    ("spelled", "name", "owner"),
    [
        ("close", "close", ""),
        ("Foo.prototype.bar", "bar", "Foo"),
        ("module.exports.make", "make", ""),
        ("Session<T>::stop", "stop", "Session"),
        ("a::b::Client::get", "get", "Client"),
        ("Session::operator==", "operator==", "Session"),
        ("operator<", "operator<", ""),
        ("operators", "operators", ""),
        ("~Session", "~Session", ""),
        ("#secret", "secret", ""),
        ("[Symbol.iterator]", "[Symbol.iterator]", ""),
        ("'a-b'", "a-b", ""),
        ("<=>", "<=>", ""),
        ("module.exports", "module.exports", ""),
    ],
)
def test_a_spelled_name_gives_its_own_part_and_its_owner(
    spelled: str, name: str, owner: str
) -> None:
    assert plain_name(spelled) == (name, owner)


def test_a_header_is_read_as_what_it_holds() -> None:
    assert parse("a.h", "int f(void);\n").language == "c"
    assert parse("a.h", "namespace a {\nclass B { int f() { return 1; } };\n}\n").language == "cpp"
    assert parse("a.ts", '<?xml version="1.0"?>\n<TS></TS>\n').language is None


def test_two_methods_on_one_line_are_both_found() -> None:
    parsed = parse("a.js", "class A { f() { a(); } g() { b(); } }\n")
    assert [one.symbol for one in parsed.definitions] == ["A", "A.f", "A.g"]
    assert all(one.text for one in parsed.passages)
