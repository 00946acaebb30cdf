"""What the daemon asks of the composition root; `satchel.wiring.Satchel` stands behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from satchel.context.types import ChosenRecord, Conflict, Packet, Record

if TYPE_CHECKING:
    from satchel.context.aftermath import Asker
    from satchel.context.exchange import Imported
    from satchel.context.hide import Hit
    from satchel.context.remember import Remembered, Saying
    from satchel.context.succession import History
    from satchel.model.gateway import Gateway
    from satchel.tools.hook_forms import Told
    from satchel.wiring import Ask
    from satchel.wiring.hooks import Answer
    from satchel.wiring.packets import Told as KeptPacket


class Step(Protocol):
    """How far indexing is: a stage, and how much of it is done."""

    @property
    def stage(self) -> str: ...  # noqa: D102 - one noun each
    @property
    def done(self) -> int: ...  # noqa: D102
    @property
    def total(self) -> int: ...  # noqa: D102


class Summary(Protocol):
    """What an index run read and skipped."""

    @property
    def workspace(self) -> str: ...  # noqa: D102 - the absolute top of what was indexed


class Kept(Protocol):
    """What is kept of a workspace; counts are None where they cannot be read."""

    @property
    def workspace(self) -> str: ...  # noqa: D102 - the absolute top
    @property
    def records(self) -> int | None: ...  # noqa: D102
    @property
    def turns(self) -> int | None: ...  # noqa: D102 - of conversations
    @property
    def bytes(self) -> int: ...  # noqa: D102


class Memory(Protocol):
    """What can be asked of records: `satchel.wiring.remembering.Memory` tells what each does.

    Without a `path`, the records that hold everywhere are meant.
    """

    def remember(self, saying: Saying, *, path: str | None = None) -> Remembered:
        """Keep what somebody said, or fold it into the record that says the same."""
        ...

    def confirm(self, ids: Sequence[str], *, path: str | None) -> list[Remembered]:
        """Let the user stand by records that were mined or proposed."""
        ...

    def pin(self, ids: Sequence[str], *, path: str | None, off: bool = False) -> list[Record]:
        """Have records in every briefing that is not empty, or no more."""
        ...

    def supersede(self, old: str, new: str, *, path: str | None) -> Remembered:
        """Let a record, by its id or as a new text, take another's place."""
        ...

    def forget(self, ids: Sequence[str], *, path: str | None, source: str = "user") -> list[Record]:
        """Delete records truly; return what they were."""
        ...

    def recall(
        self, text: str, *, path: str, limit: int, as_of: str | None = None, closed: bool = False
    ) -> list[ChosenRecord]:
        """Find the records that fit a text, best first."""
        ...

    def records(
        self,
        path: str,
        *,
        kind: str | None = None,
        status: str | None = None,
        as_of: str | None = None,
    ) -> list[Record]:
        """List the records that hold for the workspace at `path`, newest first."""
        ...

    def history(self, record_id: str, *, path: str | None) -> History:
        """Tell a record's whole chain."""
        ...

    def conflicts(self, *, path: str) -> list[Conflict]:
        """Find the current records that contradict each other."""
        ...

    def forget_conversations(self, *, path: str) -> int:
        """Delete the conversations held in the workspace at `path`; return the turns deleted."""
        ...


class Archive(Protocol):
    """What is done with all records of a workspace at once."""

    def export(self, *, path: str, everywhere: bool = False) -> list[str]:
        """Return the lines of a file that holds them."""
        ...

    def take_in(self, file: str, *, path: str, trusted: bool = False) -> Imported:
        """Import such a file."""
        ...

    def scan(self, *, path: str, mask: bool = False) -> list[Hit]:
        """Look for secrets in what is kept, and mask them."""
        ...


class Hooks(Protocol):
    """What is asked for the hooks of clients: `satchel.wiring.hooks` tells what each does."""

    def answer(self, told: Told) -> Answer:
        """Return what is said at a moment of a session."""
        ...

    def delivered(self, answer: Answer) -> None:
        """Note that an answer was taken."""
        ...

    def keep(self, answer: Answer) -> None:
        """Write down what was noted."""
        ...

    def warm(self, folder: str) -> str:
        """Have a folder's workspace ready for the next prompt; return its top."""
        ...


class Packets(Protocol):
    """What was handed over and what happened next: `satchel.wiring.packets` tells more."""

    def listed(self, path: str, limit: int) -> tuple[str, list[KeptPacket]]:
        """Return a workspace's top and its packets, newest first."""
        ...

    def one(self, path: str, number: int) -> tuple[str, list[KeptPacket]]:
        """Return one packet."""
        ...

    def forget(self, path: str, number: int | None = None) -> int:
        """Delete a packet, or all of a workspace; return how many there were."""
        ...

    def forget_asked(self, path: str) -> None:
        """Delete the packets of conversations."""
        ...


class Engine(Protocol):
    """The calls that routes, the MCP adapter and the watcher make. All may come from any thread.

    All raise SatchelError for what a user can meet.
    """

    @property
    def memory(self) -> Memory:
        """What can be asked of records."""
        ...

    @property
    def archive(self) -> Archive:
        """What is done with records as a whole."""
        ...

    @property
    def packets(self) -> Packets:
        """What was handed over and what happened next."""
        ...

    @property
    def hooks(self) -> Hooks:
        """What is asked for the hooks of clients."""
        ...

    @property
    def gateway(self) -> Gateway:
        """The model endpoint; its calls belong to the loop that serves."""
        ...

    def index(self, path: str, progress: Callable[[Step], None], accept: bool) -> Summary:
        """Index the workspace at `path`; an exception out of `progress` stops the run cleanly."""
        ...

    def brief(
        self,
        text: str,
        path: str,
        *,
        budget: int | None,
        files: int,
        with_text: bool = False,
        session: str | None = None,
        diff: str | None = None,
        asker: Asker | None = None,
    ) -> Packet:
        """Answer a request with a packet; `budget` None means the setting's, `diff` is a pending
        edit that is held against what was decided; with an `asker` the packet is kept."""
        ...

    def forget_folder(self, path: str, *, dry_run: bool = False) -> Kept:
        """Withdraw the leave to read the workspace at `path` and delete all that is kept of it;
        a dry run only tells what that is. The folder itself may be gone."""
        ...

    def changed(self, top: str, paths: set[str] | None) -> None:
        """Read these again (relative to `top`, forward slashes).

        None says that much has changed, no path at all that nobody watched until now: both
        compare the whole tree.
        """
        ...

    def ask(self, ask: Ask) -> AsyncGenerator[dict[str, Any], None]:
        """Answer a question with a model, as events; closing the generator cancels."""
        ...

    async def models(self) -> Sequence[dict[str, Any]]:
        """Tell which models were found on this machine."""
        ...

    def workspaces(self) -> list[dict[str, Any]]:
        """List the workspaces that were accepted."""
        ...

    async def end_models(self) -> None:
        """End every child process that runs a model; called in the loop that started it."""
        ...

    def close(self) -> None:
        """Close the stores."""
        ...
