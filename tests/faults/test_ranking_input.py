"""Requests, repositories and histories that no ranking was made for: bounded work, and an answer
that is sensible or empty."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.classify import classify
from satchel.context.ingest import git as source
from satchel.context.ingest import indexer
from satchel.context.rank import rank
from satchel.context.retrieve import (
    COMMIT_FILES,
    PASSAGES,
    REVISIONS,
    Evidence,
    retrieve,
)
from satchel.context.route import route
from satchel.context.spelled import DEFINERS, MODULES
from satchel.context.store.index import IndexStore
from satchel.context.types import Signal
from satchel.context.understand import MOST_FRAMES, MOST_NAMES, MOST_WORDS, understand
from satchel.wiring import Satchel
from tests.cli.conftest import User
from tests.faults.conftest import GIT, Make, commit, git

FRAMES = 10_000
SIZE = 200_000  # bytes of a request
STATEMENTS = MOST_WORDS + 1_000  # that one request puts to the index
ROWS = 60_000  # that they return

SHOP = {
    "shop/cart.py": '"""The cart: what a customer chose, and its discount."""\n\n\n'
    "def total_price(items):\n"
    '    """Sum up the prices of the items and take the discount off."""\n'
    "    price = sum(item.price for item in items)\n    return price * DISCOUNT\n",
    "shop/mail.py": '"""Sends a mail to a customer."""\n\n\ndef send_mail(customer, text):\n'
    '    """Send one mail, through the server that the settings name."""\n'
    "    server = connect()\n    return server.push(customer, text)\n",
    "shop/login.py": '"""Who may come in."""\n\n\ndef check_password(name, password):\n'
    '    """Tell whether a password is the customer\'s own."""\n'
    "    user = find_user(name)\n    return user.matches(password)\n",
    "src/door.js": "// Opens the shop\nexport function openDoor(key) {\n"
    "  const lock = findLock(key);\n  return lock.turn(key);\n}\n",
    "till/till.go": "package till\n\n// CountCoins counts what lies in the till.\n"
    "func CountCoins(coins []int) int {\n\tsum := 0\n\tfor _, coin := range coins {\n"
    "\t\tsum += coin\n\t}\n\treturn sum\n}\n",
    "src/main/java/com/shop/Shelf.java": "package com.shop;\n\n/** Where the goods stand. */\n"
    "public class Shelf {\n    public Item takeItem(int place) {\n"
    "        return items.get(place);\n    }\n}\n",
    "src/scale.rs": "/// Weighs the goods.\npub fn weigh_goods(goods: &[Item]) -> u32 {\n"
    "    let sum = goods.iter().map(|item| item.weight).sum();\n    sum\n}\n",
}
CHINESE = {
    "cart.py": '"""购物车:保存顾客选择的商品。"""\n\n\ndef total(items):\n'
    '    """计算购物车里所有商品的总价和折扣。"""\n    price = sum(i.price for i in items)\n'
    "    return price * 0.9\n",
    "mail.py": '"""发送电子邮件通知。"""\n\n\ndef send(user, text):\n'
    '    """给用户发送一封邮件。"""\n'
    "    server = connect()\n    return server.push(user, text)\n",
    "login.py": '"""用户登录和权限检查。"""\n\n\ndef login(name, password):\n'
    '    """检查用户的密码是否正确。"""\n    user = find(name)\n    return user.check(password)\n',
}


def write(top: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text, encoding="utf-8")
    return top


class Counted(IndexStore):
    """An index that counts what is asked of it."""

    statements = 0
    returned = 0

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        rows = super()._rows(sql, values)
        self.statements += 1
        self.returned += len(rows)
        return rows


def read(top: Path, store: IndexStore) -> indexer.IndexSummary:
    limits = indexer.Limits(1024 * 1024, 5_000)
    return indexer.index(top, source.open_repository(top), store, lambda step: None, limits)


def evidence(text: str, store: IndexStore) -> Evidence:
    query = understand(text)
    return retrieve(query, route(classify(query)), store, None)


def ranked(text: str, store: IndexStore) -> list[str]:
    query = understand(text)
    plan = route(classify(query))
    return [found.row.path for found in rank(retrieve(query, plan, store, None), plan)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """The index of a shop in five languages, commented in English."""
    scratch = tmp_path_factory.mktemp("shop")
    store = Counted(scratch / "index.db")
    read(write(scratch / "top", SHOP), store)
    yield store
    store.close()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Satchel, Path, Path]]:
    """The composition root with that shop, and one whose comments are Chinese."""
    scratch = tmp_path_factory.mktemp("opened")
    satchel = Satchel(Home(scratch / "home"), Settings({}))
    tops = [write(scratch / "shop", SHOP), write(scratch / "chinese", CHINESE)]
    for top in tops:
        satchel.index(str(top), lambda step: None, accept=True)
    yield satchel, tops[0], tops[1]
    satchel.close()


