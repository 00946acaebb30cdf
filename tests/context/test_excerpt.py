"""What is quoted: the lines that match, with the numbers that they have in their file."""

from __future__ import annotations

import re

import pytest

from satchel.context import tokens
from satchel.context.excerpt import Excerpt, Spot, excerpts, introduction, opening, spots
from satchel.context.place import Placed
from satchel.context.store.index import StoredPassage

RARITY = {"nesting": 5.0, "limit": 3.0}
FILLER = [f"    step_{n}(value, other)" for n in range(50)]


def stem(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", text.lower()))


def found(path: str, lines: list[str], number: int = 1, start: int = 100) -> list[Spot]:
    text = "\n".join(lines)
    stop = start + len(lines) - 1
    name = f"read_{number}"
    passage = StoredPassage(number, 1, "definition", name, name, start, stop, text)
    terms = stem(text) & RARITY.keys()
    return spots(path, 1.0, [Placed(passage, 1.0, terms)], RARITY, stem)


def long(late: str, number: int = 1) -> list[str]:
    return [f"def read_{number}(value):", *FILLER[:40], late, *FILLER[40:]]


def total(written: list[Excerpt]) -> int:
    return sum(tokens.count(excerpt.text) for excerpt in written)


def test_a_long_definition_is_quoted_at_the_line_that_matches() -> None:
    late = '    raise ValueError("nesting limit reached")'
    (excerpt,) = excerpts(found("a.py", long(late)), 150)
    assert "nesting limit reached" in excerpt.text
    assert "step_0(" not in excerpt.text
    assert any(place.start <= 141 <= place.end for place in excerpt.places)


def test_a_readme_that_tells_what_the_workspace_is_is_quoted_from_its_first_line() -> None:
    about = ["# Cart", "", "Sells things.", *(f"Line {n} of it." for n in range(60))]
    passages = [
        StoredPassage(1, 1, "section", "Cart", "Cart", 1, len(about), "\n".join(about)),
        StoredPassage(2, 1, "section", "Cart > Use", "Use", 70, 71, "## Use\nAsk the project."),
    ]
    (excerpt,) = excerpts(opening("README.md", 1.0, passages), 80)
    assert excerpt.places[0].start == 1
    assert "Sells things." in excerpt.text
    assert tokens.count(excerpt.text) <= 80


@pytest.mark.parametrize(("words", "second"), [(4, True), (60, False)])
def test_of_a_readme_the_second_part_is_quoted_where_the_first_says_little(
    words: int, second: bool
) -> None:
    passages = [
        StoredPassage(1, 1, "section", "Cart", "Cart", 1, 3, "# Cart\n\n" + "word " * words),
        StoredPassage(2, 1, "section", "Cart > Use", "Use", 4, 5, "## Use\nInstall the project."),
    ]
    (excerpt,) = excerpts(opening("README.md", 1.0, passages), 300)
    assert ("Install the project." in excerpt.text) is second


@pytest.mark.parametrize(
    ("lines", "quoted"),
    [
        pytest.param(
            [
                *("[build-system]", 'requires = ["builder>=1"]', "", "[project]"),
                *('name = "cart"', 'version = "1"', 'description = "Sells things."'),
            ],
            'name = "cart"',
            id="pyproject.toml",
        ),
        pytest.param(
            [
                *("{", '  "author": {', '    "name": "Noor"', "  },"),
                *('  "name": "cart",', '  "description": "Sells things."', "}"),
            ],
            '"name": "cart"',
            id="package.json",
        ),
        pytest.param(
            [
                *("<project>", "  <parent>", "    <name>Shop</name>", "  </parent>"),
                *("  <name>Cart</name>", "  <description>Sells things.</description>"),
            ],
            "  <name>Cart</name>",
            id="pom.xml",
        ),
        pytest.param(
            ["// Sells things.", "module example.com/cart", "", "go 1.25", "// Sells things."],
            "module example.com/cart",
            id="go.mod",
        ),
        pytest.param(
            ["Gem::Specification.new do |s|", '  s.name = "cart"', '  s.summary = "Sells things."'],
            '  s.name = "cart"',
            id="a gemspec",
        ),
    ],
)
def test_a_manifest_is_quoted_from_the_name_and_description_of_what_it_is_of(
    lines: list[str], quoted: str
) -> None:
    lines = [*lines, *(f'dependency-{n} = "*"' for n in range(40))]
    rest = StoredPassage(2, 1, "block", "", "", 48, 49, 'part\n  name = "another"')
    block = StoredPassage(1, 1, "block", "", "", 1, len(lines), "\n".join(lines))
    (excerpt,) = excerpts(introduction("manifest", 1.0, [block, rest]), 400)
    assert excerpt.text.split("\n")[3].strip().startswith(quoted.strip())
    assert "Sells things." in excerpt.text
    assert "dependency-30" not in excerpt.text
    assert "another" not in excerpt.text


def test_a_manifest_that_names_nothing_is_not_quoted() -> None:
    block = StoredPassage(1, 1, "block", "", "", 1, 2, "flask>=3\nnames==1")
    assert introduction("requirements.txt", 1.0, [block]) == []


@pytest.mark.parametrize("room", [60, 150, 400, 3_000])
def test_numbers_name_the_lines_that_follow_them(room: int) -> None:
    lines = long("    nesting(limit)")
    lines[10] = "    limit = nesting"
    (excerpt,) = excerpts(found("a.py", lines), room)
    head, *rest = excerpt.text.strip("\n").split("\n")
    following = int(head.split(":")[1].split()[0])
    shown = set()
    for line in rest[1:-1]:
        if line.startswith("… line "):
            following = int(line.split()[2])
            continue
        assert lines[following - 100] == line
        shown.add(following)
        following += 1
    assert shown == {n for p in excerpt.places for n in range(p.start, p.end + 1)}


def test_a_short_passage_is_quoted_whole() -> None:
    lines = ["def read_1(value):", "    limit = nesting", "    return limit"]
    (excerpt,) = excerpts(found("a.py", lines), 300)
    assert excerpt.text == "\na.py:100 read_1\n```\n" + "\n".join(lines) + "\n```\n"


@pytest.mark.parametrize("room", [0, 10, 40, 90, 200, 450, 1_200])
def test_quotes_never_take_more_than_their_room(room: int) -> None:
    places = [
        *found("a.py", long("    nesting limit", 1), 1),
        *found("b.py", long("    nesting limit one", 2), 2),
    ]
    assert total(excerpts(places, room)) <= room


def test_a_second_file_that_is_as_good_gets_its_part() -> None:
    one = long("    nesting limit here", 1)
    other = long("    nesting limit there", 2)
    places = [*found("a.py", one, 1), *found("b.py", other, 2)]
    assert {excerpt.path for excerpt in excerpts(places, 300)} == {"a.py", "b.py"}


def test_what_is_no_fact_is_quoted_at_greater_length() -> None:
    places = [
        spot
        for n in range(1, 9)
        for spot in found(f"{n}.py", [f"nesting({n}, {m}) < limit" for m in range(60)], n)
    ]
    assert len(excerpts(places, 800, 2)) < len(excerpts(places, 800, 16))


def test_twins_are_quoted_once() -> None:
    lines = long("    nesting limit", 1)
    places = [*found("a.py", lines, 1), *found("b.py", lines, 2)]
    assert [excerpt.path for excerpt in excerpts(places, 200)] == ["a.py"]


def test_of_settings_the_lines_that_match_are_quoted() -> None:
    lines = [f'other-{n} = "1.{n}"' for n in range(50)]
    lines[33] = 'nesting-limit = "0.8.1"'
    passage = StoredPassage(1, 1, "block", "", "", 1, 50, "\n".join(lines))
    placed = Placed(passage, 0.5, frozenset({"nesting", "limit"}))
    (excerpt,) = excerpts(spots("settings.toml", 1.0, [placed], RARITY, stem), 120)
    assert 'nesting-limit = "0.8.1"' in excerpt.text
    assert "other-0 " not in excerpt.text


def test_a_line_of_any_length_is_cut_and_fences_stay_closed() -> None:
    lines = ["def read_1(value):", "nesting " + "x" * 9_000, "```", "limit"]
    (excerpt,) = excerpts(found("a.py", lines), 1_000)
    assert "…" in excerpt.text
    assert excerpt.text.count("````") == 2


def test_nothing_that_matches_is_nothing_quoted() -> None:
    assert excerpts([], 400) == []
    assert excerpts(found("a.py", FILLER), 400) == []
