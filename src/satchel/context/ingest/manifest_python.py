"""Python's manifests: pyproject.toml, setup.cfg, requirements."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterator

from satchel.context.ingest.frameworks import TOOLS
from satchel.context.ingest.manifest_parts import (
    REQUIREMENT,
    Places,
    dependency,
    fact,
    items,
    language,
    named,
    requirement,
    table,
    versioned,
)
from satchel.context.types import Fact


def pyproject(text: str, places: Places) -> Iterator[Fact]:
    """Read what packaging, Poetry and the tools state there."""
    root = tomllib.loads(text)
    project, tools = table(root.get("project")), table(root.get("tool"))
    poetry = table(tools.get("poetry"))
    if project or poetry:
        yield language("python")
    yield from named(project or poetry, places)
    if wanted := project.get("requires-python"):
        yield fact("python", "requires", wanted, places.line("requires-python"))
    for spelled in items(project.get("dependencies")):
        yield from requirement(spelled, places, "dependencies")
    for extra, spelled_all in table(project.get("optional-dependencies")).items():
        for spelled in items(spelled_all):
            yield from requirement(spelled, places, "optional-dependencies", extra)
    for group, spelled_all in table(root.get("dependency-groups")).items():
        for spelled in items(spelled_all):
            yield from requirement(spelled, places, "dependency-groups", group)
    groups = [poetry, *map(table, table(poetry.get("group")).values())]
    for group_table in groups:
        for key in ("dependencies", "dev-dependencies"):
            for each in versioned(group_table.get(key), places, "tool.poetry"):
                if each.subject == "python":
                    yield fact("python", "requires", each.value, each.line)
                else:
                    yield each
    for spelled in items(table(root.get("build-system")).get("requires")):
        if isinstance(spelled, str) and (found := REQUIREMENT.match(spelled)):
            yield fact(found[1], "tool", "build", places.line("build-system", spelled))
    for name in tools:
        if name in TOOLS:
            yield fact(TOOLS[name], "tool", "configured", places.line(f"[tool.{name}"))


def setup_cfg(text: str, places: Places) -> Iterator[Fact]:
    """Read what setuptools and the tools state there."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    if parser.has_section("metadata") or parser.has_section("options"):
        yield language("python")
    if parser.has_section("metadata"):
        yield from named(dict(parser["metadata"]), places)
    wanted = parser.get("options", "python_requires", fallback="")
    yield fact("python", "requires", wanted, places.line("python_requires"))
    required = parser.get("options", "install_requires", fallback="").splitlines()
    if parser.has_section("options.extras_require"):
        for extra in parser["options.extras_require"].values():
            required += extra.splitlines()
    for spelled in required:
        yield from requirement(spelled.strip(), places)
    for name in TOOLS:
        if parser.has_section(name) or parser.has_section(f"tool:{name}"):
            yield fact(TOOLS[name], "tool", "configured", places.line(f"{name}]"))


def requirements(text: str, places: Places) -> Iterator[Fact]:
    """Read a list of requirements; what is named by an address is left."""
    for number, line in enumerate(text.split("\n"), start=1):
        spelled = line.partition("#")[0].strip()
        if spelled[:1].isalnum() and "://" not in spelled and (found := REQUIREMENT.match(spelled)):
            yield dependency(found[1], found[2].strip(" ,"), number)
