"""The table of options: its form, what it finds in prose and code, and what it leaves alone."""

import re
from collections import Counter

import pytest

from satchel.context.conflict.choices import Found, named, signed, spelled
from satchel.context.conflict.options import Purpose, _forms, _lines, _rows
from satchel.context.terms import STOPWORDS

# Without the names that stand for those of a kind.
ROWS = [
    (option, [n for n in names if n[0] != "+"], marks) for option, names, marks in _rows(_lines())
]


# Everyday words that are also the names of products, or of ways to work: none of them may count
# wherever it stands.
EVERYDAY = frozenset(
    """
    able about account action active actor address age air alert amount angle anchor ant app apple
    area arm array arrow art ask aspect asset atlas attack auto back bad ball band bank bar base
    basic basket bat beam bed bell best better big bird bit black blade block board boat body book
    boost bottle bottom box boy branch brave bread bring brown browse build bun burn bus buy cake
    call can car card care carrot case cat celery center chain chair chalk change check cherry chef
    child choice church circle city class clean clear clerk click clock close cloud coach coat code
    coil coin cold collection color combine come comet comfort common compose composer concern
    context control cookie cook copy corner cost count country couple course cover cow create
    credit cross cup current cut cypher data date day deal deep default desk detail detox devise
    diesel dinner direct dish disk distance doctor doctrine dog door dot down dragon draw dream
    dress drift drink drive drone dry duck dust ear early earth east easy eat echo edge effect egg
    ember emotion end energy engine enjoy enough ensure envoy enzyme espresso event exact example
    exposed express eye face fact fair faker falcon fall family far farm fast feast feather fiber
    field fight file fill film filter final find fine fire firm first fish flag flask flat flip
    flipper flow fluent flutter fly follow food foot force foreign form fox frame free fresh friend
    front fruit full fun game gap garden gas gate gather general ghost gin give glass glide glue go
    gold good got grape graph great ground group grow guard guide gulp habit hair half hall hand
    handlebars happy hard hat hatch have head health hear heart heat helm help hibernate hide high
    hill hilt hit hive hold home honeycomb hook hope horse hot hour house human husky hydra ice
    idea ink inertia inside intercom invoke iron island item jackson jaeger jest job join joy judge
    jump just keep key kind king kitchen kit know lake lamp land language large last late law lead
    leaf leaflet learn leave left leg lemon less let letter level lexical lie life light like line
    linear link liquid list listen little live local lock locust long look loose loss lot love low
    luck lunch mage magic mail main make man map mark market marshmallow master material matter
    meal mean medusa meet metal meteor middle mind minute mirror mistral mix mocha model moment
    money monaco month moon morning most mother mountain mouse mouth move music mustache name
    nature near need nest net new next nice night noise nomad none normal north nose note novel
    number ocean off offer office oil old one open orange orchestra order other out over owl own
    page paint pair palm panda paper parcel park part party past path pay peace pelican pen people
    perfect pest phrase pick picasso picture piece pig pilot pint pipe place plain plan plane plant
    play please plausible point pony poem poetry pole pool poor port position post postmark potato
    power practice prefect present press pretty prettier price prisma prism private problem process
    produce promise proof proper public pug pull pulsar pump pundit puppet puppeteer pure push put
    pyramid quarter question quick quill quiet quiz rabbit race radio rails rain raise rake reach
    react read ready real realm reason recoil record redirect reflect refit relay remix remote
    render renovate repeat reply request requests resend rest result retrofit rich ride right ring
    rise river road robot rocket role roll roof room root rope round rule run rush rust sail salt
    sanity save saw scale scene school science scratch sea season seat second secret see seed
    segment self sell send sense sequel serial serve service set shape share sharp sheet shell
    shift ship shiny shoe shop short shortcut shot show shrine side sight sign signal silver simple
    sing single sink size sketch skill skin sky slack slate sleep slim slow small smart smoke
    smooth snow snowball soap soda soft solid song sorbet sort sound soup source south space spark
    speak speed spell sphinx spider spirit split spock spoon sport spot spread spring square stable
    stack stage stairs stand standard star starlight start state station stay steam steel stem step
    stick stimulus stitch stitches stone stop store storm story strange strategy straw stream
    street stress strict stripe strong student study stuff style subject success sugar suit summer
    sun supply sure surf surface surprise sweet swift swim swing switch sword symbol system table
    tail talk tall tank tap target task taste tea teach team teams telegram temporal ten tend term
    test testify text thanks thick thin thing think thor thread ticket tide tie tiger tight timber
    time tiny tip tire title tone tool tooth top torch tornado total touch tower town trace track
    trade traffic train travel treat tree trial trick trip triton trouble truck true trust truth
    try turn turtle twig twisted unit unity unleash unreal until upper use user usual valley value
    van vault vector vega video view village viper visit voice volley volta wait walk wall warm
    warp wash watch water wave way weak wealth weather web weird west wet wheel white wide wild win
    wind window wine winter wire wise wish wolf wonder wood word work world worry wrong yard yarn
    year yes young zap zephyr zero zone
    """.split()  # noqa: SIM905 - reads as words
)

