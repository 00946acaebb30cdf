"""What a request spells out, as evidence for files: names and words that are defined or used, what
errors say, paths and modules."""

from __future__ import annotations

import math
from typing import Final

from satchel.base.text import one_line
from satchel.context.catalog import Catalog, by_folder, by_module, by_path_tail
from satchel.context.hit import Hit
from satchel.context.lead import called
from satchel.context.said import says
from satchel.context.store.index import IndexStore
from satchel.context.terms import expand, looks_like_code
from satchel.context.topic import asking
from satchel.context.types import Role
from satchel.context.understand import Query

DEFINERS: Final = 20  # a name with more definers than this points nowhere
USED: Final = 0.2  # what a name that nothing defines gives the files that have it
PROPER: Final = 0.5  # what a class gives that the request spells as it is, with its capital
PLAIN_WORD: Final = 0.1  # what a word that merely is also a definition's name gives
INSIDE: Final = 0.4  # what a folder that the request names gives each file in it
MODULE: Final = 0.3  # what it gives a file to be called like a word of the request
MODULES: Final = 2


def symbols(query: Query, store: IndexStore) -> list[Hit]:
    """Find the definitions of names that the request spells: the fewer definers, the more."""
    hits: list[Hit] = []
    for name in query.names:
        qualifier, _, last = name.rpartition(".")
        definitions = store.defining(last, DEFINERS + 1)
        if qualifier:
            owner = qualifier.rpartition(".")[2].lower()
            exact = [d for d in definitions if owner in d.symbol.lower().split(".")[:-1]]
            definitions = exact or definitions
        definitions = [d for d in definitions if d.name == last] or definitions
        if not definitions and looks_like_code(last):
            hits += _uses(last, store)
        if 0 < len(definitions) <= DEFINERS:
            # A word that is no identifier by its shape is most often just a word.
            share = (1.0 if qualifier or looks_like_code(last) else 0.5) / len(definitions)
            hits += [
                Hit(d.document, d.passage, share, f"defines `{d.symbol}`") for d in definitions
            ]
    asked = asking(query)
    for word in query.plain:
        if word.lower() == asked:
            continue
        definitions = store.defining(word, DEFINERS + 1)
        exact = [d for d in definitions if d.symbol.rpartition(".")[2] == word]
        given, meant = (
            (PROPER, exact) if exact and word in query.proper else (PLAIN_WORD, definitions)
        )
        if 0 < len(definitions) <= DEFINERS:
            hits += [
                Hit(d.document, d.passage, given / len(meant), f"defines `{d.symbol}`")
                for d in meant
            ]
    return hits


def _uses(name: str, store: IndexStore) -> list[Hit]:
    """Find the files that use a name which none defines, such as an option, or the key of an
    object. Where more than a few do, it is everybody's."""
    found = store.holding(expand(name), DEFINERS + 1)
    if len(found) > DEFINERS:
        return []
    first = {document: passage for passage, document in reversed(found)}
    return [Hit(document, passage, USED, f"uses `{name}`") for document, passage in first.items()]


def modules(query: Query, catalog: Catalog) -> list[Hit]:
    """Find the source files that are called like a plain word of the request."""
    hits: list[Hit] = []
    for word in query.plain:
        rows = [r for r in catalog.named.get(word.lower(), ()) if r.role == Role.SOURCE]
        if 0 < len(rows) <= MODULES:
            hits += [Hit(r.id, None, MODULE / len(rows), f"is called {word.lower()}") for r in rows]
    return hits


def messages(query: Query, catalog: Catalog, store: IndexStore) -> list[Hit]:
    """Find the source files that say what the request quotes of an error."""
    return [
        Hit(said.document, said.passage, said.share, f'says "{one_line(said.message, 64)}"')
        for said in says(query.messages, catalog, store)
    ]


def paths(query: Query, catalog: Catalog) -> list[Hit]:
    """Find the files that the request names: by path, by dotted module, in a stack trace."""
    hits: list[Hit] = []
    folders = {path: rows for path in query.folders if (rows := by_folder(catalog, path))}
    for path, rows in folders.items():
        hits += [Hit(row.id, None, INSIDE, f"is in {path}") for row in rows]
    for path in query.paths:
        if path in folders:
            continue
        hits += [Hit(r.id, None, 1.0, f"is named: {path}") for r in by_path_tail(catalog, path)]
    depth = 0
    for frame in query.frames:
        rows = [row for row in by_path_tail(catalog, frame) if row.is_at(frame)]
        depth += bool(rows)  # frames of other people's code are no step on the way
        hits += [Hit(r.id, None, 1 / math.sqrt(depth), "is in the stack trace") for r in rows]
    hits += [Hit(row.id, None, 1.0, "is named") for row in called(query, catalog)]
    if query.overview:
        hits += [Hit(r.id, None, 1.0, "says what this is") for r in catalog.rows if r.is_front]
    for name in query.names:
        for row, module, is_package in by_module(catalog, name):
            # A package's own file rarely holds what is asked about.
            what, share = ("package", 0.3) if is_package else ("module", 1.0)
            hits.append(Hit(row.id, None, share, f"is the {what} `{module}`"))
    return hits
