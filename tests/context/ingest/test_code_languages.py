"""One small sample a language: what it defines, uses and imports, and where each line goes."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from satchel.context.ingest.languages import LANGUAGES
from satchel.context.ingest.parse import parse


@dataclass(frozen=True)
class Sample:
    """A file, and what must be found in it: "kind symbol start-end" and so on."""

    path: str
    text: str
    definitions: tuple[str, ...]
    uses: dict[str, str]  # symbol → names
    imports: tuple[tuple[str, tuple[str, ...]], ...]
    inside: dict[str, str] = field(default_factory=dict)  # symbol → what its passage holds


SAMPLES = (
    Sample(
        "app/session.py",
        '''\
import os
from app.store import Store as Kept, open_store

LIMIT = 10


# Says hello.
@traced("x")
def hello(name: str) -> Kept:
    """Greet."""

    def inner():
        return name

    return greet(inner())


class Session(Base, mixins.Closing):
    """A session."""

    timeout: int = 3

    class Meta:
        ordering = 1

    @property
    def age(self):
        return clock.now() - self.born

    alias = property(age)
''',
        (
            "constant LIMIT 4-4",
            "function hello 7-15",
            "class Session 18-30",
            "constant Session.timeout 21-21",
            "class Session.Meta 23-24",
            "constant Session.Meta.ordering 24-24",
            "method Session.age 26-28",
            "constant Session.alias 30-30",
        ),
        {
            "hello": "greet traced Kept inner",
            "Session": "Base Closing",
            "Session.age": "now",
        },
        (("os", ()), ("app.store", ("Store", "open_store"))),
        {"Session": "class Meta:", "hello": "# Says hello."},
    ),
    Sample(
        "src/session.js",
        """\
const { a, b: c } = require('./mod');
import React, { useState } from 'react';

/**
 * Says hello.
 */

Foo.prototype.hello = function (x) {
  greet(x);
};
exports.bye = () => new Client();

class Session extends ns.Base {
  static MAX = 3;
  close() {
    this.client.stop();
  }
}
const table = {
  open() {
    return 1;
  },
};
export const View = memo(function View() {
  return <Panel x={1} />;
});
""",
        (
            "method Foo.hello 4-10",
            "function bye 11-11",
            "class Session 13-18",
            "constant Session.MAX 14-14",
            "method Session.close 15-17",
            "constant table 19-23",
            "method table.open 20-22",
            "function View 24-26",
        ),
        {
            "Foo.hello": "greet",
            "bye": "Client",
            "Session": "Base",
            "Session.close": "stop",
            "View": "Panel",
        },
        (("./mod", ()), ("react", ("React", "useState"))),
        {"Foo.hello": "Says hello."},
    ),
    Sample(
        "src/session.ts",
        """\
import type { Stats } from 'fs';
import * as path from "path";
export { kept } from './other';

@Component({ selector: 'x' })
export class Session<T> extends Base<T> implements Closable {
  private client: Client;
  handler = (e: Event) => {
    this.close();
  };
  constructor(id: string) {
    super(id);
  }
  get size(): number {
    return 1;
  }
}
export interface Store extends Root {
  get(key: string): Stats;
}
export type Names = string[] | Session;
export enum Color { Red, Green }
export namespace inner {
  export function deep() {}
}
export const arrow = async (x: Store) => {
  make<Names>(x);
};
""",
        (
            "class Session 5-17",
            "constant Session.client 7-7",
            "method Session.handler 8-10",
            "method Session.constructor 11-13",
            "method Session.size 14-16",
            "type Store 18-20",
            "method Store.get 19-19",
            "type Names 21-21",
            "type Color 22-22",
            "module inner 23-25",
            "function inner.deep 24-24",
            "function arrow 26-28",
        ),
        {
            "Session": "Base Closable",
            "Session.handler": "close",
            "Store": "Root",
            "Names": "Session",
            "arrow": "make Names",
        },
        (("fs", ("Stats",)), ("path", ()), ("./other", ("kept",))),
    ),
    Sample(
        "src/view.tsx",
        """\
import { Panel } from './panel';

export function View(props: Props) {
  return <Panel {...props}>{format(props.name)}</Panel>;
}
""",
        ("function View 3-5",),
        {
            "View": "Panel format Props",
        },
        (("./panel", ("Panel",)),),
    ),
    Sample(
        "net/session.go",
        """\
package net

import (
	"fmt"
	store "example.org/store"
)