FOUND = [
    ("We store orders in PostgreSQL.", "postgresql"),
    ("please use mongo for the sessions", "mongodb"),
    ("Switch the service to MySQL", "mysql"),
    ("Never add an ORM here.", "an orm"),
    ("Packages come from pnpm only.", "pnpm"),
    ("let's switch to yarn", "yarn"),
    ("install it with uv", "uv"),
    ("All views are written with SwiftUI.", "swiftui"),
    ("Rewrite this worker in rust.", "rust"),
    ("The gateway is a Go service.", "go"),
    ("Use Express for the new endpoint", "express"),
    ("Bun is what we run in CI", "bun"),
    ("parse the arguments with click", "click"),
    ("we migrated the build to gulp", "gulp"),
    ("no `moment` in new code", "moment"),
    ("Add a Vue page for the report", "vue"),
    ("State lives in Redux Toolkit.", "redux"),
    ("style it with Tailwind", "tailwind"),
    ("tests run under Vitest, not Mocha", "vitest"),
    ("mock the payment client", "mocks"),
    ("take a snapshot test of the page", "snapshots"),
    ("deploys go through GitHub Actions", "github actions"),
    ("put it on Kubernetes", "kubernetes"),
    ("Provision it with Terraform", "terraform"),
    ("secrets come from HashiCorp Vault", "vault"),
    ("send events through Kafka", "kafka"),
    ("jobs are Celery tasks", "celery"),
    ("paginate with limit and offset", "offset"),
    ("ids are UUIDs", "uuid"),
    ("amounts are integer cents", "integers"),
    ("timestamps are stored in UTC", "utc"),
    ("soft delete the customer", "soft delete"),
    ("squash merge every pull request", "squash"),
    ("use optimistic locking on the row", "optimistic locking"),
    ("eventual consistency is fine there", "eventual consistency"),
    ("no barrel files in src", "barrel files"),
    ("no wildcard imports", "wildcard imports"),
    ("the library stays under the MIT license", "mit"),
    ("no GPL dependencies", "gpl"),
    ("British spelling in the docs", "british"),
    ("newsletter consent is opt-in", "opt-in"),
    ("force-push to the release branch", "force push"),
    ("allocate it with malloc", "heap"),
    ("run it under FreeRTOS", "freertos"),
    ("build it in Godot", "godot"),
    ("write a property-based test", "property-based"),
    ("train it with PyTorch", "pytorch"),
    ("log it with print statements", "print"),
]

NOT_FOUND = [
    ("I want to go home", "go"),
    ("a square table with a linear scale", "square"),
    ("render the segment at the front", "render"),
    ("we should express our thanks", "express"),
    ("click the button twice", "click"),
    ("wait a moment before you retry", "moment"),
    ("the next page of the report", "next"),
    ("spring is coming", "spring boot"),
    ("make a list of the users", "make"),
    ("it is just a test", "just"),
    ("react quickly to errors", "react"),
    ("a rust-coloured door", "rust"),
    ("she eats a bun for breakfast", "bun"),
    ("an ant on the wall", "ant"),
    ("the parcel arrives on Monday", "parcel"),
    ("take a rest before the run", "rest"),
    ("the requests come in too fast", "requests"),
    ("fire the event after saving", "fire"),
    ("a flask of water", "flask"),
    ("the rocket takes off", "rocket"),
    ("they do poetry readings", "poetry"),
    ("celery and carrots in the soup", "celery"),
    ("the vault of the bank", "vault"),
    ("a temporal join of both tables", "temporal"),
    ("the black line at the top", "black formatter"),
    ("a solid plan for the team", "solid"),
    ("the slack in this rope", "slack"),
    ("unity makes strength", "unity"),
    ("the puppet show starts", "puppet"),
    ("combine the two lists", "combine"),
    ("a private matter", "private"),
    ("play the song in my room", "room"),
    ("a prettier colour for the header", "prettier"),
    ("what is the big bang theory", "big bang"),
    ("the stripe on the shirt", "stripe"),
    ("sail across the ocean", "sails"),
]