def found(satchel: Satchel, top: Path, text: str) -> list[str]:
    packet = satchel.brief(text, str(top))
    assert bool(packet.files) != bool(packet.empty_reason)
    assert packet.tokens <= packet.budget
    return [file.path for file in packet.files]


# --- long requests ------------------------------------------------------------------------------

DEEP = {
    "python": (
        '  File "/usr/lib/python3/dist-packages/m{n}.py", line {n}, in f\n    f()\n',
        '  File "/app/shop/cart.py", line 6, in total_price\n',
        "shop/cart.py",
    ),
    "javascript": (
        "    at f{n} (/app/node_modules/m/m{n}.js:{n}:5)\n",
        "    at openDoor (/app/src/door.js:3:5)\n",
        "src/door.js",
    ),
    "go": (
        "m.f{n}()\n\t/go/pkg/mod/example.com/m@v1.2.3/m{n}.go:{n} +0x1d\n",
        "shop/till.CountCoins()\n\t/home/me/shop/till/till.go:7 +0x9c\n",
        "till/till.go",
    ),
    "java": (
        "\tat org.frame.M{n}.f(M{n}.java:{n})\n",
        "\tat com.shop.Shelf.takeItem(Shelf.java:6)\n",
        "src/main/java/com/shop/Shelf.java",
    ),
    "rust": (
        "  {n}: m::f\n             at /root/.cargo/registry/src/m-1.0/src/m{n}.rs:{n}:5\n",
        "  0: shop::weigh_goods\n             at ./src/scale.rs:3:9\n",
        "src/scale.rs",
    ),
}


def deep(language: str) -> str:
    each, innermost, _ = DEEP[language]
    trace = "".join(each.format(n=n) for n in range(FRAMES))
    whole = trace + innermost if language == "python" else innermost + trace
    return f"It fails at night\n\n{whole}"


@pytest.mark.parametrize("language", DEEP)
def test_of_a_trace_of_10_000_frames_the_innermost_one_is_found(
    opened: tuple[Satchel, Path, Path], language: str
) -> None:
    satchel, top, _ = opened
    assert found(satchel, top, deep(language))[0] == DEEP[language][2]


def test_such_a_trace_on_standard_input_is_answered(user: User) -> None:
    write(user.folder, SHOP)
    assert user.runs("index").status == 0
    said = user.runs("brief", "-", "--json", stdin=deep("python").encode())
    assert said.status == 0, said.err
    assert said.json["files"][0]["path"] == "shop/cart.py"


