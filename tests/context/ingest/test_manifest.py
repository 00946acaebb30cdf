"""Manifests as facts, with the lines that state them."""

from __future__ import annotations

import pytest

from satchel.context.ingest.manifest import parse_manifest
from satchel.context.ingest.parse import parse
from satchel.context.types import Role

CASES = {
    "pyproject.toml": (
        """\
[project]
name = "bag"
version = "1.2"
requires-python = ">=3.11"
dependencies = [
    "flask[async]>=3,<4",
    "click",
]

[project.optional-dependencies]
dev = ["pytest>=8"]

[tool.ruff]
line-length = 100
""",
        {
            ("python", "language", "python", 1),
            ("bag", "name", "bag", 2),
            ("bag", "version", "1.2", 3),
            ("python", "requires", ">=3.11", 4),
            ("flask", "dependency", ">=3,<4", 6),
            ("Flask", "framework", ">=3,<4", 6),
            ("click", "dependency", "*", 7),
            ("pytest", "tool", ">=8", 11),
            ("Ruff", "tool", "configured", 13),
        },
    ),
    "poetry/pyproject.toml": (
        '[tool.poetry]\nname = "bag"\n[tool.poetry.dependencies]\npython = "^3.9"\n'
        'django = {version = "^5.0"}\n[tool.poetry.group.dev.dependencies]\nmypy = "*"\n',
        {
            ("bag", "name", "bag", 2),
            ("python", "requires", "^3.9", 4),
            ("Django", "framework", "^5.0", 5),
            ("mypy", "tool", "*", 7),
        },
    ),
    "setup.cfg": (
        "[metadata]\nname = bag\n[options]\npython_requires = >=3.8\ninstall_requires =\n"
        "    requests>=2\n    attrs\n[flake8]\nmax = 1\n",
        {
            ("python", "requires", ">=3.8", 4),
            ("requests", "dependency", ">=2", 6),
            ("attrs", "dependency", "*", 7),
            ("Flake8", "tool", "configured", 8),
        },
    ),
    "requirements-dev.txt": (
        "# for work\nDjango==5.0.1  # pinned\n-r base.txt\npytest\ngit+https://x/y\n",
        {("Django", "dependency", "==5.0.1", 2), ("Django", "framework", "==5.0.1", 2)}
        | {("pytest", "dependency", "*", 4)},
    ),
    "package.json": (
        '{\n  "name": "@a/bag",\n  "version": "2.0.0",\n  "engines": {"node": ">=20"},\n'
        '  "dependencies": {\n    "react": "^18",\n    "next": "14.1"\n  },\n'
        '  "devDependencies": {\n    "typescript": "^5",\n    "vitest": "^1"\n  }\n}\n',
        {
            ("typescript", "language", "typescript", 1),
            ("@a/bag", "version", "2.0.0", 3),
            ("node", "requires", ">=20", 4),
            ("React", "framework", "^18", 6),
            ("Next.js", "framework", "14.1", 7),
            ("Vitest", "tool", "^1", 11),
        },
    ),
    "go.mod": (
        "module example.org/bag\n\ngo 1.22\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.9.1\n"
        "\tgithub.com/x/y v0.1.0 // indirect\n)\nrequire github.com/go-chi/chi/v5 v5.0.0\n",
        {
            ("example.org/bag", "name", "example.org/bag", 1),
            ("go", "requires", "1.22", 3),
            ("github.com/gin-gonic/gin", "dependency", "v1.9.1", 6),
            ("Gin", "framework", "v1.9.1", 6),
            ("chi", "framework", "v5.0.0", 9),
        },
    ),
    "Cargo.toml": (
        '[package]\nname = "bag"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n'
        'tokio = { version = "1", features = ["full"] }\nserde = "1.0"\n',
        {
            ("rust", "requires", "edition 2021", 4),
            ("Tokio", "framework", "1", 7),
            ("serde", "dependency", "1.0", 8),
        },
    ),
    "pom.xml": (
        "<project>\n <artifactId>bag</artifactId>\n <version>1.0</version>\n <properties>\n"
        "  <java.version>21</java.version>\n </properties>\n <dependencies>\n  <dependency>\n"
        "   <groupId>org.springframework.boot</groupId>\n"
        "   <artifactId>spring-boot-starter</artifactId>\n   <version>3.2</version>\n"
        "  </dependency>\n </dependencies>\n</project>\n",
        {
            ("bag", "version", "1.0", 1),
            ("java", "requires", "21", 4),
            ("org.springframework.boot:spring-boot-starter", "dependency", "3.2", 8),
            ("Spring Boot", "framework", "3.2", 8),
        },
    ),
    "app/build.gradle.kts": (
        'plugins {\n    kotlin("jvm") version "2.0.0"\n    id("com.android.application")\n}\n'
        'dependencies {\n    implementation("io.ktor:ktor-server:2.3.1")\n'
        '    testImplementation("org.junit.jupiter:junit-jupiter:5.10")\n'
        '    implementation("org.springframework.security:spring-security-crypto:6.5.0")\n'
        '    implementation("org.springframework:spring-context:6.2.7")\n}\n',
        {
            ("kotlin", "language", "kotlin", 1),
            ("Android", "framework", "*", 3),
            ("Ktor", "framework", "2.3.1", 6),
            ("JUnit", "tool", "5.10", 7),
            ("Spring Security", "framework", "6.5.0", 8),
            ("Spring", "framework", "6.2.7", 9),
        },
    ),
    "composer.json": (
        '{\n "name": "a/bag",\n "require": {\n  "php": ">=8.1",\n'
        '  "laravel/framework": "^11"\n }\n}',
        {("php", "requires", ">=8.1", 4), ("Laravel", "framework", "^11", 5)},
    ),
    "Gemfile": (
        'source "https://x"\nruby "3.3.0"\ngem "rails", "~> 7.1", ">= 7.1.2"\ngem \'rspec\'\n',
        {
            ("ruby", "requires", "3.3.0", 2),
            ("Ruby on Rails", "framework", "~> 7.1, >= 7.1.2", 3),
            ("RSpec", "tool", "*", 4),
        },
    ),
    "src/Bag.csproj": (
        '<Project Sdk="Microsoft.NET.Sdk.Web">\n <PropertyGroup>\n'
        "  <TargetFramework>net8.0</TargetFramework>\n </PropertyGroup>\n <ItemGroup>\n"
        '  <PackageReference Include="xunit" Version="2.6" />\n </ItemGroup>\n</Project>\n',
        {
            ("ASP.NET Core", "framework", "*", 1),
            (".NET", "requires", "net8.0", 2),
            ("xUnit", "tool", "2.6", 6),
        },
    ),
}


