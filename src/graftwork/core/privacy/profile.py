"""A profile: which kinds of values a law or a company wants covered, each with its reason. One TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import cast

from graftwork.core.errors import ProfileInvalid, UnknownProfile, did_you_mean
from graftwork.core.privacy.finding import KINDS, Kind

_FOLDER = resources.files("graftwork.core.privacy") / "profiles"


@dataclass(frozen=True, slots=True)
class Profile:
    """`reasons` says of every kind it covers why, with the article or section where there is one."""

    name: str
    title: str
    reasons: Mapping[Kind, str]

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(self.reasons)


def load_profile(name: str) -> Profile:
    """A packaged profile by its name, or one of the company's by the path of its TOML file.

    Raises `UnknownProfile` or `ProfileInvalid`.
    """
    if name.endswith(".toml"):
        return _read(Path(name), Path(name).stem)
    if name not in profiles():
        raise UnknownProfile(name, did_you_mean(name, list(profiles())))
    return _read(_FOLDER / f"{name}.toml", name)


def profiles() -> tuple[str, ...]:
    """The names of the packaged profiles."""
    return tuple(sorted(file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if file.name.endswith(".toml")))


def _read(file: Traversable, name: str) -> Profile:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnknownProfile(name) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ProfileInvalid(str(file), "not UTF-8 TOML that can be read") from None
    reasons = data.get("kinds")
    if not isinstance(reasons, dict) or not reasons:
        raise ProfileInvalid(str(file), "the table `kinds` is missing or empty")
    for kind in reasons:
        if kind not in KINDS:
            raise ProfileInvalid(str(file), f"there is no kind `{kind}`{did_you_mean(kind, list(KINDS))}")
    return Profile(name, str(data.get("title", name)), {cast("Kind", kind): str(why) for kind, why in reasons.items()})
