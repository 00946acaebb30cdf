"""The user's leave to read a folder: what may be accepted, what was, and taking it back."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from satchel.base.errors import BadInput, NotAccepted, SatchelError, unwritable
from satchel.base.paths import Home
from satchel.context.ingest import git
from satchel.context.store.records import RecordStore
from satchel.context.types import EVERYWHERE
from satchel.model.consent import InWorkspace
from satchel.model.grants import Store


def marker(home: Home, top: Path) -> Path:
    """Return the file that says that the user accepted a folder."""
    return home.workspace(top) / "workspace.json"


def records_path(home: Home, workspace: Path | None) -> Path:
    """Return the file of the records of a workspace, or of those that hold everywhere."""
    folder = home.workspace(workspace) if workspace else home.workspaces / EVERYWHERE
    return folder / "records.db"


def is_accepted(home: Home, top: Path) -> bool:
    """Tell whether the user has accepted that this folder is read."""
    return marker(home, top).is_file()


def accepted(home: Home) -> list[tuple[str, str]]:
    """Return (folder, since when) of every accepted workspace."""
    found = []
    for file in sorted(home.workspaces.glob("*/workspace.json")):
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            found.append((str(told["top"]), str(told["accepted"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def refuse_more_than_a_project(top: Path, home: Home) -> None:
    """Raise BadInput for a folder that is no project: the machine, the user's own folder or one
    above it, and what Satchel itself keeps."""
    own = home.root.resolve()
    person = Path.home().resolve()
    if top == Path(top.anchor):
        what = "the whole machine"
    elif top == person:
        what = "your whole home folder"
    elif top in person.parents:
        what = "a folder that holds your whole home folder"
    elif top == own or own in top.parents:
        what = "Satchel's own folder"
    else:
        return
    raise BadInput(
        "not-a-project",
        f"{top} is {what}, which is not read",
        "name a project folder, such as `satchel index PATH`",
    )


def accepted_top(path: str, home: Home) -> Path:
    """Return the accepted workspace that a path belongs to; the folder itself may be gone.

    Raises NotAccepted where there is none.
    """
    given = Path(path).resolve()
    top = _above(given, home)
    if top is None:
        raise NotAccepted(
            "not-accepted",
            f"{given} was not accepted",
            "`satchel index` there accepts it; `satchel doctor` lists the folders that were",
        )
    return top


def named_top(path: str, home: Home) -> Path:
    """Return the accepted workspace that a path names; the folder itself may be gone.

    Raises BadInput for a path inside of one, which need not exist, and NotAccepted where there is
    none.
    """
    given = Path(path).resolve()
    top = _above(given, home)
    if top is None:
        raise NotAccepted(
            "not-accepted",
            f"{given} was not accepted, so nothing is kept of it",
            "run `satchel doctor` to see the folders that were accepted",
        )
    if top != given:
        raise BadInput(
            "inside-a-workspace",
            f"{given} is inside {top}",
            f"name that, if all that is kept of it is to go: `satchel forget --folder {top}`",
        )
    return top


def _above(given: Path, home: Home) -> Path | None:
    """Return the accepted workspace at or above a folder, no further up than its repository."""
    for each in (given, *given.parents):
        if is_accepted(home, each):
            return each
        if git.is_top(each):
            break
    return None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one workspace. Counts are None where the store cannot be read."""

    workspace: str
    records: int | None
    turns: int | None  # of conversations
    bytes: int


def kept(home: Home, top: Path) -> Kept:
    """Look at what is kept of an accepted workspace, changing nothing."""
    counts: dict[str, int] = {"record": 0, "turn": 0}
    path = records_path(home, top)
    if path.exists():
        try:
            with closing(RecordStore(path)) as store:
                counts = store.counts()
        except SatchelError:
            counts = {}  # damaged: it can be thrown away all the same
    size = sum(file.stat().st_size for file in home.workspace(top).glob("*") if file.is_file())
    return Kept(str(top), counts.get("record"), counts.get("turn"), size)


def withdraw(home: Home, top: Path) -> None:
    """Take the user's leave back: the folder is not read again."""
    try:
        marker(home, top).unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(home.workspace(top), error) from error


def end_grants(home: Home, top: Path) -> None:
    """End what was permitted to leave of a workspace alone. Raises Broken where that is damaged."""
    store = Store(home)
    ids = {grant.id for grant in store.read() if grant.extent == InWorkspace(str(top))}
    if ids:
        store.revoke(ids)


def delete_kept(home: Home, top: Path) -> None:
    """Delete everything that is kept of a workspace whose stores are closed."""
    folder = home.workspace(top)
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise unwritable(folder, error) from error
