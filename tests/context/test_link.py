import pytest

from satchel.context.ingest.link import Modules

PATHS = [
    "src/flask/__init__.py",
    "src/flask/sessions.py",
    "src/flask/json/__init__.py",
    "src/flask/json/tag.py",
    "utils/os.py",
    "web/src/util.ts",
    "web/src/view/index.tsx",
    "web/src/view/button.tsx",
    "core/src/main/java/com/shop/Cart.java",
    "src/net/tcp.rs",
    "src/net/mod.rs",
    "include/engine/core.h",
    "engine/core.cpp",
    "lib/shop/cart.rb",
]


@pytest.mark.parametrize(
    ("module", "importer", "expected"),
    [
        ("flask.sessions", "tests/test_it.py", "src/flask/sessions.py"),
        ("flask", "tests/test_it.py", "src/flask/__init__.py"),
        ("flask.json.tag.TaggedJSON", "tests/test_it.py", "src/flask/json/tag.py"),
        (".tag", "src/flask/json/__init__.py", "src/flask/json/tag.py"),
        ("..sessions", "src/flask/json/tag.py", "src/flask/sessions.py"),
        (".", "src/flask/json/tag.py", "src/flask/json/__init__.py"),
        ("os", "src/flask/sessions.py", None),
        ("./view", "web/src/util.ts", "web/src/view/index.tsx"),
        ("../util", "web/src/view/button.tsx", "web/src/util.ts"),
        ("./button.js", "web/src/view/index.tsx", "web/src/view/button.tsx"),
        (
            "com.shop.Cart",
            "core/src/main/java/com/shop/App.java",
            "core/src/main/java/com/shop/Cart.java",
        ),
        ("crate::net::tcp::Stream", "src/main.rs", "src/net/tcp.rs"),
        ("crate::net", "src/main.rs", "src/net/mod.rs"),
        ("engine/core.h", "engine/core.cpp", "include/engine/core.h"),
        ("shop/cart", "lib/shop.rb", "lib/shop/cart.rb"),
        ("react", "web/src/util.ts", None),
    ],
)
def test_a_module_names_one_of_our_files(module: str, importer: str, expected: str | None) -> None:
    assert Modules(PATHS).resolve(module, importer) == expected