SIGNS = [
    ("import express from 'express'\n", "express"),
    ('const got = require("got")\n', "got"),
    ('  "dependencies": {\n    "next": "14.1.0"\n', "next"),
    ("import requests\n", "requests"),
    ("from flask import Flask\n", "flask"),
    ("+pendulum==3.0\n", "pendulum"),
    ("use rocket::get;\n", "rocket"),
    ('rocket = "0.5"\n', "rocket"),
    ("gem 'devise'\n", "devise"),
    ("yarn add left-pad\n", "yarn"),
    ("SELECT * FROM users", "select star"),
    ("from os import *\n", "wildcard imports"),
    ("console.log(user)", "console"),
    ("git push --force origin", "force push"),
    ('acl = "public-read"', "public"),
    ("df = pd.read_csv(path)", "pandas"),
    ("const x: any = load()", "any"),
    ("import SwiftUI", "swiftui"),
    ('<PackageReference Include="Serilog" />', "serilog"),
    ("pool = malloc(64)", "heap"),
]

NO_SIGNS = [
    ("res.next(page)", "next"),
    ('{"next": "/items?page=2"}', "next"),
    ("button.on('click', save)", "click"),
    ("def fire(self): ...", "fire"),
    ("class Rocket: flask = 1", "rocket"),
    ("process.env.PORT", "env file"),
    ("model.fit(x)", "focused tests"),
    ("offset = len(head)", "offset"),
    ("this.service.load()", "systemd"),
    ("import os", "wildcard imports"),
    ("selected = users", "select star"),
    ("redistribute(load)", "redis"),
    ("my_useselector", "redux"),
    ("datetime.now(timezone.utc)", "local time"),
]


def _options(found: list[Found]) -> set[str]:
    return {one.option.name for one in found}


def test_every_option_has_a_name() -> None:
    assert [option for option, names, _ in ROWS if not names] == []


def test_every_option_stands_once_in_its_purpose_and_every_purpose_once() -> None:
    counts = Counter((option.purpose.name, option.name) for option, _, _ in ROWS)
    assert [key for key, times in counts.items() if times > 1] == []
    ways: dict[str, Purpose] = {}
    for option, _, _ in ROWS:
        assert ways.setdefault(option.purpose.name, option.purpose) == option.purpose


def test_a_name_belongs_to_one_option_of_a_purpose() -> None:
    owners: dict[tuple[str, str], set[str]] = {}
    for option, names, _ in ROWS:
        for name in names:
            owners.setdefault((option.purpose.name, _plain(name)), set()).add(option.name)
    assert {key: found for key, found in owners.items() if len(found) > 1} == {}


def test_every_name_is_found_where_a_text_quotes_it() -> None:
    missed = [
        (option.name, name)
        for option, names, _ in ROWS
        for name in names
        if option not in {one.option for one in named(f"we now use `{_plain(name)}` here")}
    ]
    assert missed == []


def test_every_sign_is_found_on_a_line_of_its_own() -> None:
    missed = []
    for option, _, marks in ROWS:
        for mark in marks:
            for form, _telling in _forms(mark.lower()):
                line = form if form.endswith(" *") else form.removesuffix("*")
                if option not in {one.option for one in signed(f"\n{line}\n")}:
                    missed.append((option.name, form))
    assert missed == []


def test_no_everyday_word_is_a_name_wherever_it_stands() -> None:
    bare = {name for _, names, _ in ROWS for name in names if re.fullmatch(r"[a-z]+", name)}
    assert bare & (EVERYDAY | STOPWORDS) == set()


@pytest.mark.parametrize(("text", "option"), FOUND, ids=[text for text, _ in FOUND])
def test_prose_names_an_option(text: str, option: str) -> None:
    assert option in _options(named(text))


@pytest.mark.parametrize(("text", "option"), NOT_FOUND, ids=[text for text, _ in NOT_FOUND])
def test_prose_does_not_name_an_option(text: str, option: str) -> None:
    assert option not in _options(named(text))


@pytest.mark.parametrize(("code", "option"), SIGNS, ids=[code.strip() for code, _ in SIGNS])
def test_code_shows_an_option(code: str, option: str) -> None:
    assert option in _options(signed(code))


@pytest.mark.parametrize(("code", "option"), NO_SIGNS, ids=[code for code, _ in NO_SIGNS])
def test_code_does_not_show_an_option(code: str, option: str) -> None:
    assert option not in _options(signed(code))


def test_prose_that_spells_out_a_call_names_its_option() -> None:
    assert "redux" not in _options(spelled("a selector in the store"))
    assert "select star" in _options(spelled("never write SELECT * in a query"))
    assert "heap" in _options(spelled("get it with malloc(64)"))


def test_the_longest_name_is_taken() -> None:
    assert _options(named("we use React Native")) == {"react native"}
    assert "tanstack query" in _options(named("fetch it with React Query"))
    assert "react" not in _options(named("fetch it with React Query"))


def test_a_text_of_one_repeated_word_is_read_once() -> None:
    assert len(named("redis " * 2_000)) == 2_000
    assert len(signed("redis " * 2_000)) == 1


def _plain(name: str) -> str:
    return name.replace("*", "").replace("^", "").strip("`")
