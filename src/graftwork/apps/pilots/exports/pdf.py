"""The report of a pilot as a PDF that can be handed to somebody who has no account.

Loads reportlab (0.3 s): import it where a report is written.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from graftwork import __version__
from graftwork.apps.pilots.exports import pdf_details as details
from graftwork.apps.pilots.exports import pdf_sections as sections
from graftwork.apps.pilots.exports import words
from graftwork.apps.pilots.exports.pdf_charter import charter as charter_section
from graftwork.apps.pilots.exports.pdf_layout import build, kept, text
from graftwork.apps.pilots.models import Pilot
from graftwork.core.appraisal.data import Appraisal

MARK = "SIMULATED"


def report(
    pilot: Pilot,
    appraisal: Appraisal,
    as_of: datetime,
    *,
    fingerprint: str = "",
    adoption: Sequence[tuple[str, str]] = (),
) -> bytes:
    """The pages, A4. The verdict comes first; "SIMULATED" stands on every page of a simulated pilot.

    `adoption` are rows of what and how much; `fingerprint` names the key that signs evidence files of this
    installation.
    """
    charter = pilot.as_charter
    under = f"Pilot {pilot.name} of the use case {pilot.use_case} · {_span(pilot)} · figures of {words.moment(as_of)}"
    story: list[Any] = [
        text(charter.title, "title"),
        text(under, "under"),
        *sections.verdict(appraisal, simulated=pilot.simulated),
        *sections.primary(appraisal, charter),
        *sections.over_time(appraisal, charter),
        *sections.guards(appraisal),
        *details.money(appraisal.money),
        *details.others(appraisal),
        *details.adoption(adoption),
        *details.notes(appraisal),
        kept(text("About this report", "h1"), text(_about(fingerprint), "note")),
        *charter_section(pilot),
    ]
    title = f"{charter.title}: pilot report"
    return build(
        story,
        title=title,
        author=", ".join(part for part in (charter.owner.name, charter.owner.department) if part) or "Graftwork",
        subject=f"{'Simulated pilot' if pilot.simulated else 'Pilot'} {pilot.name}, {words.day(as_of)}",
        foot=f"Graftwork {__version__} · {_charter(pilot)} · {words.moment(as_of)}",
        mark=MARK if pilot.simulated else "",
    )


def _charter(pilot: Pilot) -> str:
    return f"charter {pilot.charter_sha256[:16]}" if pilot.charter_sha256 else "charter not fixed yet"


def _span(pilot: Pilot) -> str:
    if pilot.started_at is None:
        return "not started"
    return f"{words.day(pilot.started_at)} to {words.day(pilot.ended_at or pilot.ends_at)}"


def _about(fingerprint: str) -> str:
    told = (
        "Intervals say how sure a figure is. The figures were added up from single reviews; this document can be "
        "changed by whoever has it. The evidence file of the pilot is signed and cannot be, unseen"
    )
    return f"{told}: its key has the fingerprint {fingerprint}." if fingerprint else f"{told}."
