"""What commits decide, and what they do not."""

import pytest

from satchel.context.mine.history import history
from satchel.context.types import Commit, Origin, RecordKind, Statement, Status

DAY = 86_400


def commit(
    subject: str,
    body: str = "",
    *paths: str,
    number: int = 1,
    author: str = "Ada",
) -> Commit:
    sha = f"{number:040x}"[::-1]
    return Commit(sha, 1_600_000_000 + number * DAY, author, subject, body, paths or ("src/a.py",))


def only(*commits: Commit) -> Statement:
    (statement,) = history(commits).statements
    return statement


@pytest.mark.parametrize(
    ("subject", "body", "path"),
    [
        ("Switch from Docopt to Clap", "Docopt is unmaintained and slow to build.", "Cargo.toml"),
        ("deps: replace memmap with memmap2", "memmap is unmaintained.", "Cargo.toml"),
        ("Use pnpm instead of npm", "", "package.json"),
        ("Drop support for Python 3.7", "", "setup.py"),
        ("Drop Python 2.6 support.", "", "setup.py"),
        ("Require Python 3.11", "", "pyproject.toml"),
        ("Bump the minimum Rust version to 1.70", "", "Cargo.toml"),
        ("iostream: Deprecate callback arguments", "They leak because of the context.", "io.py"),
        ("Drop `rfc3986` requirement.", "It is unmaintained and breaks on IPv6.", "setup.py"),
        ("*: Adopt black as code formatter", "", "tox.ini"),
        ("Stop using AssertJ", "", "build.gradle"),
        ("Remove the Snyk gem", "It cannot read our lock file.", "Gemfile"),
        ("Rework the queue", "After trying both we decided to keep the lock global.", "q.c"),
    ],
)
def test_a_commit_that_decides_is_kept(subject: str, body: str, path: str) -> None:
    statement = only(commit(subject, body, path))

    assert statement.origin is Origin.HISTORY
    assert statement.status is Status.ACTIVE
    assert statement.text.startswith(subject.rstrip("."))
    assert 0.4 <= statement.confidence <= 0.8


@pytest.mark.parametrize(
    ("subject", "body", "author"),
    [
        ("Merge pull request #12 from ada/switch-to-clap", "Switch to clap", "Ada"),
        ("Bump requests from 2.31 to 2.32", "Drops support for Python 3.7", "dependabot[bot]"),
        ("Drop unused import", "", "Ada"),
        ("Fix typo: use 'its' instead of 'it's'", "", "Ada"),
        ("docs: use `subclass` instead of `class`", "", "Ada"),
        ("Use a list comprehension instead of a loop", "", "Ada"),
        ("Fix crash when the queue is empty", "It crashed because the head was None.", "Ada"),
        ("Add tests for the parser", "", "Ada"),
        ("WIP switch from A to B", "because it is faster", "Ada"),
        ("Refactor the scheduler", "If we decided to drop threads this would be simpler.", "Ada"),
        ("Release v2.0", "Drop support for Node 12.", "Ada"),
    ],
)
def test_an_ordinary_commit_states_nothing(subject: str, body: str, author: str) -> None:
    mined = history([commit(subject, body, author=author)])

    assert mined.statements == ()
    assert mined.read == 1
    assert sum(mined.left.values()) == 1


@pytest.mark.parametrize(
    ("subject", "body", "path"),
    [
        ("msrv: bump to Rust 1.72", "", "Cargo.toml"),
        ("chore: Bump MSRV to 1.85", "", "Cargo.toml"),
        ("Remove audit_log gem from User model", "We no longer need it here.", "Gemfile"),
        ("Remove the foreman gem", "It is installed by ./startup.sh instead.", "Gemfile"),
        ("Drop the lzma extra", "It goes since we don't support Python<3.3 anymore.", "setup.py"),
        ("Drop `rfc3986` requirement.", "", "setup.py"),
        ("fix: Deprecate various APIs", "", "Cargo.toml"),
        ("Replace tabs with spaces", "", "Gemfile"),
        ("feat(ui): deprecated completions", "They are struck through because of age.", "a.rs"),
        ("fix: use input instead of textfield", "", "package.json"),
        ("Switch from assign_revision to EditEditionService", "", "app/a.rb"),
        ("CI: use Ruby 3.4 instead of Ruby 3.2", "", ".github/workflows/test.yml"),
        ("Switch to the new cluster", "", "Makefile"),
        ("Migrate from s3 sdk v2 to v3", "", "package.json"),
        ("Switch from a/build@v1 to a/builder@v1", "", ".github/workflows/build.yml"),
        ("Tidy up", "Decided on the last one as it is the simplest.", "a.py"),
        ('Revert "build: bump torch to 2.8"', 'Revert "build: bump torch to 2.8 (#1)"', "a.txt"),
        ("Rename it", "BREAKING CHANGE: `unicode_help` was renamed to `unicode`.", "a.rs"),
    ],
)
def test_what_may_come_back_or_only_moves_on_is_no_decision(
    subject: str, body: str, path: str
) -> None:
    assert history([commit(subject, body, path)]).statements == ()


def test_a_removal_without_a_reason_ends_the_choice_that_it_takes_back() -> None:
    first, second = history(
        [
            commit("Remove dependency on lexopt", "", "Cargo.toml", number=9),
            commit("Switch from Docopt to lexopt", "", "Cargo.toml", number=2),
        ]
    ).statements

    assert first.status is Status.SUPERSEDED
    assert (second.status, second.supersedes) == (Status.ACTIVE, (first.key,))


