"""What tells whether the right file and function were found: repositories made for each case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import localise
from bench.baselines import Bm25Files
from bench.definitions import (
    changed_definitions,
    changed_lines,
    counted_definitions,
    definitions_of,
    fix_of,
    longest_line,
    touched,
)
from bench.history import MostChanged, latest
from bench.localise import names_any
from bench.material import Missing, Task, check_out, has_commit, scratch_clone, shared, tasks
from bench.repositories import git
from bench.scores import OURS, PLAIN, Answer, averaged, handed_over, lead, reached

CART = '''import money

RATE = 2


class Cart:
    """What is bought."""

    kind = "cart"

    def add(self, item):
        self.items.append(item)

    def total(self):
        return sum(self.items)


def ship(cart):
    return cart
'''
LONG = "\n".join(f"x{number} = {number}" for number in range(300))


def commit(top: Path, message: str, **files: str) -> str:
    """Write files ("cart" is cart.py), commit them all and return the commit."""
    for name, text in files.items():
        (top / f"{name}.py").write_text(text, encoding="utf-8")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(top, "rev-parse", "HEAD").strip()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository of one commit with a cart."""
    top = tmp_path / "clones" / "owner__shop"
    top.mkdir(parents=True)
    git(top, "init", "--quiet", "--initial-branch=main")
    commit(top, "Sell things to people", cart=CART, money="def pay(sum):\n    return sum\n")
    return top


