"""What a file is, told from its name alone: its language, and its role in the repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from satchel.context.types import Role


@dataclass(frozen=True, slots=True)
class Language:
    """A language that has a grammar: one wheel, one query, and how its comments begin."""

    name: str
    suffixes: tuple[str, ...]
    wheel: str
    entry: str = "language"
    query: str = ""  # the query's file name where it is not the language's own
    comments: tuple[str, ...] = ("//", "/*", "*")
    names: tuple[str, ...] = ()  # whole file names
    interpreters: tuple[str, ...] = ()


LANGUAGES = (
    Language(
        "python",
        (".py", ".pyi", ".pyw", ".py-tpl"),
        "tree_sitter_python",
        comments=("#",),
        names=("SConstruct", "SConscript", "wscript"),
        interpreters=("python",),
    ),
    Language(
        "javascript",
        (".js", ".mjs", ".cjs", ".jsx"),
        "tree_sitter_javascript",
        interpreters=("node",),
    ),
    Language(
        "typescript",
        (".ts", ".mts", ".cts"),
        "tree_sitter_typescript",
        "language_typescript",
        interpreters=("ts-node", "deno", "bun"),
    ),
    Language("tsx", (".tsx",), "tree_sitter_typescript", "language_tsx", "typescript"),
    Language("go", (".go",), "tree_sitter_go"),
    Language("rust", (".rs",), "tree_sitter_rust", comments=("//", "/*", "*", "#[")),
    Language("java", (".java",), "tree_sitter_java"),
    Language("c", (".c", ".h"), "tree_sitter_c"),
    Language(
        "cpp",
        (
            ".cc",
            ".cpp",
            ".cxx",
            ".c++",
            ".hh",
            ".hpp",
            ".hxx",
            ".ipp",
            ".inl",
            ".tpp",
            ".cu",
            ".ino",
        ),
        "tree_sitter_cpp",
    ),
    Language("csharp", (".cs", ".csx"), "tree_sitter_c_sharp"),
    Language(
        "ruby",
        (".rb", ".rake", ".gemspec", ".ru"),
        "tree_sitter_ruby",
        comments=("#",),
        names=("Rakefile", "Gemfile", "Vagrantfile", "Podfile", "Fastfile"),
        interpreters=("ruby",),
    ),
    Language(
        "php",
        (".php", ".phtml", ".php5"),
        "tree_sitter_php",
        "language_php",
        comments=("//", "/*", "*", "#"),
        interpreters=("php",),
    ),
    Language("kotlin", (".kt", ".kts"), "tree_sitter_kotlin"),
    Language("swift", (".swift",), "tree_sitter_swift"),
    Language(
        "bash",
        (".sh", ".bash", ".zsh", ".ksh", ".bats"),
        "tree_sitter_bash",
        comments=("#",),
        names=(".bashrc", ".bash_profile", ".profile", ".zshrc"),
        interpreters=("bash", "sh", "zsh", "ksh", "dash"),
    ),
)

BY_NAME = {language.name: language for language in LANGUAGES}
_BY_SUFFIX = {suffix: language.name for language in LANGUAGES for suffix in language.suffixes}
_BY_FILE = {name: language.name for language in LANGUAGES for name in language.names}
_BY_INTERPRETER = {
    interpreter: language.name for language in LANGUAGES for interpreter in language.interpreters
}

_INTERPRETER = re.compile(r"#!\s*\S*?(?:/env\s+(?:-\S+\s+)*)?([\w+-]+?)[\d.]*(?:\s|$)")

MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx", ".mdc", ".qmd"})
RST = frozenset({".rst", ".rest"})
PROSE = MARKDOWN | RST | {".txt", ".text", ".adoc", ".asciidoc", ".org", ".tex", ".wiki", ".rdoc"}
_PROSE_NAMES = re.compile(
    r"(?:readme|changes|changelog|history|news|contributing|authors|copying|licen[cs]e|notice"
    r"|todo|install|security|maintainers|code_of_conduct)(?:[-_.].*)?$"
)

_MANIFESTS = frozenset(
    {"pyproject.toml", "setup.cfg", "pipfile", "package.json", "deno.json", "jsr.json", "go.mod"}
    | {"cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle"}
    | {"settings.gradle.kts", "gradle.properties", "libs.versions.toml", "composer.json", "gemfile"}
    | {"global.json", "directory.build.props", "directory.packages.props", "package.swift"}
    | {"mix.exs", "pubspec.yaml", "vcpkg.json"}
)
_MANIFEST_NAMES = re.compile(
    r"(?:[\w.-]*requirements[\w.-]*\.(?:txt|in)|.+\.(?:(?:cs|fs|vb)proj|gemspec|podspec))$"
)
_MANIFEST_PATHS = re.compile(r"(?:^|/)requirements/[^/]+\.(?:txt|in)$")

_TEST_FOLDERS = frozenset(
    {"tests", "spec", "specs", "__tests__", "__mocks__", "e2e", "androidtest", "unittests"}
    | {"unittest", "integrationtest", "testdata", "fixtures"}
)
_TEST_FILE = re.compile(
    r"(?:^|/)(?:test_[^/]*|[^/]*_test|[^/]*_spec|tests|conftest|[^/]*[.-](?:test|spec|cy))"
    r"\.[a-z+]{1,4}$"
    r"|(?:^|/)test\.rs$"  # a module's tests; in other languages it may be a command of that name
)
_TEST_CLASS = re.compile(  # FooTest.java, FooTests.cs, FooSpec.kt, TestFoo.java
    r"(?:^|/)(?:[^/]*[a-z0-9](?:Test|Tests|TestCase|Spec|IT)|Test[A-Z][^/]*)"
    r"\.(?:java|kt|kts|cs|swift|php|scala|cpp|cc|m|groovy)$"
)


def language_of(path: str, first_line: str = "") -> str | None:
    """Name the language of a code file by its name, else by its `#!` line; None for other text."""
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    if name in _BY_FILE:
        return _BY_FILE[name]
    if dot and stem:
        return _BY_SUFFIX.get("." + suffix.lower())
    found = _INTERPRETER.match(first_line) if first_line.startswith("#!") else None
    return _BY_INTERPRETER.get(found[1]) if found else None


def is_manifest(path: str) -> bool:
    """Tell whether a file states what its project is and needs."""
    name = path.rpartition("/")[2].lower()
    return (
        name in _MANIFESTS
        or _MANIFEST_NAMES.fullmatch(name) is not None
        or _MANIFEST_PATHS.search(path.lower()) is not None
    )


def is_prose(path: str) -> bool:
    """Tell whether a file is written for people: by its suffix, or a README by its name."""
    name = path.rpartition("/")[2].lower()
    if PurePosixPath(name).suffix in PROSE:
        return not name.startswith("cmakelists") and not name.startswith("robots.")
    return "." not in name and _PROSE_NAMES.match(name) is not None


def is_test(path: str) -> bool:
    """Tell whether a file belongs to the tests, by the habits of every language read here."""
    folders = path.lower().split("/")[:-1]
    if not _TEST_FOLDERS.isdisjoint(folders) or any(
        folder.endswith((".test", "tests")) for folder in folders
    ):
        return True
    # A Python package named "test" is as often a test framework's source as a suite.
    if "test" in (folders[:1] if path.endswith(".py") else folders):
        return True
    return _TEST_FILE.search(path.lower()) is not None or _TEST_CLASS.search(path) is not None


def role_of(path: str, language: str | None) -> Role:
    """Say what a file is to its repository."""
    if is_manifest(path):
        return Role.MANIFEST
    if language is not None:
        return Role.TEST if is_test(path) else Role.SOURCE
    if is_prose(path):
        return Role.PROSE
    return Role.TEXT
