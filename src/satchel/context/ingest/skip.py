"""Why a file is left out: where it stands, what it is called, what it holds. Tables and words."""

from __future__ import annotations

import re
from itertools import pairwise

from satchel.context.ingest.languages import is_manifest, is_prose, language_of

# Folders that hold other people's code, wherever they stand.
VENDORED = frozenset(
    {"node_modules", "bower_components", "jspm_packages", "site-packages", "dist-packages"}
    | {"third_party", "third-party", "thirdparty", "_vendor", "vendored", "__pypackages__"}
    | {"Pods", "Carthage", "__pycache__", "virtualenv", "venv"}
)
# These may be a first party's own words: they count at the top, and "vendor" among web assets.
_VENDORED_AT_TOP = frozenset({"vendor", "deps", "extern", "external", "externals"})
_ASSETS = frozenset({"js", "css", "static", "assets", "public", "lib", "libs", "javascripts"})
_SECRET_SUFFIXES = (".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk")
_SECRET_NAMES = frozenset(
    {".env", ".netrc", "_netrc", ".pgpass", ".htpasswd", ".pypirc", ".git-credentials"}
    | {"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"}
)
_ENV_EXAMPLES = (".example", ".sample", ".template", ".dist", ".defaults")


_BINARY = re.compile(
    r"\.(?:png|jpe?g|gif|bmp|ico|webp|avif|tiff?|psd|icns|cur"
    r"|mo|py[cod]|so(?:\.\d+)*|dylib|dll|exe|o|a|lib|class|jar|war|ear|wasm|node"
    r"|zip|t?gz|bz2|xz|lzma|zst|7z|rar|tar|whl|egg|iso|dmg|deb|rpm|apk"
    r"|pdf|docx?|xlsx?|pptx?|od[tsp]|ttf|otf|woff2?|eot|mp[34]|wav|ogg|flac|avi|mov|mkv|webm"
    r"|sqlite3?|db|bin|dat|np[yz]|pkl|pickle|parquet|onnx|pth?|gguf|safetensors|h5"
    r"|shp|shx|dbf|mmdb|ds_store)$"
)
_GENERATED = re.compile(
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum|package\.resolved"
    r"|packages\.lock\.json|(?:yarn|bun|poetry|uv|pdm|pipfile|cargo|composer|gemfile|podfile|flake"
    r"|mix|pubspec|deno)\.lock)$"
    r"|(?:[.-]min\.(?:m?js|css)|\.bundle\.js|\.map|\.pb\.(?:go|cc|h)|_pb2(?:_grpc)?\.pyi?"
    r"|\.g\.dart|\.(?:designer|g|generated)\.cs)$"
)
_DATA = re.compile(
    r"\.(?:po|pot|svg|csv|tsv|geojson|ipynb|arb|xliff|xlf|bdf|patch|diff|snap|lock)$"
)
_VALUES = re.compile(  # data where there is much of it
    r"\.(?:json[l5c]?|ndjson|xml|ya?ml|sql|html?|css|txt|log|plist|wkt|gml|kml|lst|dic|ini|toml)$"
)
DATA_AT_MOST = 200_000  # characters of a file of values
WORDS_AT_LEAST = 0.05  # spaces by characters in a .txt that somebody wrote

_GENERATED_HEAD = re.compile(
    r"""^[ \t]*(?://|\#|/\*|\*|--|;|<!--|%)
    (?:\W{0,9}@generated\b
      |.*?code\ generated\ .{0,80}do\ not\ edit
      |.*?generated\ code\ .{0,40}do\ not\ (?:edit|modify)
      |.*?(?:auto-?|automatically\ )generated.{0,80}(?:do\ not|don't)\ (?:edit|modify|change)
      |.*?this\ (?:file|code)\ (?:is|was)\ (?:auto-?|automatically\ )generated)""",
    re.I | re.M | re.X,
)
HEAD = 1_500  # characters in which a generator says so
LINE_AT_MOST = 10_000  # characters of a line of code that somebody wrote
PROSE_LINE_AT_MOST = 100_000
MEAN_LINE_AT_MOST = 250  # characters, of a file above MINIFIED_SIZE
MINIFIED_SIZE = 5_000


def by_place(path: str) -> str | None:
    """Say why a file is not opened, by where it stands."""
    if not path.isascii():
        try:
            path.encode("utf-8")
        except UnicodeEncodeError:
            return "name"
    if path.endswith("/"):
        return "submodule"  # git lists a repository within the repository as a folder
    if is_vendored(path):
        return "vendored"
    return "secret" if is_secret(path) else None


def by_name(path: str) -> str | None:
    """Say why a file is not read, by its name alone: "binary", "generated", "data"."""
    lowered = path.lower()
    if _BINARY.search(lowered):
        return "binary"
    if _GENERATED.search(lowered):
        return "generated"
    return "data" if _DATA.search(lowered) else None


def by_text(path: str, text: str) -> str | None:
    """Say why a text is not kept: nobody wrote it by hand, or it is a mass of values."""
    manifest = is_manifest(path)
    if len(text) > DATA_AT_MOST and not manifest and _VALUES.search(path.lower()):
        written = path.endswith(".txt") and text.count(" ") > WORDS_AT_LEAST * len(text)
        if not written:
            return "data"
    longest = max(map(len, text.split("\n")))
    if is_prose(path) and not manifest:
        return "data" if longest > PROSE_LINE_AT_MOST else None
    mean = len(text) / (text.count("\n") + 1)
    if longest > LINE_AT_MOST or (len(text) > MINIFIED_SIZE and mean > MEAN_LINE_AT_MOST):
        return "generated"
    head = text[:HEAD]
    is_code = language_of(path, head.partition("\n")[0]) is not None
    return "generated" if is_code and _GENERATED_HEAD.search(head) else None


def is_vendored(path: str) -> bool:
    """Tell whether a path lies in a folder of other people's code."""
    folders = path.split("/")[:-1]
    if not VENDORED.isdisjoint(folders):
        return True
    if folders and folders[0] in _VENDORED_AT_TOP:
        return True
    return "vendor" in folders and any(
        folder == "vendor" and before in _ASSETS for before, folder in pairwise(folders)
    )


def is_secret(path: str) -> bool:
    """Tell whether a file is there to hold a secret: an environment file, a private key."""
    name = path.rpartition("/")[2].lower()
    if name in _SECRET_NAMES or name.endswith(_SECRET_SUFFIXES):
        return True
    return name.startswith(".env.") and not name.endswith(_ENV_EXAMPLES)
