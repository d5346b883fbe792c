"""What the gateway searches with by its own settings, and having it ready before the first request.

No Django here: words are read before anything else is loaded. Reading them takes twice the memory that they need in the
end, and what is free again by then serves all that comes later (measured: 20 MB of an idle process).
"""

from pathlib import Path

from graftwork.config.workspace import GatewaySettings, Workspace
from graftwork.core.engines.attachments import attachments_from_env
from graftwork.core.privacy.adapters.choice import DetectorChoice
from graftwork.core.privacy.adapters.opening import readers_for
from graftwork.core.privacy.assembly import detector_for
from graftwork.core.privacy.detector import Detector, Reader
from graftwork.core.privacy.searching import profile_of
from graftwork.gateway.engines import FILE_NAME, Engine, attached_engines, read_engines

# RE2 builds its automata while it reads, 5 ms a text at first. Of each form that requests have, some; all invented.
_TEXTS = (
    "Hello, this is Robin Ashdown from Northgate Lamps. My order {n} has not come; please call +44 20 7946 0{d}.",
    "Dear Ms Okafor, the card 4111 1111 1111 1111 was charged twice on {m}/05/2026. Write to r.ashdown{n}@example.com.",
    "Please send it to {n} Larkspur Road, Millbrook, MA 01{d}. IBAN: GB82 WEST 1234 5698 7654 32, reference {n}-B.",
    "Born on {m} March 1984, patient number {n}, seen by Dr. Lind at 10.0.{m}.{m} (https://example.com/{n}?id={d}).",
    "Summarise the text below in three sentences. The lamp arrived with a cracked shade, and would not switch on {n}.",
    '{{"name": "Robin Ashdown", "phone": "020 7946 0{d}", "password": "hunter{n}", "api_key": "sk-{n}{n}{n}{n}"}}',
)
_ROUNDS = 12


def engines_of(workspace: Workspace) -> list[Engine]:
    """Raises `SettingInvalid` or `EngineKeyMissing`."""
    return [*read_engines(workspace.folder / FILE_NAME), *attached_engines(attachments_from_env())]


def needs_guard(settings: GatewaySettings, engines: list[Engine]) -> bool:
    return settings.local == "masked" or any(engine.zone == "managed" for engine in engines)


def detector_of(folder: Path, settings: GatewaySettings, extra: tuple[Reader, ...] = ()) -> Detector:
    """Made once for the same settings. Raises a `PrivacyError` where a part of it is not there."""
    languages = [code.strip() for code in settings.languages.split(",") if code.strip()]
    profile = profile_of(settings.profile, folder)
    return detector_for(profile, languages, settings.ner, dictionaries_of(folder, settings), extra)


def readers_of(settings: GatewaySettings) -> tuple[Reader, ...]:
    """The service that is asked besides our own rules. Not asked by `prepare`: it may start later than the gateway."""
    if not settings.detector_url:
        return ()
    return readers_for([DetectorChoice(type="http", url=settings.detector_url)])


def dictionaries_of(folder: Path, settings: GatewaySettings) -> list[Path]:
    return [folder / settings.dictionary] if settings.dictionary else []


def prepare(workspace: Workspace) -> None:
    """Read the words of the first language, and have the automata built. The other languages wait for a text in them.

    Raises what `engines_of` and `detector_of` raise.
    """
    if not needs_guard(workspace.settings.gateway, engines_of(workspace)):
        return
    detector = detector_of(workspace.folder, workspace.settings.gateway)
    detector.warm()
    for number in range(_ROUNDS):
        for text in _TEXTS:
            detector.find(text.format(n=83_127 + 7_919 * number, d=110 + 37 * number, m=1 + number))