@pytest.mark.parametrize("path", CASES)
def test_a_manifest_states_its_facts_with_their_lines(path: str) -> None:
    text, expected = CASES[path]
    found = {
        (one.subject, one.attribute, one.value, one.line) for one in parse_manifest(path, text)
    }
    assert expected <= found, found


@pytest.mark.parametrize("path", CASES)
def test_a_manifest_is_kept_as_text_too(path: str) -> None:
    parsed = parse(path, CASES[path][0])
    assert parsed.role is Role.MANIFEST
    assert parsed.passages
    assert parsed.facts


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project\n"),
        ("package.json", "{,}"),
        ("package.json", "[1]"),
        ("package.json", '{"dependencies": 3, "engines": []}'),
        ("package.json", "[" * 100_000),
        ("pom.xml", "<project><a></project>"),
        ("setup.cfg", "no section\n"),
        ("Cargo.toml", 'dependencies = "x"\npackage = 3\n'),
    ],
    ids=str,
)
def test_a_malformed_manifest_is_text_without_facts_about_needs(path: str, text: str) -> None:
    assert not [one for one in parse_manifest(path, text) if one.attribute == "dependency"]
    assert parse(path, text[:5_000]).passages


def test_entities_are_never_expanded() -> None:
    bomb = (
        '<?xml version="1.0"?>\n<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">\n'
        '<!ENTITY f SYSTEM "file:///etc/passwd">]>\n'
        "<project><artifactId>&f;</artifactId></project>"
    )
    assert parse_manifest("pom.xml", bomb) == ()
