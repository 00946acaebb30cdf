"""Stack traces as each language writes them, and as people paste them."""

import pytest

from satchel.context.understand import MOST_FRAMES, understand, without_printed

PYTHON = """Saving fails
Traceback (most recent call last):
  File "/usr/lib/python3.11/runpy.py", line 198, in _run_module_as_main
    return _run_code(code)
  File "/home/me/app/views.py", line 12, in index
    session.touch()
  File "C:\\venv\\Lib\\site-packages\\flask\\sessions.py", line 330, in save_session
    raise ValueError("the key is gone")
ValueError: the key is gone
"""
NOTEBOOK = """Drawing fails
---------------------------------------------------------------------------
KeyError                                  Traceback (most recent call last)
~/work/plot.py in draw(self, x)
     10     pass
/opt/conda/lib/python3.8/site-packages/shapes/axes.py in add(*args)
File ~/work/late.py:12, in render(page)
KeyError: 'axis'
"""
PYTEST = """A test fails
tests/test_cart.py:12: in test_add
    cart.add(item)
src/shop/cart.py:33: ValueError
"""
V8 = """It crashes
TypeError: Cannot read properties of undefined (reading 'id')
    at Cart.add (/app/src/cart.js:10:5)
    at async Promise.all (index 0)
    at new Shop (webpack:///./src/shop.ts?a1b2:3:1)
    at http://localhost:3000/static/main.mjs:1:20
    at Object.<anonymous> (file:///app/src/start.cjs:2:3)
    at C:\\app\\src\\windows.jsx:4:4
    at Module._compile (node:internal/modules/cjs/loader:1105:14)
"""
FIREFOX = """It crashes
add@http://localhost:3000/src/cart.js:10:5
shop/<@webpack-internal:///./src/shop.tsx:3:1
"""
GO = """It panics
panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
runtime.panicIndex()
\t/usr/local/go/src/runtime/panic.go:88 +0x1d
example.com/shop/cart.(*Cart).Add(0xc000010000)
\t/home/me/shop/cart/cart.go:42 +0x9c
github.com/!burnt!sushi/toml.Decode(...)
        /home/me/go/pkg/mod/github.com/!burnt!sushi/toml@v1.2.0+incompatible/decode.go:9
"""
JAVA = """It fails
Exception in thread "main" com.shop.ShopException: no such cart
\tat com.shop.Shop.open(Shop.java:17)
\tat com.shop.Shop$Door.<init>(Shop.java:9)
Caused by: java.lang.IllegalStateException: the cart is closed
\tat java.base/java.util.ArrayList.get(ArrayList.java:427)
\tat app//com.shop.cart.CartKt.add(Cart.kt:4) ~[classes/:na]
\tat com.shop.Shop.open(Shop.java:15)
\t... 3 more
"""
RUST = """It panics
thread 'main' panicked at src/cart.rs:4:5:
index out of bounds: the len is 3 but the index is 7
stack backtrace:
   0: rust_begin_unwind
             at /rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/std/src/panicking.rs:597:5
   1: shop::cart::Cart::add
             at ./src/shop/mod.rs:12:9
"""
OLD_RUST = "It panics\nthread 'main' panicked at 'called `unwrap` on none', src/cart.rs:4:5\n"
COMPILER = "It does not build\nerror[E0382]: borrow of moved value: `item`\n  --> src/cart.rs:8:5\n"

DOTNET = """It throws
Unhandled exception. System.InvalidOperationException: the cart is closed
   at Shop.Cart.Add(Item item) in /home/me/src/Shop/Cart.cs:line 41
   at Program.<Main>$(String[] args) in C:\\src\\Shop\\Program.cs:line 9
"""
RUBY = """It raises
lib/shop/cart.rb:41:in `add': the cart is closed (Shop::Closed)
\tfrom /home/me/app.rb:9:in 'block in <main>'
"""


FRAMED = {
    "python": (
        PYTHON,
        """C:/venv/Lib/site-packages/flask/sessions.py
        /home/me/app/views.py
        /usr/lib/python3.11/runpy.py""",
    ),
    "a notebook": (
        NOTEBOOK,
        """~/work/late.py
        /opt/conda/lib/python3.8/site-packages/shapes/axes.py
        ~/work/plot.py""",
    ),
    "pytest": (PYTEST, "src/shop/cart.py tests/test_cart.py"),
    "javascript": (
        V8,
        """/app/src/cart.js
        ./src/shop.ts
        static/main.mjs
        app/src/start.cjs
        C:/app/src/windows.jsx""",
    ),
    "another browser": (FIREFOX, "src/cart.js ./src/shop.tsx"),
    "go": (
        GO,
        """/home/me/shop/cart/cart.go
        /home/me/go/pkg/mod/github.com/!burnt!sushi/toml@v1.2.0+incompatible/decode.go
        /usr/local/go/src/runtime/panic.go""",
    ),
    "java": (JAVA, "com/shop/cart/Cart.kt com/shop/Shop.java java/util/ArrayList.java"),
    "rust": (
        RUST,
        """src/cart.rs
        ./src/shop/mod.rs
        /rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/std/src/panicking.rs""",
    ),
    "older rust": (OLD_RUST, "src/cart.rs"),
    ".net": (DOTNET, "/home/me/src/Shop/Cart.cs C:/src/Shop/Program.cs"),
    "ruby": (RUBY, "lib/shop/cart.rb /home/me/app.rb"),
    "a compiler": (COMPILER, "src/cart.rs"),
}