PROSE = {
    "chinese": "这个商店的每一位顾客都可以在晚上看到昨天的报纸和明天的天气。",
    "german": "Wenn der Kunde abends die Kasse öffnet, fehlen zwölf Münzen und ein Schlüssel. ",
    "arabic": "عندما يفتح الزبون الصندوق في المساء لا يجد النقود ولا المفتاح. ",
    "english": "When the customer opens the till at night, twelve coins and a key are missing. ",
    "code": "for item in items:\n    total += item.price * rate_of(item, today)\n",
    "minified": "!function(e,t){for(var n=0;n<t.length;n++)e[t[n]]=n}({},[1,2,3]);",
    "frames": '  File "/app/shop/cart.py", line 6, in total_price\n',
    "names": "total_price send_mail check_password openDoor CountCoins takeItem weigh_goods ",
    "words that are all different": "".join(
        f"{a}{b}{c}{d}{e}x " for a in "bcdf" for b in "aeiou" for c in "ghjklmnp"
        for d in "aeiou" for e in "qrstvwz"
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE)
def test_the_work_for_a_request_of_200_kb_is_bounded(shop: Counted, text: str) -> None:
    shop.statements = shop.returned = 0
    seen = evidence("change total_price\n\n" + text * (SIZE // len(text)), shop)
    assert shop.statements <= STATEMENTS
    assert shop.returned <= ROWS
    named = MOST_NAMES * 2 + MOST_FRAMES
    bounds = {
        Signal.LEXICAL: PASSAGES,
        Signal.TITLE: PASSAGES,
        Signal.SYMBOL: named * (DEFINERS + MODULES),
        Signal.PATH: named * 3,
        Signal.HISTORY: REVISIONS * COMMIT_FILES * 3,
    }
    for signal, most in bounds.items():
        assert len(seen.rankings.get(signal, ())) <= most, signal
    assert seen.files.keys() <= seen.catalog.by_id.keys()


# --- requests in one way only -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("def total_price(items):\n    return sum(item.price for item in items)", "shop/cart.py"),
        ("const lock = findLock(key);\nreturn lock.turn(key);", "src/door.js"),
        ("https://example.com/me/shop/blob/main/shop/mail.py#L6", "shop/mail.py"),
        ("https://example.com/me/shop/-/blob/v1.2/src/scale.rs", "src/scale.rs"),
        ("修复 total_price 的折扣错误", "shop/cart.py"),
        ("修复total_price的折扣错误", "shop/cart.py"),
        ("لماذا ترجع check_password خطأ؟", "shop/login.py"),
        ("Warum liefert `check_password` immer falsch?", "shop/login.py"),
        ("Der Fehler liegt in shop/mail.py, Zeile 6", "shop/mail.py"),
    ],
)
def test_what_a_request_of_another_kind_names_is_found(
    opened: tuple[Satchel, Path, Path], text: str, path: str
) -> None:
    satchel, top, _ = opened
    assert found(satchel, top, text)[0] == path


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/me/shop/issues/12",
        "https://example.com/a?b=c#d",
        "http://",
        "SELECT a, b FROM t WHERE c = 1",
        "x = [y for y in z if y]",
        "}\n}\n}",
        "怎么做红烧肉",
        "修复购物车折扣计算错误",
        "كيف يمكنني إصلاح خطأ في حساب الخصم؟",
        "Die Anmeldung schlägt fehl, wenn das Kennwort Umlaute enthält",
        "Wie ist das Wetter morgen in Hamburg, und was war gestern in der Kasse?",
        "\u0000\u200b\u202e\ufeff",
        "१२३ नमस्ते दुनिया",
        "🛒🛒🛒 💥",
    ],
)
def test_a_request_that_says_nothing_of_the_repository_gets_silence(
    opened: tuple[Satchel, Path, Path], text: str
) -> None:
    satchel, top, _ = opened
    assert found(satchel, top, text) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("修复购物车折扣计算错误", "cart.py"),
        ("购物车的总价不对。折扣应该只计算一次", "cart.py"),
        ("用户登录时密码检查失败", "login.py"),
        ("修复login函数的密码检查", "login.py"),
        ("给用户发送邮件通知太慢", "mail.py"),
        ("怎么做红烧肉", None),
        ("今天天气怎么样", None),
        ("写一个快速排序算法", None),
        ("Warum ist der Himmel blau?", None),
    ],
)
def test_chinese_finds_the_file_that_chinese_comments_speak_of(
    opened: tuple[Satchel, Path, Path], text: str, path: str | None
) -> None:
    satchel, _, top = opened
    assert found(satchel, top, text)[:1] == ([path] if path else [])


# --- repositories -------------------------------------------------------------------------------


def test_of_a_repository_of_one_file_that_file_is_found_or_nothing(
    satchel: Satchel, make: Make
) -> None:
    top = make()
    satchel.index(str(top), lambda step: None, accept=True)
    assert found(satchel, top, "change add_to_cart") == ["cart.py"]
    assert found(satchel, top, "where is an item put into the cart?") == ["cart.py"]
    assert found(satchel, top, "rotate the logs of the mail server every night") == []


GENERATED = {
    "app.min.js": "!function(e){" + "var a=e.total_price;" * 400 + "}(window);",
    "bundle.js": "var a=1;" * 4_000,
    "yarn.lock": "total_price@^1.0.0:\n  version 1.0.0\n" * 2_000,
    "package-lock.json": '{"total_price": 1}\n' * 3_000,
    "api_pb2.py": "# Generated by the protocol buffer compiler.  DO NOT EDIT!\ntotal_price = 1\n",
    "names.py": "# Code generated by a script. DO NOT EDIT.\n" + "total_price = 1\n" * 500,
    "cart.js.map": '{"total_price": "AAAA"}',
    "prices.csv": "total_price,1\n" * 5_000,
}


def test_a_repository_of_generated_code_has_nothing_to_show(
    satchel: Satchel, tmp_path: Path
) -> None:
    top = write(tmp_path / "generated", GENERATED)
    summary = satchel.index(str(top), lambda step: None, accept=True)
    assert (summary.read, summary.passages) == (0, 0)
    assert found(satchel, top, "change total_price") == []