const Limit = 10

// Session is kept.
type Session struct {
	Base
	id int
}

type (
	Store interface {
		Get(key string) int
	}
	Names []string
)

// Close ends it.
func (s *Session) Close() error {
	helper(s.id)
	s.client.Stop()
	return fmt.Errorf("x")
}

func (m Map[K, V]) Get() {}

func helper[T any](x int) Store { return nil }
""",
        (
            "constant Limit 8-8",
            "type Session 10-14",
            "type Store 17-19",
            "method Store.Get 18-18",
            "type Names 20-20",
            "method Session.Close 23-28",
            "method Map.Get 30-30",
            "function helper 32-32",
        ),
        {
            "Session.Close": "helper Stop Errorf",
            "Session": "Base",
            "helper": "Store",
        },
        (("fmt", ()), ("example.org/store", ())),
        {"Session.Close": "// Close ends it."},
    ),
    Sample(
        "src/session.rs",
        """\
use std::collections::HashMap;
use crate::net::{self, Client, util::{a, b as c}};
mod other;

pub const LIMIT: usize = 10;

/// Kept.
#[derive(Debug)]
pub struct Session<T> {
    client: Client,
}

pub trait Store: Root {
    fn get(&self) -> u32;
    fn put(&self) {
        helper(1)
    }
}

impl<T> Store for Session<T> {
    fn get(&self) -> u32 {
        self.client.close();
        Client::new()
    }
}

macro_rules! shout { () => {}; }

#[cfg(test)]
mod tests {
    #[test]
    fn it_works() {
        assert_eq!(1, 1);
    }
}
""",
        (
            "constant LIMIT 5-5",
            "class Session 7-11",
            "type Store 13-18",
            "method Store.get 14-14",
            "method Store.put 15-17",
            "method Session.get 21-24",
            "function shout 27-27",
            "module tests 29-35",
            "function tests.it_works 31-34",
        ),
        {
            "Session": "Client",
            "Store.put": "helper",
            "Session.get": "close new Store",
            "tests.it_works": "assert_eq",
        },
        (
            ("std::collections", ("HashMap",)),
            ("crate::net", ("self", "Client")),
            ("crate::net::util", ("a", "b")),
            ("other", ()),
        ),
        {"Session.get": "impl<T> Store for Session<T> {", "Session": "#[derive(Debug)]"},
    ),
    Sample(
        "src/main/java/app/Session.java",
        """\
package app;

import app.net.Client;
import app.util.*;
import static java.lang.Math.max;

/** Kept. */
@Deprecated
public class Session<T> extends Base<T> implements Closeable {
    public static final int MAX = 3;

    public Session(String id) {
        this.client = new Client();
    }

    @Override
    public void close() {
        helper(id);
        client.stop();
    }
}

interface Store {
    int get(String key);
}

enum Color { RED }
""",
        (
            "module app 1-1",
            "class Session 7-21",
            "constant Session.MAX 10-10",
            "method Session.Session 12-14",
            "method Session.close 16-20",
            "type Store 23-25",
            "method Store.get 24-24",
            "type Color 27-27",
        ),
        {
            "Session": "Base Closeable",
            "Session.Session": "Client",
            "Session.close": "helper stop",
        },
        (("app.net.Client", ()), ("app.util", ("*",)), ("java.lang.Math.max", ())),
        {"Session": "/** Kept. */"},
    ),
    Sample(
        "src/session.c",
        """\
#include <stdio.h>
#include "net/util.h"

#define LIMIT 10
#define SQUARE(x) ((x) * (x))

typedef struct session {
    int id;
} session_t;

enum color { RED, GREEN };
static const int max = 3;

/* Helps. */
static int helper(struct session *s, int x)
{
    return SQUARE(x);
}

char *name_of(session_t *s) {
    s->close(s);
    return join(s->name);
}
""",
        (
            "constant LIMIT 4-4",
            "function SQUARE 5-5",
            "type session_t 7-9",
            "class session 7-9",
            "type color 11-11",
            "constant color.RED 11-11",
            "constant max 12-12",
            "function helper 14-18",
            "function name_of 20-23",
        ),
        {
            "helper": "SQUARE session",
            "name_of": "close join",
        },
        (("<stdio.h>", ()), ("net/util.h", ())),
        {"helper": "/* Helps. */"},
    ),
    Sample(
        "src/session.cpp",
        """\
#include <vector>