def test_the_note_of_a_break_is_read_to_its_end() -> None:
    body = "BREAKING CHANGE: `derive` and `unicode` are no\nlonger on by default.\n\nFixes: #1"
    assert only(commit("fix!: Lighten the defaults", body)).text == (
        "BREAKING CHANGE: `derive` and `unicode` are no longer on by default. "
        "(fix!: Lighten the defaults)"
    )


def test_the_reason_goes_with_the_decision_and_lists_and_trailers_do_not() -> None:
    statement = only(
        commit(
            "deps: replace memmap with memmap2 (#1785)",
            "memmap is unmaintained at this point\nand is flagged by an advisory.\n\n"
            "- touch a\n- touch b\n\nSigned-off-by: Ada <ada@example.org>\nCloses #1784",
            "Cargo.toml",
        )
    )

    assert statement.text == (
        "deps: replace memmap with memmap2. "
        "memmap is unmaintained at this point and is flagged by an advisory."
    )


def test_source_date_and_key_name_the_commit() -> None:
    one = commit("Drop support for Python 3.7", "", "setup.py", number=7)
    statement = only(one)

    assert statement.source == f"commit {one.sha[:8]}"
    assert statement.key == f"commit {one.sha}"
    assert statement.date == "2020-09-20T12:26:40+00:00"


def test_trailers_state_what_they_name() -> None:
    body = (
        "Some words.\n\nDecision: keep the parser hand-written\n"
        "Rejected: a generated parser, it doubles the build\n"
        "Constraint: no new runtime dependencies\n"
        "  in the core package\nFixes: #12\n"
    )
    mined = history([commit("Rewrite the parser", body)])

    said = {s.text.partition(" (")[0]: (s.kind, s.status) for s in mined.statements}
    assert said == {
        "keep the parser hand-written.": (RecordKind.DECISION, Status.ACTIVE),
        "Rejected: a generated parser, it doubles the build.": (
            RecordKind.DECISION,
            Status.REJECTED,
        ),
        "no new runtime dependencies in the core package.": (RecordKind.RULE, Status.ACTIVE),
    }


def test_a_revert_supersedes_what_it_reverts() -> None:
    switch = commit("Switch from Travis to Actions", "", ".travis.yml", number=1)
    revert = commit(
        'Revert "Switch from Travis to Actions"',
        f"This reverts commit {switch.sha}.\n\nThe runners time out on the big job.",
        number=2,
    )
    first, second = history([revert, switch]).statements

    assert first.status is Status.SUPERSEDED
    assert first.superseded_by == second.key
    assert second.supersedes == (first.key,)
    assert "time out" in second.text


def test_a_revert_of_a_revert_lets_the_first_stand() -> None:
    switch = commit("Switch from Travis to Actions", "", ".travis.yml", number=1)
    revert = commit(
        'Revert "Switch from Travis to Actions"', f"This reverts commit {switch.sha}.", number=2
    )
    again = commit(
        'Revert "Revert "Switch from Travis to Actions""',
        f"This reverts commit {revert.sha}.",
        number=3,
    )

    assert only(again, revert, switch).status is Status.ACTIVE


def test_a_revert_without_a_reason_of_something_slight_is_left() -> None:
    small = commit("Shorten the timeout", number=1)
    revert = commit('Revert "Shorten the timeout"', f"This reverts commit {small.sha}.", number=2)

    assert history([revert, small]).statements == ()


def test_a_second_switch_supersedes_the_first() -> None:
    first, second = history(
        [
            commit("Replace clap with lexopt", "clap builds slowly.", "Cargo.toml", number=9),
            commit("Switch from Docopt to Clap.", "", "Cargo.toml", number=2),
        ]
    ).statements

    assert first.status is Status.SUPERSEDED
    assert second.supersedes == (first.key,)


def test_only_the_newest_minimum_version_is_current() -> None:
    mined = history(
        [
            commit("Require Python 3.10", "", "pyproject.toml", number=3),
            commit("Require Python 3.8", "", "pyproject.toml", number=1),
            commit("Require Node 20", "", "package.json", number=2),
        ]
    )

    current = {s.subject: s.stance for s in mined.statements if s.status is Status.ACTIVE}
    assert current == {"python": "3.10", "node": "20"}


def test_a_time_that_no_calendar_has_gives_no_date() -> None:
    odd = Commit("a" * 40, 10**15, "Ada", "Drop support for Python 3.7", "", ("setup.py",))

    assert only(odd).date is None


@pytest.mark.parametrize("unit", ["a ", "from ", "use x instead of ", "(", "[a] ", "don't ", "\n "])
def test_a_hostile_message_is_read_and_gives_little(unit: str) -> None:
    mined = history([commit("Switch " + unit * 20_000, unit * 100_000)])

    assert all(len(statement.text) <= 600 for statement in mined.statements)


def test_a_choice_between_known_rivals_needs_no_other_sign() -> None:
    subject = "Switch from MySQL to PostgreSQL"
    assert only(commit(subject)).text == subject


@pytest.mark.parametrize(
    ("subject", "path"),
    [
        ("Use `Minitest` instead of `MiniTest`", "Gemfile"),
        ("use Ruby 3.4 instead of Ruby 3.2", "src/a.rb"),
    ],
)
def test_another_spelling_or_version_of_one_thing_is_no_choice(subject: str, path: str) -> None:
    assert history([commit(subject, "", path)]).statements == ()