def test_what_somebody_wrote_is_found_beside_generated_code(
    satchel: Satchel, tmp_path: Path
) -> None:
    top = write(tmp_path / "mixed", GENERATED | SHOP)
    satchel.index(str(top), lambda step: None, accept=True)
    assert found(satchel, top, "change total_price") == ["shop/cart.py"]


def test_code_that_repeats_itself_thousands_of_times_hides_nothing(
    tmp_path: Path,
) -> None:
    """Nobody said that it was generated, so that it is read."""
    one = "def get_price_{n}(item):\n    price = item.price\n    return price\n\n\n"
    many = {
        f"made/m{m}.py": "".join(one.format(n=m * 1_000 + n) for n in range(1_000))
        for m in range(10)
    }
    store = Counted(tmp_path / "index.db")
    try:
        read(write(tmp_path / "top", SHOP | many), store)
        store.statements = store.returned = 0
        seen = evidence("the price of an item ignores the discount", store)
        assert len(seen.rankings[Signal.LEXICAL]) <= PASSAGES
        assert store.returned <= ROWS
        assert ranked("the price of an item ignores the discount", store)[0] == "shop/cart.py"
    finally:
        store.close()


# --- history ------------------------------------------------------------------------------------


def imported(top: Path, *commits: tuple[str, Mapping[str, bytes]]) -> None:
    """Make a repository of commits (message, all its files) without writing one file each."""
    git(top, "init", "--quiet", "--initial-branch=main")
    stream: list[bytes] = []
    for number, (message, files) in enumerate(commits):
        said = message.encode()
        stream.append(b"commit refs/heads/main\n")
        stream.append(b"committer t <t@example.org> %d +0000\n" % (1_700_000_000 + number * 60))
        stream.append(b"data %d\n%b\ndeleteall\n" % (len(said), said))
        for path, content in files.items():
            stream.append(b"M 100644 inline %b\n" % path.encode())
            stream.append(b"data %d\n%b\n" % (len(content), content))
    fed = [*GIT, "fast-import", "--quiet"]
    subprocess.run(fed, cwd=top, input=b"".join(stream), check=True, capture_output=True)
    git(top, "reset", "--quiet", "--hard")


def test_a_commit_of_20_000_files_and_a_million_lines_says_nothing_about_any_of_them(
    tmp_path: Path,
) -> None:
    top = tmp_path / "top"
    top.mkdir()
    small = {path: text.encode() for path, text in SHOP.items()}
    large = {f"made/d{n // 200}/f{n}.txt": b"x\n" * 50 for n in range(20_000)}
    fixed = small | {"shop/cart.py": small["shop/cart.py"] + b"# done\n"}
    imported(
        top,
        ("Open the shop", small),
        ("Round the discount of the cart", large | fixed),
        ("Take the large things out again", fixed),
        ("Count the coins of the cart twice", small),
    )
    store = Counted(tmp_path / "index.db")
    try:
        summary = read(top, store)
        assert summary.commits == 4
        touched = {commit.subject: len(commit.paths) for commit in store.history.commits()}
        assert touched == {
            "Open the shop": len(SHOP),
            "Round the discount of the cart": 0,
            "Take the large things out again": 0,
            "Count the coins of the cart twice": 1,
        }
        store.statements = store.returned = 0
        seen = evidence("round the discount of the cart", store)
        assert all("Round the discount" not in hit.why for hit in seen.rankings[Signal.HISTORY])
        assert store.returned <= ROWS
        assert ranked("round the discount of the cart", store)[0] == "shop/cart.py"
    finally:
        store.close()


