"""Decision records in the forms that people write them."""

from __future__ import annotations

import pytest

from satchel.context.mine.decisions import decisions, is_decision
from satchel.context.mine.standing import day, standing
from satchel.context.types import RecordKind, Statement, Status

NYGARD_OLD = """\
# 3. Single command

Date: 2016-02-12

## Status

Superceded by [4. Many commands](0004-many-commands.md)

Amended by [9. Colours](0009-colours.md)

## Context

The tool has many related commands.

## Decision

The tool defines a single command, called `adr`.

## Consequences

Users explore more easily.
"""
NYGARD_NEW = """\
# 4. Many commands

Date: 2017-03-01

## Status

Accepted

Supersedes [3. Single command](0003-single-command.md)

## Decision

Each task has a command of its own, because one command had too many flags.
"""
MADR = """\
---
status: "superseded by [ADR-0014](0014-use-json.md)"
date: 2022-03-04
decision-makers: [ada, grace]
---
<!-- a comment -->
# Use YAML front matter

## Context and Problem Statement

How should fields be stored?

## Considered Options

* [Use YAML front matter](#yaml)
* Use a table — wide
* Keep the list: as is

## Decision Outcome

Chosen option: "Use YAML front matter", because it is rendered.

### Consequences

* Good, because short
"""
LOG4BRAINS = """\
# Use JSON

- Status: accepted
- Deciders: Ada
- Date: 2023-01-01

Technical Story: none

## Decision Outcome

We use JSON. It is parsed everywhere.
"""
PEP_NEW = """\
PEP: 440
Title: Version Identification
Author: Ada <ada@example.org>,
        Grace <grace@example.org>
Status: Final
Created: 18-Mar-2013
Replaces: 386


Abstract
========

This PEP describes a scheme for identifying versions, as :pep:`386` did.

Rejected Ideas
==============

Semantic ordering
-----------------

No.
"""
PEP_OLD = """\
PEP: 386
Title: Comparing Versions
Status: Superseded
Created: 04-Jun-2009
Superseded-By: 440

Abstract
========

This PEP proposed a comparison.
"""
RFC = """\
- Feature Name: `rfc_process`
- Start Date: 2014-03-11
- RFC PR: [rfcs#2](https://example.org/2)

# Summary

A consistent path for features.

# Alternatives

Keep the informal process.
"""
KEP_YAML = """\
title: Foo for nodes
kep-number: 1234
status: implementable
creation-date: 2020-01-20
replaces:
  - "/keps/sig-node/99-bar"
"""
KEP_README = """\
# KEP-1234: Foo

## Summary

Foo lets nodes do things.

## Alternatives

### Use bar

No.
"""
BOLD = """\
# ADR 7 - Use RabbitMQ

**Status**: Accepted on 2 March 2021
**Date**: March 2, 2021

## Context
Kafka is heavy.

## Decision
We use:

- RabbitMQ for commands
- SQS for events

## Alternatives
- **Kafka**: too heavy
- **NATS** - nobody knows it
"""


def mined(*documents: tuple[str, str]) -> list[Statement]:
    return list(decisions(documents).statements)


def only(path: str, text: str) -> Statement:
    (statement,) = mined((path, text))
    return statement


def test_nygards_records_follow_each_other() -> None:
    old, new = mined(
        ("adr/0003-single-command.md", NYGARD_OLD), ("adr/0004-many-commands.md", NYGARD_NEW)
    )
    assert (old.key, old.status, old.superseded_by) == ("adr 3", Status.SUPERSEDED, "adr 4")
    assert (new.key, new.status, new.supersedes) == ("adr 4", Status.ACTIVE, ("adr 3",))
    assert old.text.startswith("Single command. The tool defines a single command, called `adr`.")
    assert "because one command had too many flags" in new.text
    assert (new.kind, new.date, new.source) == (
        RecordKind.DECISION,
        "2017-03-01",
        "adr/0004-many-commands.md:13",
    )
    assert new.aliases == ("ADR 4", "ADR-0004", "0004-many-commands")


def test_madr_gives_the_choice_the_reason_and_what_was_not_chosen() -> None:
    old, new = mined(
        ("docs/decisions/0013-yaml.md", MADR), ("docs/decisions/0014-use-json.md", LOG4BRAINS)
    )
    assert old.text == (
        'Use YAML front matter. Chosen option: "Use YAML front matter", because it is rendered. '
        "Considered and not chosen: Use a table; Keep the list."
    )
    assert (old.status, old.superseded_by, old.date) == (Status.SUPERSEDED, "adr 14", "2022-03-04")
    assert (new.status, new.date, new.confidence) == (Status.ACTIVE, "2023-01-01", 0.95)


