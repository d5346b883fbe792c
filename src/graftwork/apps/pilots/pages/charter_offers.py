"""What the form of a charter offers of the house it is written in."""

from graftwork.apps.actors import Actor
from graftwork.apps.pilots.pages.charter_page import Offered
from graftwork.apps.work.queries import visible_usecases


def offered(actor: Actor, chosen: str) -> Offered:
    """The use cases this person may see, and the input fields of the one that is chosen."""
    found = visible_usecases(actor)
    use_case = next((one for one in found if one.name == chosen), None)
    names = [(one.name, one.title or one.name) for one in found]
    if chosen and use_case is None:
        names.append((chosen, chosen))
    return Offered(tuple(names), tuple(use_case.input.fields) if use_case else ())