def test_a_message_of_a_million_lines_is_read_in_part(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    small = {path: text.encode() for path, text in SHOP.items()}
    message = "Weigh the goods\n\n" + "the discount of the cart\n" * 1_000_000
    imported(top, (message, small))
    store = Counted(tmp_path / "index.db")
    try:
        assert read(top, store).commits == 1
        (kept,) = store.history.commits()
        assert kept.subject == "Weigh the goods"
        assert len(kept.body) <= source.FIELD_BYTES
        assert ranked("weigh the goods", store)[0] == "src/scale.rs"
    finally:
        store.close()


def test_thousands_of_commits_of_one_file_are_bounded(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    small = {path: text.encode() for path, text in SHOP.items()}
    commits = [
        (f"Change the cart {n}", small | {"shop/cart.py": small["shop/cart.py"] + b"# %d\n" % n})
        for n in range(2_000)
    ]
    imported(top, *commits)
    store = Counted(tmp_path / "index.db")
    try:
        assert read(top, store).commits == 2_000
        store.statements = store.returned = 0
        seen = evidence("change the cart", store)
        assert len(seen.rankings[Signal.HISTORY]) <= REVISIONS * COMMIT_FILES * 3
        assert store.returned <= ROWS
    finally:
        store.close()


# --- live ---------------------------------------------------------------------------------------

BELL = "def ring_bell(times):\n    bell = find_bell()\n    return bell.ring(times)\n"
LAMP = "def light_lamp(hours):\n    lamp = find_lamp()\n    return lamp.burn(hours)\n"


def test_a_file_is_ranked_by_what_it_says_now(satchel: Satchel, make: Make) -> None:
    top = make("live", cart=SHOP["shop/cart.py"], thing=BELL)
    satchel.index(str(top), lambda step: None, accept=True)
    assert found(satchel, top, "change ring_bell") == ["thing.py"]
    (top / "thing.py").write_text(LAMP)
    satchel.changed(str(top), {"thing.py"})
    assert found(satchel, top, "change ring_bell") == []
    assert found(satchel, top, "change light_lamp") == ["thing.py"]
    (top / "bell.py").write_text(BELL)
    satchel.changed(str(top), {"bell.py"})
    assert found(satchel, top, "change ring_bell") == ["bell.py"]
    (top / "bell.py").rename(top / "tower.py")
    satchel.changed(str(top), {"bell.py", "tower.py"})
    assert found(satchel, top, "change ring_bell") == ["tower.py"]
    (top / "tower.py").unlink()
    satchel.changed(str(top), {"tower.py"})
    assert found(satchel, top, "change ring_bell") == []


def test_what_was_learned_of_a_files_words_follows_its_edit(tmp_path: Path) -> None:
    """The counts of whole files, not the passages alone."""
    top = write(tmp_path / "top", SHOP)
    git(top, "init", "--quiet")
    commit(top, "Begin")
    store = Counted(tmp_path / "index.db")
    limits = indexer.Limits(1024 * 1024, 5_000)
    try:
        read(top, store)
        assert ranked("ring the bell", store) == []
        (top / "shop" / "mail.py").write_text(BELL)
        indexer.reread(top, source.open_repository(top), ["shop/mail.py"], store, limits)
        assert ranked("ring the bell", store) == ["shop/mail.py"]
        (mail,) = (row for row in store.catalog().rows if row.path == "shop/mail.py")
        assert store.counts_of([mail.id])[mail.id].length < 20
        assert ranked("send one mail through the server", store)[0] == "shop/mail.py"  # its path
        assert store.search('"server"', 10, (1.0, 1.0, 1.0)) == []
    finally:
        store.close()


def test_an_edit_leaves_every_import_as_a_whole_reading_would(tmp_path: Path) -> None:
    top = write(
        tmp_path / "top",
        {
            "shop/__init__.py": "",
            "shop/cart.py": "from shop.mail import send\nfrom shop.door import close\n\nx = 1\n",
            "shop/mail.py": "import shop.till\n\n\ndef send():\n    return shop.till\n",
            "shop/till.py": "import shop.cart\n\n\ndef count():\n    return shop.cart\n",
        },
    )
    store = IndexStore(tmp_path / "index.db")
    limits = indexer.Limits(1024 * 1024, 5_000)

    def imports() -> set[tuple[str, str | None]]:
        paths = {row.id: row.path for row in store.catalog().rows}
        return {
            (paths[document], paths[target] if target else None)
            for document, _, target in store.imports()
        }

    def save(path: str, text: str | None) -> None:
        if text is None:
            (top / path).unlink()
        else:
            (top / path).write_text(text)
        indexer.reread(top, None, [path], store, limits)

    try:
        read(top, store)
        mail, cart, till, door = (f"shop/{n}.py" for n in ("mail", "cart", "till", "door"))
        package = "shop/__init__.py"
        rest = {(cart, mail), (cart, package), (till, cart)}
        assert imports() == rest | {(mail, till)}
        save(mail, "import shop.till\nimport shop.cart\n\n\ndef send():\n    return 2\n")
        assert imports() == rest | {(mail, till), (mail, cart)}
        save(mail, "import shop.cart\n\n\ndef send():\n    return 3\n")
        assert imports() == rest | {(mail, cart)}
        save(door, "def close():\n    return 1\n")
        assert imports() == {(cart, mail), (cart, door), (till, cart), (mail, cart)}
        save(mail, None)
        assert imports() == {(cart, package), (cart, door), (till, cart)}
    finally:
        store.close()