def test_peps_are_read_by_their_header() -> None:
    new, old = mined(("peps/pep-0440.rst", PEP_NEW), ("peps/pep-0386.rst", PEP_OLD))
    assert new.text == (
        "Version Identification. This PEP describes a scheme for identifying versions, as 386 did. "
        "Considered and not chosen: Semantic ordering."
    )
    assert (new.key, new.supersedes, new.date) == ("pep 440", ("pep 386",), "2013-03-18")
    assert (old.status, old.superseded_by) == (Status.SUPERSEDED, "pep 440")


def test_what_a_draft_would_replace_still_stands() -> None:
    draft = PEP_NEW.replace("Status: Final", "Status: Draft")
    new, _ = mined(
        ("pep-0440.rst", draft), ("pep-0386.rst", PEP_OLD.replace("Superseded-By: 440\n", ""))
    )
    assert (new.status, new.supersedes) == (Status.OPEN, ())


def test_an_rfc_that_was_merged_stands_without_a_status() -> None:
    one = only("text/0002-rfc-process.md", RFC)
    assert (one.status, one.confidence, one.date, one.key) == (
        Status.ACTIVE,
        0.8,
        "2014-03-11",
        "rfc 2",
    )
    assert "A consistent path for features." in one.text
    assert "Keep the informal process" in one.text


def test_a_kep_is_its_yaml_and_the_text_beside_it() -> None:
    folder = "keps/sig-node/1234-foo"
    (one,) = mined((f"{folder}/kep.yaml", KEP_YAML), (f"{folder}/README.md", KEP_README))
    assert one.text == (
        "Foo for nodes. Foo lets nodes do things. Considered and not chosen: Use bar."
    )
    assert (one.key, one.status, one.date) == ("kep 1234", Status.ACTIVE, "2020-01-20")
    assert one.source.startswith(f"{folder}/README.md:")


def test_bold_fields_and_a_list_of_what_was_decided() -> None:
    one = only("docs/adr/0007-broker.md", BOLD)
    assert one.text == (
        "Use RabbitMQ. We use: RabbitMQ for commands; SQS for events. Why: Kafka is heavy. "
        "Considered and not chosen: Kafka; NATS."
    )
    assert (one.status, one.date) == (Status.ACTIVE, "2021-03-02")


def test_bold_words_may_stand_for_headings() -> None:
    text = (
        "# 1. One file\n\n**Decided.** Each has a file.\n\n**Why.** It is simple.\n\n"
        "**Instead of** a server: slow.\n"
    )
    one = only("docs/adr/0001-one.md", text)
    assert one.text == (
        "One file. Each has a file. Why: It is simple. Considered and not chosen: a server."
    )
    assert (one.source, one.confidence) == ("docs/adr/0001-one.md:3", 0.8)


def test_links_at_the_end_of_a_record_count() -> None:
    new = """\
# Use the slug

Date: 2020-10-16. Status: accepted.

## Decision Outcome

Chosen option: "slug", because

- it is unique
- it is short

## Links

- Supersedes [20200926-use-the-number](20200926-use-the-number.md)
- Relates to [x](y.md)
"""
    old = "# Use the number\n\n- Status: accepted\n\n## Decision\n\nNumbers.\n"
    first, second = mined(
        ("adr/20200926-use-the-number.md", old), ("adr/20201016-use-the-slug.md", new)
    )
    assert second.supersedes == (first.key,)
    assert (second.status, second.confidence, second.date) == (Status.ACTIVE, 0.95, "2020-10-16")
    assert 'Chosen option: "slug", because it is unique; it is short.' in second.text


@pytest.mark.parametrize(
    ("spelled", "status"),
    [
        ("Accepted", Status.ACTIVE),
        ("✅ **Accepted** on 2020-01-01", Status.ACTIVE),
        ("Proposed\nAccepted", Status.ACTIVE),
        ("Draft", Status.OPEN),
        ("In review", Status.OPEN),
        ("Not yet accepted", Status.OPEN),
        ("Deferred", Status.OPEN),
        ("Rejected in favour of the accepted ADR 5", Status.REJECTED),
        ("Withdrawn", Status.REJECTED),
        ("Deprecated", Status.SUPERSEDED),
        ("Accepted, later superseded by ADR 9", Status.SUPERSEDED),
        ("~~Accepted~~ Superseded by [x](x.md)", Status.SUPERSEDED),
        ("Partially superseded by ADR 9", Status.ACTIVE),
        ("Accepted\nAmends ADR 3", Status.ACTIVE),
        ("Wonderful", None),
    ],
)
def test_a_status_is_told(spelled: str, status: Status | None) -> None:
    assert standing(spelled).status is status


