"""What a pilot is to the pages about money spent on it."""

from django.urls import reverse

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.hooks import PilotBrief
from graftwork.apps.pilots.pages.budget import planned
from graftwork.apps.pilots.queries import access_pilot


def brief(actor: Actor, name: str) -> PilotBrief:
    """Raises `NotFound` where it is not there or not theirs to see."""
    pilot = access_pilot(actor, name)
    charter = pilot.as_charter
    return PilotBrief(
        name=pilot.name,
        title=charter.title,
        use_case=pilot.use_case,
        currency=charter.money.currency,
        budget=planned(charter),
        simulated=pilot.simulated,
        url=reverse("pilots:pilot", args=[pilot.name]),
    )
