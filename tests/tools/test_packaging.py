"""The packages for clients: what is committed is what is made, and names what there is."""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from satchel.context import mcp
from satchel.tools import clients, entries, packaging
from satchel.tools.client_rows import NAME, ON_PATH

ROOT = Path(__file__).parents[2]


def test_what_is_committed_is_what_is_made() -> None:
    assert packaging.stale(ROOT / "packaging") == [], (
        "run `python -m satchel.tools.packaging packaging`"
    )


def test_what_is_stale_missing_or_left_over_is_told_and_made_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "packaging"
    assert packaging.main([str(made)]) == 0
    (made / "server.json").write_text("{}")
    (made / "plugin" / "README.md").unlink()
    (made / "left.json").write_text("{}")
    assert packaging.main([str(made), "--check"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told == [f"{name} is stale" for name in ("left.json", "plugin/README.md", "server.json")]
    (made / "left.json").unlink()
    assert packaging.main([str(made)]) == 0
    assert packaging.main([str(made), "--check"]) == 0


def test_the_commands_that_packages_start_are_the_projects_own() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert {ON_PATH.serve[0], ON_PATH.hook[0]} <= scripts.keys()


def test_the_terms_are_the_projects_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == NAME
    assert project["license"] == packaging.LICENSE
    assert project["requires-python"] == packaging.PYTHON
    assert set(packaging.KEYWORDS) <= set(project["keywords"])


def test_the_bundle_names_the_tools_that_the_server_has() -> None:
    knowledge: Any = None  # listing asks nothing of it
    served = mcp.server(knowledge)._tool_manager.list_tools()
    assert [tool.name for tool in served] == list(packaging.TOOLS)


def test_the_readme_says_whose_registry_entry_the_package_is() -> None:
    assert packaging.readme_mark() in (ROOT / "README.md").read_text().splitlines()


def test_the_registry_would_take_the_entry() -> None:
    assert packaging.faults(packaging.registry()) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({"name": "satchel"}, "the name is not", id="no account"),
        pytest.param({"description": "x" * 101}, "the description has more", id="long"),
        pytest.param({"title": ""}, "the title has more than 100 characters, or none", id="none"),
        pytest.param({"version": "^1.0.0"}, "a version is not one version", id="a range"),
        pytest.param({"version": "9.9.9"}, "the versions differ", id="two versions"),
    ],
)
def test_what_the_registry_would_refuse_is_told(change: dict[str, str], told: str) -> None:
    found = packaging.faults(packaging.registry() | change)
    assert any(fault.startswith(told) for fault in found)


def test_a_bundle_is_the_same_bytes_every_time_and_holds_what_it_starts(tmp_path: Path) -> None:
    packaging.main([str(tmp_path / "p"), "--bundle", str(tmp_path / "satchel.mcpb")])
    packed = (tmp_path / "satchel.mcpb").read_bytes()
    assert packed == packaging.bundle()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert {"manifest.json", "pyproject.toml", manifest["server"]["entry_point"]} == set(
            archive.namelist()
        )
        project = tomllib.loads(archive.read("pyproject.toml").decode())["project"]
    assert project["dependencies"] == [f"satchel=={manifest['version']}"]


def test_the_plugins_hooks_are_those_of_every_client_that_takes_it() -> None:
    made = packaging.shared_hooks()
    for name in packaging.SHARED:
        hooks = clients.named(name).hooks
        assert hooks is not None
        for event, tools in hooks.events:
            [group] = made[event]
            assert set(tools.split("|")) <= set(group.get("matcher", "").split("|"))
            assert entries.hooks_in(group)
