from django.db import models


class ScopeKey(models.Model):
    """The data key of one scope (a thread), wrapped by a master key. Without it the scope's content is unreadable."""

    scope = models.CharField(max_length=300, unique=True)
    master_key_id = models.CharField(max_length=20, db_index=True)
    wrapped = models.BinaryField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"key of {self.pk}"
