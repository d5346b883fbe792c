"""The page docs/reference/systems.md: what each packaged system reads and writes, from its file and systems.toml."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from graftwork.systems.http.library import Described, DescribedSetting, describe

FILES = Path(str(resources.files("graftwork.systems.http.files")))
NOTES = Path(__file__).parent / "systems.toml"
HEADER = (
    "<!-- Written by `make docs` from `docs/systems.toml` and `src/graftwork/systems/http/files`. Edit those, then run "
    "`make docs`. -->\n\n"
)
ROWS = ("read", "written", "account", "limits")


def systems_page() -> str:
    """Raises `KeyError` where a file ships of which systems.toml says nothing."""
    notes = tomllib.loads(NOTES.read_text(encoding="utf-8"))
    systems = sorted((describe(file) for file in FILES.glob("*.toml")), key=lambda one: one.title.lower())
    sections = [_section(system, notes[system.name]) for system in systems]
    return HEADER + "\n".join([notes["introduction"].lstrip(), *sections])


def _section(system: Described, notes: Mapping[str, Any]) -> str:
    where = f" · <{system.docs_url}>" if system.docs_url else ""
    lines = [f"## {system.title}", "", f'`system = "{system.name}"` · {notes["version"]}{where}', ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {notes[name]} |" for name in ROWS), ""]
    lines += [*(f"- {trap}" for trap in notes["traps"]), ""] if notes["traps"] else []
    lines += ["| setting | | what it is |", "|---|---|---|"]
    lines += [f"| `{name}` | {_kind(one)} | {one.description} |" for name, one in system.settings.items()]
    return "\n".join(lines) + "\n"


def _kind(setting: DescribedSetting) -> str:
    if setting.secret:
        return "secret"
    if setting.required:
        return "required"
    return f"`{str(setting.default).lower() if isinstance(setting.default, bool) else setting.default}`"
