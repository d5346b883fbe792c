"""The door to the pages of pilots."""

from graftwork.apps.accounts.door import FROM_SCRIPT, Visit, wants_fragment
from graftwork.apps.accounts.door import person_view as pilot_view

__all__ = ["FROM_SCRIPT", "Visit", "pilot_view", "wants_fragment"]