def test_a_list_of_every_status_is_a_templates() -> None:
    assert standing("{proposed | rejected | accepted | deprecated}").is_template
    assert standing("proposed, accepted, rejected, superseded by ADR-0123").is_template


@pytest.mark.parametrize(
    ("spelled", "iso"),
    [
        ("2020-02-03", "2020-02-03"),
        ("on 2020/2/3.", "2020-02-03"),
        ("03-Feb-2020", "2020-02-03"),
        ("3 February 2020", "2020-02-03"),
        ("February 3rd, 2020", "2020-02-03"),
        ("20200203-title.md", "2020-02-03"),
        ("2020-13-40", None),
        ("03/02/2020", None),
        ("0000-01-01", None),
    ],
)
def test_a_date_is_read_where_it_has_one_meaning(spelled: str, iso: str | None) -> None:
    assert day(spelled) == iso


@pytest.mark.parametrize(
    "path",
    [
        "docs/adr/0001-x.md",
        "docs/decisions/0001-x.md",
        "doc/arch/adr-001.md",
        "architecture/decisions/1.md",
        "packages/core/docs/adr/20200101-x.md",
        "text/0002-rfc-process.md",
        "rfcs/0042-index-every-column.md",
        "rfcs/0043-a-template-engine.md",
        "peps/pep-0008.rst",
        "pep-0008.txt",
        "keps/sig-node/1-x/kep.yaml",
        "keps/sig-node/1-x/README.md",
        "proposals/generics.md",
    ],
)
def test_a_record_is_known_by_its_place(path: str) -> None:
    assert is_decision(path, "")


@pytest.mark.parametrize(
    "path",
    [
        "docs/adr/README.md",
        "docs/adr/index.md",
        "docs/adr/template.md",
        "docs/adr/adr-template-bare.md",
        "0000-template.md",
        "text/0000-template.md",
        "pep-0000.rst",
        "keps/NNNN-kep-template/README.md",
        "tests/fixtures/docs/adr/0001-x.md",
        "docs/guide.md",
        "src/decisions/tree.py",
        "README.md",
    ],
)
def test_other_files_are_none(path: str) -> None:
    assert not is_decision(path, "# Status\n\nactively developed\n")


def test_a_record_elsewhere_is_known_by_its_shape() -> None:
    assert is_decision("notes/db.md", "# DB\n\n## Status\n\nAccepted\n\n## Decision\n\nWe use x.\n")


def test_what_is_no_record_is_left_and_said() -> None:
    found = decisions(
        [
            ("docs/adr/0001-a.md", "# {short title}\n\n## Status\n\naccepted\n"),
            ("docs/adr/notes.md", "# Notes\n\nNothing is decided here.\n"),
            ("keps/sig-x/2-b/kep.yaml", ": : ]["),
        ]
    )
    assert not found.statements
    assert found.read == 3
    assert sum(found.left.values()) == 3


def test_two_folders_with_the_same_numbers_do_not_mix() -> None:
    old, new = NYGARD_OLD, NYGARD_NEW
    found = mined(
        ("a/adr/0003-single-command.md", old),
        ("a/adr/0004-many-commands.md", new),
        ("b/adr/0003-single-command.md", old),
        ("b/adr/0004-many-commands.md", new),
    )
    assert [s.superseded_by for s in found] == [
        "a/adr/0004-many-commands.md",
        None,
        "b/adr/0004-many-commands.md",
        None,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---\n",
        "\0\x1b]0;x\x07" * 100,
        "---\nstatus: [a\n---\n# T\n",
        "# T\n\n## Status\n\n" + "superseded by " * 20_000,
        "# T\n\n## Decision\n\n" + "[" * 100_000,
        "# T\n\n## Decision\n\n" + "*a_" * 60_000,
        "**" * 100_000,
        "> " * 50_000 + "x",
        "Status: " + "|" * 200_000,
        "PEP: 1\nStatus: " + "x" * 1_000_000,
        "- " * 20_000,
        "# " + "ADR-1 " * 50_000,
        "a\n=\n" * 30_000,
    ],
)
@pytest.mark.parametrize("path", ["docs/adr/0001-x.md", "pep-0001.rst", "keps/s/1-x/kep.yaml"])
def test_junk_is_answered(path: str, text: str) -> None:
    found = decisions([(path, text)])
    assert found.read == 1
    assert all(len(statement.text) <= 600 for statement in found.statements)
