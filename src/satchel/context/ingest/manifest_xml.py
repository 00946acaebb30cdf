"""Manifests in XML: Maven's pom.xml, and the projects of .NET."""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from satchel.context.ingest.manifest_parts import Places, dependency, fact, language
from satchel.context.types import Fact


def pom(text: str, places: Places) -> Iterator[Fact]:
    """Read what a Maven project states."""
    yield language("java")
    for path, values, line in _elements(text):
        group, artifact = values.get("groupId", ""), values.get("artifactId", "")
        version = values.get("version", "")
        if path.endswith("dependency") or path == "project/parent":
            yield dependency(f"{group}:{artifact}", version, line)
        elif path == "project":
            yield fact(artifact, "name", f"{group}:{artifact}".strip(":"), line)
            yield fact(artifact, "version", version, line)
        elif path == "project/properties":
            for key in ("java.version", "maven.compiler.release", "maven.compiler.source"):
                yield fact("java", "requires", values.get(key, ""), line)


def csproj(text: str, places: Places) -> Iterator[Fact]:
    """Read what a project of .NET states, in any of its languages."""
    yield language("csharp")
    for path, values, line in _elements(text):
        if path.endswith("PackageReference"):
            version = values.get("@Version") or values.get("Version", "")
            yield dependency(values.get("@Include", ""), version, line)
        elif path == "Project":
            if values.get("@Sdk", "").endswith(".Web"):
                yield fact("ASP.NET Core", "framework", "*", 1)
        elif path.endswith("PropertyGroup"):
            wanted = values.get("TargetFramework") or values.get("TargetFrameworks", "")
            yield fact(".NET", "requires", wanted, line)


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