APP_BEGIN_NAMESPACE
namespace app {

template <typename T>
class APP_API Session : public Base {
 public:
  explicit Session(int id) : id_(id) {}
  bool operator==(const Session& other) const { return same(other); }

 private:
  int id_;
};

enum class Color { Red };
using Names = std::vector<std::string>;

template <typename T>
void Session<T>::stop() {
  std::sort(a, b);
}

int& Client::get(int x) { return make_unique<Store>(x); }

}  // namespace app
""",
        (
            "class Session 6-14",
            "method Session.Session 9-9",
            "method Session.operator== 10-10",
            "type Color 16-16",
            "type Names 17-17",
            "method Session.stop 19-22",
            "method Client.get 24-24",
        ),
        {
            "Session": "Base",
            "Session.operator==": "same",
            "Session.stop": "sort",
            "Client.get": "make_unique Store",
        },
        (("<vector>", ()),),
        {"Session": "template <typename T>"},
    ),
    Sample(
        "src/Session.cs",
        """\
using System;
using Short = App.Net.Client;

namespace App
{
    /// <summary>Kept.</summary>
    [Serializable]
    public class Session : Base, IClosable
    {
        public const int Max = 3;
        public string Name { get; set; }

        public Session(string id)
        {
            this.client = new Client();
        }

        public async Task Close() => Helper(client.Stop());
    }

    public interface IStore
    {
        int Get(string key);
    }
}
""",
        (
            "module App 4-25",
            "class Session 6-19",
            "constant Session.Max 10-10",
            "constant Session.Name 11-11",
            "method Session.Session 13-16",
            "method Session.Close 18-18",
            "type IStore 21-24",
            "method IStore.Get 23-23",
        ),
        {
            "Session": "Base IClosable",
            "Session.Session": "Client",
            "Session.Close": "Helper Stop Task",
        },
        (("System", ()), ("App.Net.Client", ())),
        {"Session": "[Serializable]"},
    ),
    Sample(
        "lib/session.rb",
        """\
require 'json'
require_relative "util/clock"

LIMIT = 10

# Kept.
module App
  class Session < Base
    include Closing
    MAX = 3

    def initialize(id)
      @client = Client.new(id)
    end

    def self.of(x)
      new(x)
    end

    private

    def <=>(other)
      stamp(other)
    end
  end
end
""",
        (
            "constant LIMIT 4-4",
            "module App 6-26",
            "class App.Session 8-25",
            "constant App.Session.MAX 10-10",
            "method App.Session.initialize 12-14",
            "method App.Session.of 16-18",
            "method App.Session.<=> 22-24",
        ),
        {
            "App.Session": "Base Closing",
            "App.Session.initialize": "Client",
            "App.Session.<=>": "stamp",
        },
        (("json", ()), ("util/clock", ())),
    ),
    Sample(
        "src/Session.php",
        """\
<?php
namespace App;

use App\\Net\\Client;
use App\\{Foo, Bar as Baz};
require_once 'lib/util.php';

const LIMIT = 10;

/** Kept. */
#[Entity]
abstract class Session extends Base implements Closable
{
    use Logging;
    const MAX = 3;

    public function __construct(private Client $client)
    {
        helper($this->id);
    }

    abstract function todo(): int;
}

function make(int $a): Store
{
    return new Client(Session::of($a));
}
""",
        (
            "module App 2-2",
            "constant LIMIT 8-8",
            "class Session 10-23",
            "constant Session.MAX 15-15",
            "method Session.__construct 17-20",
            "method Session.todo 22-22",
            "function make 25-28",
        ),
        {
            "Session": "Base Closable Logging",
            "Session.__construct": "helper",
            "make": "Client of Store",
        },
        (("App\\Net\\Client", ()), ("App\\Foo", ()), ("App\\Bar", ()), ("lib/util.php", ())),
        {"Session": "/** Kept. */"},
    ),
    Sample(
        "src/Session.kt",
        """\
package app

import app.net.Client
import app.util.*
import a.b.C as D

const val LIMIT = 10

/** Kept. */
class Session(val id: String) : Base(id), Closeable {
    val name: String = "x"

    companion object {
        fun of(): Session = Session(make())
    }

    override fun close() {
        client.stop()
    }
}

object Registry {
    fun add(s: Session) {}
}

typealias Names = List<String>