def patch_of(before: str, after: str, tmp_path: Path) -> str:
    """Return the patch between two texts, without context."""
    for name, text in (("before", before), ("after", after)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    first, second = (
        git(tmp_path, "hash-object", "-w", str(tmp_path / name)).strip()
        for name in ("before", "after")
    )
    return git(tmp_path, "diff", "--unified=0", first, second)


@pytest.mark.parametrize(
    ("old", "new", "symbols"),
    [
        pytest.param("sum(self.items)", "max(self.items)", {"Cart.total"}, id="a method's line"),
        pytest.param("    return cart\n", "    return cart\n    x = 1\n", {"ship"}, id="its end"),
        pytest.param('kind = "cart"', 'kind = "bag"', {"Cart"}, id="a class's attribute"),
        pytest.param(
            "    def total",
            "    def n(self):\n        return 1\n\n    def total",
            {"Cart"},
            id="a new method is a change of its class",
        ),
        pytest.param(
            "def ship",
            "def pack():\n    return 1\n\n\ndef ship",
            set(),
            id="a new function is a change of nothing",
        ),
        pytest.param("RATE = 2", "RATE = 3", set(), id="loose code"),
        pytest.param(
            "    def total(self):\n        return sum(self.items)\n",
            "",
            {"Cart.total"},
            id="what is taken away",
        ),
        pytest.param(
            "def ship(cart):\n    return cart",
            "def ship(bag):\n    return bag\n\n\n\n",
            {"ship"},
            id="blank lines are no change",
        ),
    ],
)
def test_changed_lines_lead_to_the_innermost_definitions(
    old: str, new: str, symbols: set[str], tmp_path: Path
) -> None:
    after = CART.replace(old, new)
    assert after != CART
    patch = patch_of(CART, after, tmp_path)
    assert touched("cart.py", CART, after, patch, definitions_of("cart.py", CART)) == symbols


def test_a_patch_tells_lines_of_both_sides() -> None:
    patch = "@@ -3 +3,2 @@ def f\n-a\n+b\n+@@ -9 +9 @@\n@@ -7,2 +8,0 @@\n-a\n-b\n"
    assert changed_lines(patch) == ([3, 7, 8], [3, 4])


def test_the_change_of_a_task_is_the_next_one_unless_one_names_its_number(shop: Path) -> None:
    base = git(shop, "rev-parse", "HEAD").strip()
    commit(shop, "Pay more", money="def pay(sum):\n    return 2 * sum\n")
    following = commit(shop, "Ship with care", cart=CART.replace("return cart", "return [cart]"))
    task = Task("owner__shop-7", "owner/shop", base, "", ("cart.py",))
    assert fix_of(task, shop) == following
    assert changed_definitions(task, shop) == {"cart.py\tship"}
    numbered = commit(shop, "Count from one (#7)", cart=CART.replace("sum(", "1 + sum("))
    commit(shop, "Count from two (#77)", cart=CART)
    assert fix_of(task, shop) == numbered
    assert changed_definitions(task, shop) == {"cart.py\tCart.total", "cart.py\tship"}
    late = Task("x", "owner/shop", git(shop, "rev-parse", "HEAD").strip(), "", ("cart.py",))
    assert fix_of(late, shop) is None
    assert changed_definitions(late, shop) == frozenset()


def test_the_change_is_looked_for_on_the_tasks_own_branch(shop: Path) -> None:
    git(shop, "checkout", "--quiet", "-b", "1.x")
    base = commit(shop, "Begin 1.x")
    git(shop, "checkout", "--quiet", "main")
    commit(shop, "Take everything anew", cart="def other():\n    return 1\n")
    git(shop, "checkout", "--quiet", "1.x")
    fixed = commit(shop, "Ship with care", cart=CART.replace("return cart", "return [cart]"))
    git(shop, "checkout", "--quiet", "main")
    git(shop, "merge", "--quiet", "--strategy=ours", "--message", "Merge 1.x", "1.x")
    task = Task("a-1", "owner/shop", base, "", ("cart.py",))
    assert fix_of(task, shop) == fixed


def test_a_merge_that_is_asked_for_is_one_change(shop: Path) -> None:
    git(shop, "checkout", "--quiet", "-b", "wish")
    commit(shop, "Try", cart=CART.replace("sum(", "max("))
    commit(shop, "Try again", cart=CART.replace("return cart", "return [cart]"))
    git(shop, "checkout", "--quiet", "main")
    base = commit(shop, "Pay more", money="def pay(sum):\n    return 2 * sum\n")
    git(shop, "merge", "--quiet", "--no-ff", "--message", "Merge pull request #1", "wish")
    task = Task("a-1", "owner/shop", base, "", ("cart.py",))
    assert fix_of(task, shop) == git(shop, "rev-parse", "HEAD").strip()
    assert changed_definitions(task, shop) == {"cart.py\tship"}


def test_the_longest_line_of_first_parents_wins() -> None:
    commits = [["b", "a"], ["c", "a"], ["d", "c"], ["e", "x", "d"], ["f", "e"]]
    assert longest_line("a", commits) == "d"
    assert longest_line("z", commits) is None


def test_definitions_are_ranked_by_their_words(shop: Path) -> None:
    definitions = Bm25Files(counted_definitions)
    definitions.read(shop, ["cart.py", "money.py"])
    assert definitions.rank("the total of items", 1) == ["cart.py\tCart.total"]
    assert definitions.rank("pay", 5) == ["money.py\tpay"]
    definitions.read(shop, ["cart.py"])
    assert definitions.rank("pay", 5) == []


ANSWERS = [
    Answer(frozenset("a"), {OURS: "abc", PLAIN: "xya"}, "ab"),
    Answer(frozenset("ab"), {OURS: "axyzb", PLAIN: ""}, ()),
]


def test_accuracy_wants_every_right_file_and_recall_counts_each() -> None:
    ours = reached(ANSWERS, OURS, (1, 3, 5))
    assert ours["accuracy"] == {"@1": 50.0, "@3": 50.0, "@5": 100.0}
    assert ours["one_right"] == {"@1": 100.0, "@3": 100.0, "@5": 100.0}
    assert ours["recall@3"] == 75.0
    assert ours["intervals"]["@5"] == [100.0, 100.0]
    assert ours["intervals"]["@1"] == [0.0, 100.0]
    plain = reached(ANSWERS, PLAIN, (1, 3), sure=False)
    assert plain == {
        "accuracy": {"@1": 0.0, "@3": 50.0},
        "one_right": {"@1": 0.0, "@3": 50.0},
        "recall@3": 50.0,
    }
    assert lead(ANSWERS, PLAIN)["value"] == 25.0


def test_packets_are_judged_by_what_they_hand_over() -> None:
    assert handed_over(ANSWERS) == {
        "files": 1.0,
        "empty": 50.0,
        "right": 50.0,
        "precision": 50.0,
        "recall": 50.0,
    }
    assert set(handed_over([]).values()) == {0.0}


def test_a_mean_is_taken_of_every_figure_and_of_no_interval() -> None:
    rows = [
        {
            "n": 1,
            "language": "go",
            "ends": {"@1": [0.0, 1.0]},
            "recall": {"@1": 0.5, "interval": [0.0, 1.0]},
        },
        {
            "n": 3,
            "language": "c",
            "ends": {"@1": [0.0, 1.0]},
            "recall": {"@1": 1.0, "interval": [0.0, 1.0]},
        },
    ]
    assert averaged(rows) == {"n": 2, "recall": {"@1": 0.75}}


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        ("it fails in shop/cart/total.py at 3", True),
        ('File "/usr/lib/site-packages/cart/total.py", line 3', True),
        (r"C:\shop\cart\total.py", True),
        ("total.py is wrong", False),
        ("see mycart/total.py", False),
        ("see cart/total.pyx", False),
    ],
)
def test_a_path_is_named_with_its_folder(request_text: str, expected: bool) -> None:
    assert names_any(request_text, ["src/shop/cart/total.py"]) is expected


