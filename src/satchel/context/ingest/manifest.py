"""Manifests as facts: what a project is called, is written in, needs, and is tested with."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias
from xml.parsers import expat

from satchel.context.ingest.frameworks import FRAMEWORKS, TOOLS
from satchel.context.ingest.manifest_parts import (
    Places,
    dependency,
    fact,
    language,
    named,
    table,
    versioned,
)
from satchel.context.ingest.manifest_python import pyproject, requirements, setup_cfg
from satchel.context.ingest.manifest_xml import csproj, pom
from satchel.context.types import Fact

MOST_FACTS = 500  # of one manifest

_GO_REQUIRE = re.compile(r"^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/\S+|[\w-]+(?:\.[\w-]+)+)\s+(v\S+)")
_GEM = re.compile(r"""^\s*gem\s+["']([^"']+)["']((?:\s*,\s*["'][^"']*["'])*)""")
# Blanks are taken and kept (`*+`): where two runs of them meet, giving back takes for ever.
_GRADLE_DEPENDENCY = re.compile(
    r"""^\s*(?:\w*[iI]mplementation|api|compileOnly|runtimeOnly|kapt|ksp|classpath|compile"""
    r"""|annotationProcessor|testCompile)\b\s*+\(?\s*+(?:platform\s*+\()?\s*+["']"""
    r"""([\w.-]+):([\w.-]+)(?::([^"':@]+))?"""
)
_GRADLE_PLUGIN = re.compile(
    r"""^\s*(?:id\s*+\(?\s*+["']([\w.-]+)["']\)?|kotlin\s*+\(\s*+["'](\w+)["']\s*+\))"""
    r"""(?:\s*+version\s*+\(?\s*+["']([^"']+)["'])?"""
)
_GRADLE_VALUE = re.compile(r"""^\s*(group|version)\s*+=?\s*+["']([^"']+)["']""")
_NORMAL = re.compile(r"[-_.]+")

Reader: TypeAlias = Callable[[str, Places], Iterator[Fact]]


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
        found = list(reader(text, Places(text)))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, configparser.Error):
        return ()
    except expat.ExpatError:
        return ()
    facts: dict[Fact, None] = {}
    for stated in found:
        for one in (stated, *_implied(stated)):
            if one.value and one.subject:
                facts[one] = None
    return tuple(facts)[:MOST_FACTS]


def _implied(stated: Fact) -> Iterator[Fact]:
    """Name the framework or tool that a dependency stands for."""
    if stated.attribute != "dependency":
        return
    name = stated.subject.lower()
    for known_as, attribute in ((FRAMEWORKS, "framework"), (TOOLS, "tool")):
        known = known_as.get(name) or known_as.get(_NORMAL.sub("-", name))
        if known is None and (":" in name or "/" in name or "." in name):
            known = next(
                (
                    known_as[key]
                    for key in known_as
                    if len(key) > 6
                    and name.startswith(key)
                    and name[len(key) : len(key) + 1] in "/:.-"
                ),
                None,
            )
        if known:
            yield Fact(known, attribute, stated.value, stated.line)


def _package_json(text: str, places: Places) -> Iterator[Fact]:
    package = table(json.loads(text))
    kinds = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
    typed = any("typescript" in table(package.get(kind)) for kind in kinds)
    yield language("typescript" if typed else "javascript")
    yield from named(package, places)
    for name, wanted in table(package.get("engines")).items():
        yield fact(name, "requires", wanted, places.line("engines", f'"{name}"'))
    if isinstance(manager := package.get("packageManager"), str):
        name, _, version = manager.partition("@")
        yield fact(name, "tool", version.partition("+")[0] or "*", places.line("packageManager"))
    for kind in kinds:
        for name, wanted in table(package.get(kind)).items():
            yield dependency(name, wanted, places.line(f'"{kind}"', f'"{name}"'))


def _go_mod(text: str, places: Places) -> Iterator[Fact]:
    yield language("go")
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if words[:1] == ["module"] and len(words) > 1:
            yield fact(words[1], "name", words[1], number)
        elif words[:1] in (["go"], ["toolchain"]) and len(words) > 1:
            yield fact(words[0], "requires", words[1], number)
        elif "// indirect" not in line and (found := _GO_REQUIRE.match(line)):
            yield dependency(found[1], found[2], number)


def _cargo(text: str, places: Places) -> Iterator[Fact]:
    root = tomllib.loads(text)
    package, workspace = table(root.get("package")), table(root.get("workspace"))
    yield language("rust")
    yield from named(package, places)
    for key in ("edition", "rust-version"):
        if isinstance(wanted := package.get(key), str):
            yield fact(
                "rust",
                "requires",
                f"edition {wanted}" if key == "edition" else wanted,
                places.line(key),
            )
    for holder in (root, workspace):
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            yield from versioned(holder.get(kind), places, f"{kind}]")


def _gradle(text: str, places: Places) -> Iterator[Fact]:
    kotlin = False
    for number, line in enumerate(text.split("\n"), start=1):
        if found := _GRADLE_DEPENDENCY.match(line):
            yield dependency(f"{found[1]}:{found[2]}", found[3], number)
        elif found := _GRADLE_PLUGIN.match(line):
            plugin = found[1] or f"org.jetbrains.kotlin.{found[2]}"
            kotlin = kotlin or "kotlin" in plugin
            yield dependency(plugin, found[3], number)
        elif found := _GRADLE_VALUE.match(line):
            yield fact("project", "version" if found[1] == "version" else "name", found[2], number)
    yield language("kotlin" if kotlin else "java")


def _composer(text: str, places: Places) -> Iterator[Fact]:
    package = table(json.loads(text))
    yield language("php")
    yield from named(package, places)
    for kind in ("require", "require-dev"):
        for name, wanted in table(package.get(kind)).items():
            line = places.line(f'"{kind}"', f'"{name}"')
            if "/" in name:
                yield dependency(name, wanted, line)
            elif name == "php":
                yield fact("php", "requires", wanted, line)


def _gemfile(text: str, places: Places) -> Iterator[Fact]:
    yield language("ruby")
    for number, line in enumerate(text.split("\n"), start=1):
        if found := _GEM.match(line):
            yield dependency(
                found[1], found[2].replace('"', "").replace("'", "").strip(", "), number
            )
        elif line.startswith("ruby "):
            yield fact("ruby", "requires", line[5:].strip(" \"'"), number)


_READERS: Mapping[str, Reader] = {
    "pyproject.toml": pyproject,
    "setup.cfg": setup_cfg,
    "package.json": _package_json,
    "go.mod": _go_mod,
    "cargo.toml": _cargo,
    "pom.xml": pom,
    "build.gradle": _gradle,
    "build.gradle.kts": _gradle,
    "composer.json": _composer,
    "gemfile": _gemfile,
}
_READERS_BY_SUFFIX: Mapping[str, Reader] = {
    "csproj": csproj,
    "fsproj": csproj,
    "vbproj": csproj,
    "txt": requirements,
    "in": requirements,
}
