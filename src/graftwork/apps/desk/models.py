"""What the desk remembers of a person."""

from django.conf import settings
from django.db import models


class DeskPreferences(models.Model):
    """The shortcuts that a person chose; who has no row works with the defaults."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="desk_preferences"
    )
    shortcuts_enabled = models.BooleanField(default=True)
    shortcut_keys = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"desk preferences of user {self.user_id}"
