"""The chain of audit entries. Written by `actions.record` only."""

from django.db import models


class AuditEntry(models.Model):
    """One write: who did what to which subject. `detail` is JSON without personal data, kept as it was hashed."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=100)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    detail = models.TextField(default="{}")
    mac = models.BinaryField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["subject"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.subject}"


class ChainHead(models.Model):
    """The one row that says where the chain ends; locking it puts concurrent writers in a line."""

    sequence = models.BigIntegerField(default=0)
    mac = models.BinaryField(max_length=32, default=bytes(32))

    def __str__(self) -> str:
        return f"head at {self.sequence}"
