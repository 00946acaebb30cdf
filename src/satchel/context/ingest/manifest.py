"""Manifests as facts: what a project is called, is written in, needs, and is tested with."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from xml.parsers import expat

from satchel.context.ingest.frameworks import FRAMEWORKS, TOOLS
from satchel.context.types import Fact

MOST_FACTS = 500  # of one manifest
_VALUE = 120  # characters

_REQUIREMENT = re.compile(
    r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*\(?\s*((?:[<>=!~^]=?=?\s*[\w.*+!-]+\s*,?\s*)*)"
)
_GO_REQUIRE = re.compile(r"^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/\S+|[\w-]+(?:\.[\w-]+)+)\s+(v\S+)")
_GEM = re.compile(r"""^\s*gem\s+["']([^"']+)["']((?:\s*,\s*["'][^"']*["'])*)""")
_GRADLE_DEPENDENCY = re.compile(
    r"""^\s*(?:\w*[iI]mplementation|api|compileOnly|runtimeOnly|kapt|ksp|classpath|compile"""
    r"""|annotationProcessor|testCompile)\b\s*\(?\s*(?:platform\s*\()?\s*["']"""
    r"""([\w.-]+):([\w.-]+)(?::([^"':@]+))?"""
)
_GRADLE_PLUGIN = re.compile(
    r"""^\s*(?:id\s*\(?\s*["']([\w.-]+)["']\)?|kotlin\s*\(\s*["'](\w+)["']\s*\))"""
    r"""(?:\s*version\s*\(?\s*["']([^"']+)["'])?"""
)
_GRADLE_VALUE = re.compile(r"""^\s*(group|version)\s*=?\s*["']([^"']+)["']""")
_NORMAL = re.compile(r"[-_.]+")


def parse_manifest(path: str, text: str) -> tuple[Fact, ...]:
    """Read the facts that a manifest states, with their lines; none where it is malformed, or of a
    form that is not read.

    The file is data: nothing in it is run, and no XML entity is expanded.
    """
    name = path.rpartition("/")[2].lower()
    reader = _READERS.get(name) or _READERS_BY_SUFFIX.get(name.rpartition(".")[2])
    if reader is None:
        return ()
    try:
        found = list(reader(text, _Places(text)))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, configparser.Error):
        return ()
    except expat.ExpatError:
        return ()
    facts: dict[Fact, None] = {}
    for fact in found:
        for one in (fact, *_implied(fact)):
            if one.value and one.subject:
                facts[one] = None
    return tuple(facts)[:MOST_FACTS]


class _Places:
    """Where in a text a word stands, read forward so that repeated words find their own lines."""

    def __init__(self, text: str) -> None:
        self._text = text

    def line(self, *words: str) -> int:
        """Return the line of the last word, sought after each word before it; 1 if it is absent."""
        at = 0
        for word in words:
            found = self._text.find(word, at)
            if found == -1:
                continue
            at = found
        return self._text.count("\n", 0, at) + 1


def _fact(subject: object, attribute: str, value: object, line: int) -> Fact:
    return Fact(_told(str(subject)), attribute, _told(" ".join(str(value).split())), line)


def _told(value: str) -> str:
    """Cut a value; half a surrogate pair, which JSON can spell, is no character."""
    return value[:_VALUE].encode("utf-8", "replace").decode()


def _implied(fact: Fact) -> Iterator[Fact]:
    """Name the framework or tool that a dependency stands for."""
    if fact.attribute != "dependency":
        return
    name = fact.subject.lower()
    for table, attribute in ((FRAMEWORKS, "framework"), (TOOLS, "tool")):
        known = table.get(name) or table.get(_NORMAL.sub("-", name))
        if known is None and (":" in name or "/" in name or "." in name):
            known = next(
                (
                    table[key]
                    for key in table
                    if len(key) > 6
                    and name.startswith(key)
                    and name[len(key) : len(key) + 1] in "/:.-"
                ),
                None,
            )
        if known:
            yield Fact(known, attribute, fact.value, fact.line)


def _language(name: str, line: int = 1) -> Fact:
    return _fact(name, "language", name, line)


def _dependency(name: object, version: object, line: int) -> Fact:
    return _fact(name, "dependency", version or "*", line)


def _named(project: Mapping[str, Any], places: _Places) -> Iterator[Fact]:
    """Read the name and the version that most manifests state alike."""
    name = project.get("name")
    if isinstance(name, str):
        yield _fact(name, "name", name, places.line("name", name))
        if isinstance(version := project.get("version"), str):
            yield _fact(name, "version", version, places.line("version", version))


def _requirement(spelled: object, places: _Places, *before: str) -> Iterator[Fact]:
    """Read one requirement as pip spells it."""
    if isinstance(spelled, str) and (found := _REQUIREMENT.match(spelled)):
        line = places.line(*before, spelled)
        yield _dependency(found[1], found[2].strip(" ,"), line)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _versioned(dependencies: object, places: _Places, *before: str) -> Iterator[Fact]:
    """Read dependencies kept as a table of name to version, or to a table with one."""
    for name, wanted in _table(dependencies).items():
        version = wanted.get("version") if isinstance(wanted, dict) else wanted
        yield _dependency(
            name, version if isinstance(version, str) else "", places.line(*before, name)
        )


def _pyproject(text: str, places: _Places) -> Iterator[Fact]:
    root = tomllib.loads(text)
    project, tools = _table(root.get("project")), _table(root.get("tool"))
    poetry = _table(tools.get("poetry"))
    if project or poetry:
        yield _language("python")
    yield from _named(project or poetry, places)
    if wanted := project.get("requires-python"):
        yield _fact("python", "requires", wanted, places.line("requires-python"))
    for spelled in _items(project.get("dependencies")):
        yield from _requirement(spelled, places, "dependencies")
    for extra, spelled_all in _table(project.get("optional-dependencies")).items():
        for spelled in _items(spelled_all):
            yield from _requirement(spelled, places, "optional-dependencies", extra)
    for group, spelled_all in _table(root.get("dependency-groups")).items():
        for spelled in _items(spelled_all):
            yield from _requirement(spelled, places, "dependency-groups", group)
    groups = [poetry, *map(_table, _table(poetry.get("group")).values())]
    for group_table in groups:
        for key in ("dependencies", "dev-dependencies"):
            for fact in _versioned(group_table.get(key), places, "tool.poetry"):
                if fact.subject == "python":
                    yield _fact("python", "requires", fact.value, fact.line)
                else:
                    yield fact
    for spelled in _items(_table(root.get("build-system")).get("requires")):
        if isinstance(spelled, str) and (found := _REQUIREMENT.match(spelled)):
            yield _fact(found[1], "tool", "build", places.line("build-system", spelled))
    for name in tools:
        if name in TOOLS:
            yield _fact(TOOLS[name], "tool", "configured", places.line(f"[tool.{name}"))


def _setup_cfg(text: str, places: _Places) -> Iterator[Fact]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    if parser.has_section("metadata") or parser.has_section("options"):
        yield _language("python")
    if parser.has_section("metadata"):
        yield from _named(dict(parser["metadata"]), places)
    wanted = parser.get("options", "python_requires", fallback="")
    yield _fact("python", "requires", wanted, places.line("python_requires"))
    required = parser.get("options", "install_requires", fallback="").splitlines()
    if parser.has_section("options.extras_require"):
        for extra in parser["options.extras_require"].values():
            required += extra.splitlines()
    for spelled in required:
        yield from _requirement(spelled.strip(), places)
    for name in TOOLS:
        if parser.has_section(name) or parser.has_section(f"tool:{name}"):
            yield _fact(TOOLS[name], "tool", "configured", places.line(f"{name}]"))


def _requirements(text: str, places: _Places) -> Iterator[Fact]:
    for number, line in enumerate(text.split("\n"), start=1):
        spelled = line.partition("#")[0].strip()
        if (
            spelled[:1].isalnum()
            and "://" not in spelled
            and (found := _REQUIREMENT.match(spelled))
        ):
            yield _dependency(found[1], found[2].strip(" ,"), number)


def _package_json(text: str, places: _Places) -> Iterator[Fact]:
    package = _table(json.loads(text))
    kinds = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
    typed = any("typescript" in _table(package.get(kind)) for kind in kinds)
    yield _language("typescript" if typed else "javascript")
    yield from _named(package, places)
    for name, wanted in _table(package.get("engines")).items():
        yield _fact(name, "requires", wanted, places.line("engines", f'"{name}"'))
    if isinstance(manager := package.get("packageManager"), str):
        name, _, version = manager.partition("@")
        yield _fact(name, "tool", version.partition("+")[0] or "*", places.line("packageManager"))
    for kind in kinds:
        for name, wanted in _table(package.get(kind)).items():
            yield _dependency(name, wanted, places.line(f'"{kind}"', f'"{name}"'))


def _go_mod(text: str, places: _Places) -> Iterator[Fact]:
    yield _language("go")
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if words[:1] == ["module"] and len(words) > 1:
            yield _fact(words[1], "name", words[1], number)
        elif words[:1] in (["go"], ["toolchain"]) and len(words) > 1:
            yield _fact(words[0], "requires", words[1], number)
        elif "// indirect" not in line and (found := _GO_REQUIRE.match(line)):
            yield _dependency(found[1], found[2], number)


def _cargo(text: str, places: _Places) -> Iterator[Fact]:
    root = tomllib.loads(text)
    package, workspace = _table(root.get("package")), _table(root.get("workspace"))
    yield _language("rust")
    yield from _named(package, places)
    for key in ("edition", "rust-version"):
        if isinstance(wanted := package.get(key), str):
            yield _fact(
                "rust",
                "requires",
                f"edition {wanted}" if key == "edition" else wanted,
                places.line(key),
            )
    for holder in (root, workspace):
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            yield from _versioned(holder.get(kind), places, f"{kind}]")


def _pom(text: str, places: _Places) -> Iterator[Fact]:
    yield _language("java")
    for path, values, line in _elements(text):
        group, artifact = values.get("groupId", ""), values.get("artifactId", "")
        version = values.get("version", "")
        if path.endswith("dependency") or path == "project/parent":
            yield _dependency(f"{group}:{artifact}", version, line)
        elif path == "project":
            yield _fact(artifact, "name", f"{group}:{artifact}".strip(":"), line)
            yield _fact(artifact, "version", version, line)
        elif path == "project/properties":
            for key in ("java.version", "maven.compiler.release", "maven.compiler.source"):
                yield _fact("java", "requires", values.get(key, ""), line)


def _csproj(text: str, places: _Places) -> Iterator[Fact]:
    yield _language("csharp")
    for path, values, line in _elements(text):
        if path.endswith("PackageReference"):
            version = values.get("@Version") or values.get("Version", "")
            yield _dependency(values.get("@Include", ""), version, line)
        elif path == "Project":
            if values.get("@Sdk", "").endswith(".Web"):
                yield _fact("ASP.NET Core", "framework", "*", 1)
        elif path.endswith("PropertyGroup"):
            wanted = values.get("TargetFramework") or values.get("TargetFrameworks", "")
            yield _fact(".NET", "requires", wanted, line)


def _elements(text: str) -> list[tuple[str, dict[str, str], int]]:
    """Read XML into (path, attributes as "@name" and child texts, line) for every element.

    Raises ValueError for a document type: entities are never declared, so never expanded.
    """
    done: list[tuple[str, dict[str, str], int]] = []
    open_: list[tuple[str, dict[str, str], list[str], int]] = []

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_) > 50:
            raise ValueError("nested too deeply")
        values = {f"@{key}": value for key, value in attributes.items()}
        open_.append((name, values, [], parser.CurrentLineNumber))

    def end(_: str) -> None:
        name, values, said, line = open_.pop()
        if open_:
            open_[-1][1].setdefault(name, "".join(said).strip())
        path = "/".join([*(one[0] for one in open_), name])
        done.append((path, values, line))

    def words(content: str) -> None:
        if open_:
            open_[-1][2].append(content)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words
    parser.Parse(text.encode("utf-8", "replace"), True)
    return done