@pytest.mark.parametrize(("text", "innermost_first"), FRAMED.values(), ids=FRAMED)
def test_the_innermost_frame_comes_first_and_the_runtimes_own_last(
    text: str, innermost_first: str
) -> None:
    assert list(understand(text).frames) == innermost_first.split()


def test_a_file_of_a_trace_is_not_one_that_the_request_names() -> None:
    query = understand(f"See lib/door.py.\n{PYTEST}\nCompare src/shop/till.py")
    assert [path for path in query.paths if "/" in path] == ["lib/door.py", "src/shop/till.py"]


@pytest.mark.parametrize(
    "text",
    [
        "src/Cart.cs(41,30): error CS0103: The name 'item' does not exist",
        "[ERROR] src/Cart.java:[41,23] cannot find symbol",
        "src/cart.c:41:7: error: use of undeclared identifier",
    ],
)
def test_a_compiler_points_at_a_line(text: str) -> None:
    assert [line for _, line in understand(f"it does not build\n{text}").lines] == [41]


def test_what_a_program_printed_is_left_out() -> None:
    rest = without_printed(f"take Redis for the carts\n{JAVA}")
    assert "take Redis for the carts" in rest
    assert "closed" not in rest
    assert "Cart.kt" not in rest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PYTHON, "the key is gone"),
        (V8, "Cannot read properties of undefined (reading 'id')"),
        (GO, "runtime error: index out of range [3] with length 3"),
        (JAVA, "the cart is closed"),
        (RUST, "index out of bounds: the len is 3 but the index is 7"),
        (OLD_RUST, "called `unwrap` on none"),
        (COMPILER, "borrow of moved value: `item`"),
        ("It says “the cart is closed” when I pay", "the cart is closed"),
        ('It says "the cart is closed" when I pay', "the cart is closed"),
        ("It says 'the cart is closed' when I pay", "the cart is closed"),
    ],
)
def test_what_an_error_says_is_a_message(text: str, said: str) -> None:
    assert said in understand(text).messages


@pytest.mark.parametrize(
    "text",
    ["it's the cart's fault, isn't it?", 'print("a", "b")', "rename 'cart' to 'basket'"],
)
def test_other_quotes_are_no_messages(text: str) -> None:
    assert understand(text).messages == ()


FRAMES = {
    "python": '  File "/app/src/m{n}.py", line {n}, in f{n}\n    f{n}()\n',
    "javascript": "    at f{n} (/app/src/m{n}.js:{n}:5)\n",
    "go": "main.f{n}()\n\t/app/src/m{n}.go:{n} +0x1d\n",
    "java": "\tat com.shop.M{n}.f(M{n}.java:{n})\n",
    "rust": "  {n}: shop::f{n}\n             at ./src/m{n}.rs:{n}:5\n",
}


@pytest.mark.parametrize("language", FRAMES)
@pytest.mark.parametrize("modules", [1, 10_000])
def test_of_a_very_deep_trace_only_some_frames_are_kept(language: str, modules: int) -> None:
    trace = "".join(FRAMES[language].format(n=depth % modules) for depth in range(10_000))
    query = understand(f"it never ends\n{trace}")
    assert len(query.frames) == min(modules, MOST_FRAMES)
    assert query.messages == ()
    assert not any("/" in path for path in query.paths)
    innermost = query.frames[0]
    if modules > 1:
        assert ("m9999" if language == "python" else "m0") in innermost.lower()


@pytest.mark.parametrize(
    "text",
    [
        "cart.go:42 hangs",
        "cart.go:42:7: undefined: total",
        "why does cart.go#L42 hang?",
        "`cart.go`, line 42, hangs",
        "see line 42 of cart.go",
    ],
)
def test_a_line_in_a_sentence_is_no_frame(text: str) -> None:
    query = understand(text)
    assert (query.paths, query.lines, query.frames) == (("cart.go",), (("cart.go", 42),), ())


def test_the_lines_of_frames_are_not_pointed_at() -> None:
    assert [understand(text).lines for text in (PYTHON, PYTEST, V8, GO, JAVA)] == [()] * 5
    assert understand("main.go:9 +0x1d").frames == ("main.go",)
