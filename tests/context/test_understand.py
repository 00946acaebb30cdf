import pytest

from satchel.context.classify import classify
from satchel.context.types import IntentKind
from satchel.context.understand import understand

ISSUE = """Session cookie is not refreshed

<!-- please search first -->
### Description

Calling `app.session_interface.save_session` twice loses the cookie, see src/flask/sessions.py.

Traceback (most recent call last):
  File "/home/me/app/views.py", line 12, in index
    session.touch()
  File "/site-packages/flask/sessions.py", line 330, in save_session
    raise ValueError
"""


def test_the_first_line_is_the_title_and_weighs_more() -> None:
    query = understand(ISSUE)
    assert query.title == ("session", "cookie", "refreshed")
    assert query.words["refreshed"] > query.words["calling"]


def test_names_paths_and_frames_are_found() -> None:
    query = understand(ISSUE)
    assert "app.session_interface.save_session" in query.names
    assert "src/flask/sessions.py" in query.paths
    assert query.frames == ("/site-packages/flask/sessions.py", "/home/me/app/views.py")


def test_a_capital_within_a_sentence_may_mean_a_class() -> None:
    assert understand("Make a Session a Visit where Django is used").proper == {
        *("Session", "Visit", "Django")
    }
    assert understand("Rename the session. Then use Go").proper == {"Go"}


@pytest.mark.parametrize(
    "text",
    [
        "rename Footer to StatusBar",
        "Renaming the Footer widget -> StatusBar",
        "please rename `Footer` as `StatusBar`, please",
    ],
)
def test_what_something_is_to_be_called_is_not_looked_for(text: str) -> None:
    query = understand(text)
    assert "footer" in query.words
    assert not {"status", "bar", "statusbar"} & query.words.keys()
    assert "StatusBar" not in query.names
    assert "StatusBar" not in query.text


def test_where_something_is_moved_to_is_looked_for() -> None:
    assert "footer" in understand("move the status bar to the footer").words


def test_folders_are_found() -> None:
    text = "see https://example.org/a/b, then move ./tests/e2e below src/shop/"
    assert understand(text).folders == ("tests/e2e", "src/shop/")


def test_template_boilerplate_is_not_read() -> None:
    words = understand(ISSUE).words
    assert "search" not in words
    assert "description" not in words


@pytest.mark.parametrize(
    ("trace", "frame"),
    [
        ("    at Object.run (/app/src/run.js:10:5)", "/app/src/run.js"),
        ("    at render (src/view.tsx:3:1)", "src/view.tsx"),
        ("\t/go/src/net/dial.go:42 +0x1d", "/go/src/net/dial.go"),
        ("    at com.shop.Cart.add(Cart.java:17)", "com/shop/Cart.java"),
        ("  --> src/parser.rs:8:5", "src/parser.rs"),
    ],
)
def test_frames_of_other_languages_are_found(trace: str, frame: str) -> None:
    assert frame in understand(f"it crashes\n{trace}").frames


@pytest.mark.parametrize("size", [0, 1, 200_000])
def test_any_length_is_read(size: int) -> None:
    understand("word " * size)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("thanks!", IntentKind.NONE),
        ("ok, continue", IntentKind.NONE),
        ("", IntentKind.NONE),
        ("<task-notification>done</task-notification>", IntentKind.NONE),
        ("switch sessions to JWT", IntentKind.CHANGE),
        ("Please add a retry to the http client", IntentKind.CHANGE),
        ("TypeError when the list is empty: it crashes", IntentKind.CHANGE),
        ("where are routes registered?", IntentKind.QUESTION),
        ("how should we split the settings module?", IntentKind.PLAN),
        ("what did we decide about sessions?", IntentKind.RECALL),
        ("run the tests", IntentKind.OPERATE),
    ],
)
def test_a_request_is_classified(text: str, kind: IntentKind) -> None:
    assert classify(understand(text)).kind is kind


def test_confidence_is_a_share() -> None:
    for text in ("thanks", "fix the bug", "what is this?", "sessions"):
        assert 0 <= classify(understand(text)).confidence <= 1
