"""The settings that a text holds in: tests, production, notebooks. Pure."""

from __future__ import annotations

import re
from typing import Final

# A setting and the words that name it.
SETTINGS: Final = {
    "tests": "tests testing spec specs e2e fixture fixtures unittest tox",
    "production": "production prod live",
    "development": "development dev locally laptop",
    "documentation": "docs documentation readme doc guide glossary changelog",
    "ci": "ci workflow workflows",
    "notebooks": "notebook notebooks ipynb jupyter",
    "prototypes": "prototype prototypes throw-away throwaway spike poc experiment hackathon demo",
    "benchmarks": "benchmark benchmarks bench",
    "tools": "tool tools script scripts tooling",
    "examples": "example examples sample samples",
    "staging": "staging stage",
}
_SETTING_OF: Final = {word: name for name, words in SETTINGS.items() for word in words.split()}


def settings(text: str) -> frozenset[str]:
    """Return the settings that a text names: tests, production, notebooks, …"""
    lowered = (
        word.lower()
        for word in _SETTING.findall(_WHENCE.sub("", text) if "aptop" in text else text)
    )
    return frozenset(_SETTING_OF[word] for word in lowered if word in _SETTING_OF)


def is_everywhere(text: str) -> bool:
    """Tell whether a text says that it holds in all settings."""
    return _EVERYWHERE.search(text) is not None


_EVERYWHERE: Final = re.compile(
    r"\b(?:everywhere|anywhere|(?:all|every|any|each) (?:environment|stage|machine|build)s?)\b",
    re.IGNORECASE,
)
_SETTING: Final = re.compile(r"[\w-]+")
_WHENCE: Final = re.compile(r"\bfrom (?:my|your|his|her|a|the) (?:own )?laptop\b", re.IGNORECASE)