def _gradle(text: str, places: _Places) -> Iterator[Fact]:
    kotlin = False
    for number, line in enumerate(text.split("\n"), start=1):
        if found := _GRADLE_DEPENDENCY.match(line):
            yield _dependency(f"{found[1]}:{found[2]}", found[3], number)
        elif found := _GRADLE_PLUGIN.match(line):
            plugin = found[1] or f"org.jetbrains.kotlin.{found[2]}"
            kotlin = kotlin or "kotlin" in plugin
            yield _dependency(plugin, found[3], number)
        elif found := _GRADLE_VALUE.match(line):
            yield _fact("project", "version" if found[1] == "version" else "name", found[2], number)
    yield _language("kotlin" if kotlin else "java")


def _composer(text: str, places: _Places) -> Iterator[Fact]:
    package = _table(json.loads(text))
    yield _language("php")
    yield from _named(package, places)
    for kind in ("require", "require-dev"):
        for name, wanted in _table(package.get(kind)).items():
            line = places.line(f'"{kind}"', f'"{name}"')
            if "/" in name:
                yield _dependency(name, wanted, line)
            elif name == "php":
                yield _fact("php", "requires", wanted, line)


def _gemfile(text: str, places: _Places) -> Iterator[Fact]:
    yield _language("ruby")
    for number, line in enumerate(text.split("\n"), start=1):
        if found := _GEM.match(line):
            yield _dependency(
                found[1], found[2].replace('"', "").replace("'", "").strip(", "), number
            )
        elif line.startswith("ruby "):
            yield _fact("ruby", "requires", line[5:].strip(" \"'"), number)


_READERS: Mapping[str, Callable[[str, _Places], Iterator[Fact]]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "package.json": _package_json,
    "go.mod": _go_mod,
    "cargo.toml": _cargo,
    "pom.xml": _pom,
    "build.gradle": _gradle,
    "build.gradle.kts": _gradle,
    "composer.json": _composer,
    "gemfile": _gemfile,
}
_READERS_BY_SUFFIX: Mapping[str, Callable[[str, _Places], Iterator[Fact]]] = {
    "csproj": _csproj,
    "fsproj": _csproj,
    "vbproj": _csproj,
    "txt": _requirements,
    "in": _requirements,
}
