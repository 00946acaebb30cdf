"""Which clients are installed, and which are connected: told by their files, starting nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from satchel.base.paths import Home
from satchel.tools import connected, joining
from satchel.tools.client_rows import ON_PATH, Client
from satchel.tools.clients import CLIENTS
from satchel.tools.connect import Surroundings, first, is_installed, wanted
from satchel.tools.connected import Part, State
from satchel.tools.disk import look
from satchel.tools.edit.change import Put
from satchel.tools.joining import WHOLE, LeftAlone
from satchel.tools.places import candidates


@dataclass(frozen=True, slots=True)
class Seen:
    """What is told of one client: whether it is here, and whether we are in its files."""

    client: Client
    installed: bool
    path: Path
    connected: bool
    hooked: bool | None  # None: it has no hooks
    project: bool
    trouble: str


def survey(here: Surroundings, home: Home, project: Path | None = None) -> list[Seen]:
    """Look at every client, at the user's own files and at those of a project."""
    state = connected.load(home)
    return [_seen(client, here, state, project) for client in CLIENTS]


def _seen(client: Client, here: Surroundings, state: State, project: Path | None) -> Seen:
    told: dict[bool, dict[Path, list[Part]]] = {}
    trouble = ""
    for in_project in (False, True):
        told[in_project] = {}
        if in_project and project is None:
            continue
        top = project if in_project else None
        for path, format_name, parts in wanted(client, here, ON_PATH, top):
            if path in told[False]:  # the user's own folder is no project
                continue
            try:
                content = look(path, top).content
            except LeftAlone as error:
                trouble = trouble or str(error)
                continue
            found = joining.strays(format_name, content, parts) if content is not None else ()
            held = state.files.get(str(path))
            if held is not None and format_name == WHOLE and content is not None:
                found = held.parts
            told[in_project][path] = list(found)
    parts = [part for found in told[False].values() for part in found]
    hooked = [part for part in parts if not isinstance(part.deed, Put)]
    in_projects = [part for found in told[True].values() for part in found]
    path = first(candidates(client.servers.user, here.roots, None))
    has_hooks = client.hooks is not None or client.name == "opencode"
    return Seen(
        client=client,
        installed=is_installed(client, here),
        path=path,
        connected=any(isinstance(part.deed, Put) for part in parts),
        hooked=bool(hooked) if has_hooks else None,
        project=bool(in_projects),
        trouble=trouble,
    )