def test_a_file_at_the_top_is_named_by_its_name() -> None:
    assert names_any("look at setup.py, please", ["setup.py"])


def test_a_commit_is_checked_out_although_a_large_file_is_lost(shop: Path) -> None:
    sha = commit(shop, "Add what is large", big=LONG)
    later = commit(shop, "Add what is small", small="x = 1\n")
    blob = git(shop, "rev-parse", "HEAD:big.py").strip()
    (shop / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with scratch_clone(shop) as (clone, _):
        assert (clone / "cart.py").is_file()
        assert (clone / "small.py").is_file()
        assert not (clone / "big.py").exists()
        check_out(clone, sha)
        assert git(clone, "rev-parse", "HEAD").strip() == sha
        assert not (clone / "small.py").exists()
        check_out(clone, later)
        with pytest.raises(Missing, match="0000000"):
            check_out(clone, "0" * 40)
    assert has_commit(shop, sha)
    assert not has_commit(shop, "0" * 40)


def test_the_newest_commits_are_asked_at_their_parents_oldest_first(shop: Path) -> None:
    first = git(shop, "rev-parse", "HEAD").strip()
    second = commit(shop, "Ship it in one big box", cart=CART + "x = 1\n")
    commit(shop, "Add what nobody could have found", new="x = 1\n")
    commit(shop, "Release 1.0 of the whole shop", cart=CART)
    parent = commit(shop, "Less", cart=CART + "x = 2\n")
    commit(shop, "Take twice the sum of it", money="def pay(sum):\n    return 2 * sum\n")
    steps = latest(shop, 5)
    assert [(step.parent, step.files) for step in steps] == [
        (first, frozenset({"cart.py"})),
        (parent, frozenset({"money.py"})),
    ]
    assert latest(shop, 1) == steps[1:]
    assert latest(shop, 5, since="2030-01-01") == []
    often = MostChanged(shop)
    often.move(second)
    assert often.rank(["money.py", "cart.py"], 1) == ["cart.py"]
    often.move(first)
    assert often.rank(["money.py", "cart.py"], 5) == ["cart.py", "money.py"]


def task_file(folder: Path, *rows: dict[str, object]) -> str:
    path = folder / "tasks.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return str(path)


def test_a_dataset_is_a_path_or_a_name(tmp_path: Path) -> None:
    path = task_file(tmp_path, {"id": "a"})
    assert shared(path) == shared("tasks.json", tmp_path) == [{"id": "a"}]
    with pytest.raises(Missing, match="form"):
        tasks(path)
    Path(path).write_text("no", encoding="utf-8")
    with pytest.raises(Missing, match="no JSON"):
        tasks(path)


def test_files_and_functions_are_looked_for_at_the_tasks_commit(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = git(shop, "rev-parse", "HEAD").strip()
    commit(shop, "Add up (#7)", cart=CART.replace("sum(", "1 + sum("))
    row: dict[str, object] = {
        "id": "owner__shop-7",
        "repo": "owner/shop",
        "base_commit": base,
        "request": "Cart.total is too low: the items of a cart are not counted from one",
        "files": ["cart.py"],
    }
    dataset = task_file(
        tmp_path,
        row,
        {**row, "id": "gone-1", "base_commit": "0" * 40},
        {**row, "id": "gone-2", "repo": "owner/other"},
    )
    repos = str(shop.parent)
    assert localise.main(["--dataset", dataset, "--repos", repos, "--misses"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["tasks"], printed["of"]) == (1, 3)
    assert printed["absent"] == {"clone": 1, "commit": 1, "repositories": ["owner/other"]}
    assert printed["accuracy"]["@1"] == 100.0
    assert printed["baseline"]["bm25_whole_files"]["accuracy"]["@1"] == 100.0
    assert printed["functions"]["satchel"]["@5"]["value"] == 100.0
    assert printed["functions"]["bm25_definitions"]["@5"]["value"] == 100.0
    assert printed["without_named_path"]["tasks"] == 1
    assert printed["repositories"]["owner/shop"]["functions"]["not_told"] == 0
    assert localise.main(["--dataset", dataset, "--repos", str(tmp_path / "none")]) == 2