fun String.shout(): String = upper()
""",
        (
            "module app 1-1",
            "constant LIMIT 7-7",
            "class Session 9-20",
            "constant Session.name 11-11",
            "method Session.Companion.of 14-14",
            "method Session.close 17-19",
            "class Registry 22-24",
            "method Registry.add 23-23",
            "type Names 26-26",
            "function shout 28-28",
        ),
        {
            "Session": "Base Closeable",
            "Session.close": "stop",
            "Session.Companion.of": "make",
            "shout": "upper",
        },
        (("app.net.Client", ()), ("app.util", ("*",)), ("a.b.C", ())),
        {"Session": "/** Kept. */", "Session.Companion.of": "companion object {"},
    ),
    Sample(
        "Sources/Session.swift",
        """\
import Foundation
import class UIKit.UIView

let limit = 10

/// Kept.
public class Session: Base, Closable {
    var name: String = ""

    init(id: String) {
        store.get(key: id)
    }

    func close() throws {
        helper(View())
    }
}

enum Color { case red, green }

protocol Store {
    func get(key: String) -> Int
}

extension Session: Equatable {
    func more() {}
}
""",
        (
            "constant limit 4-4",
            "class Session 6-17",
            "constant Session.name 8-8",
            "method Session.init 10-12",
            "method Session.close 14-16",
            "class Color 19-19",
            "constant Color.red 19-19",
            "constant Color.green 19-19",
            "type Store 21-23",
            "method Store.get 22-22",
            "method Session.more 26-26",
        ),
        {
            "Session": "Base",
            "Session.init": "get",
            "Session.close": "helper View",
            "Session.more": "Equatable",
        },
        (("Foundation", ()), ("UIKit.UIView", ())),
        {"Session.more": "extension Session: Equatable {"},
    ),
    Sample(
        "bin/deploy.sh",
        """\
#!/usr/bin/env bash
source ./lib.sh

LIMIT=10
readonly NAME="x"

# Helps.
helper() {
  other "$1" | sort
}

function other {
  helper
}

main "$@"
""",
        (
            "constant LIMIT 4-4",
            "constant NAME 5-5",
            "function helper 7-10",
            "function other 12-14",
        ),
        {
            "helper": "other sort",
            "other": "helper",
        },
        (("./lib.sh", ()),),
        {"helper": "# Helps."},
    ),
)

by_path = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)


def test_every_language_has_a_sample() -> None:
    assert {parse(sample.path, sample.text).language for sample in SAMPLES} == {
        language.name for language in LANGUAGES
    }


@by_path
def test_definitions_have_their_kind_symbol_and_lines(sample: Sample) -> None:
    found = {
        f"{one.kind} {one.symbol} {one.start}-{one.end}"
        for one in parse(sample.path, sample.text).definitions
    }
    assert set(sample.definitions) <= found


@by_path
def test_names_in_use_belong_to_the_passage_that_uses_them(sample: Sample) -> None:
    parsed = parse(sample.path, sample.text)
    found = {(parsed.passages[one.passage].symbol, one.name) for one in parsed.references}
    for symbol, names in sample.uses.items():
        assert {(symbol, name) for name in names.split()} <= found


@by_path
def test_imports_are_spelled_as_in_the_source(sample: Sample) -> None:
    found = [(one.module, one.names) for one in parse(sample.path, sample.text).imports]
    assert found == list(sample.imports)


@by_path
def test_a_definition_lies_in_its_passage(sample: Sample) -> None:
    parsed = parse(sample.path, sample.text)
    for one in parsed.definitions:
        passage = parsed.passages[one.passage]
        assert passage.start <= one.end
        assert one.start <= passage.end
        assert one.name == one.symbol.rpartition(".")[2] or one.kind == "module"
    for symbol, text in sample.inside.items():
        assert any(text in one.text for one in parsed.passages if one.symbol == symbol), symbol


@by_path
def test_every_line_with_words_in_it_lies_in_one_passage(sample: Sample) -> None:
    lines = sample.text.split("\n")
    covered = [0] * (len(lines) + 1)
    for passage in parse(sample.path, sample.text).passages:
        assert passage.text == "\n".join(lines[passage.start - 1 : passage.end])
        for line in range(passage.start, passage.end + 1):
            covered[line] += 1
    closing = {"end", "private", "public:", "private:"}
    for number, said in enumerate(lines, start=1):
        words = said.strip().strip("{}()[];,")
        if words and not said.lstrip().startswith("}") and words not in closing:
            assert covered[number] == 1, f"{number}: {said}"
