"""Lanes (one a connector and direction), where items came from, what is on its way out, and what could not come in.

In the clear are names, states, times and counts. What a record said, and where it lies in its system, is sealed.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.work.models import Item, Review
from graftwork.core.ids import uuid7


class Direction(models.TextChoices):
    IN = "in", "in"
    OUT = "out", "out"


class Lane(models.Model):
    """One direction of one connector: where it stands, when it is next, and who is at it.

    `failures` counts those in a row, of either direction alone. `paused_at` is set by too many of them, and by the next
    success unset; `stopped_at` is set and unset by people. The lease makes sure that one worker is at it at a time.
    """

    connector = models.CharField(max_length=63)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    cursor = models.JSONField(null=True)
    not_before = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, default="", blank=True)
    error_message = models.CharField(max_length=500, default="", blank=True)
    tried_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    lease_owner = models.CharField(max_length=80, default="", blank=True)
    lease_expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connector", "direction"], name="one_lane_per_direction")]

    def __str__(self) -> str:
        return f"{self.connector} {self.direction}"


class Origin(models.Model):
    """Where an item came from: the connector that brought it, and what its system needs to find the place again."""

    item = models.OneToOneField(Item, primary_key=True, on_delete=models.CASCADE, related_name="origin")
    connector = models.CharField(max_length=63)
    origin_sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["connector"], name="origin_by_connector")]

    def __str__(self) -> str:
        return f"origin of item {self.item_id}"

    @property
    def label(self) -> str:
        return f"connectors.origin:{self.item_id}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "waiting to be sent"
    SENDING = "sending", "being sent"
    DELIVERED = "delivered", "delivered"
    DEAD = "dead", "could not be delivered"
    CONFLICT = "conflict", "changed there meanwhile"
    UNSURE = "unsure", "possibly sent"
    DROPPED = "dropped", "dropped by a person"


# What a person has to look at, and what holds up the later deliveries of the same item.
LETTERS = (DeliveryState.DEAD, DeliveryState.CONFLICT, DeliveryState.UNSURE)
UNFINISHED = (DeliveryState.WAITING, DeliveryState.SENDING, *LETTERS)


class Delivery(models.Model):
    """One decision on its way to one system: the outbox. Written in the transaction that stores the decision.

    The key of the row is what the target recognises it by. `unsure` says that an earlier try may have arrived. One that
    is not `certain` was written while the connector's file could not be read: it may not be wanted at all.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="deliveries")
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="deliveries")
    connector = models.CharField(max_length=63)
    event = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    not_before = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    certain = models.BooleanField(default=True)
    unsure = models.BooleanField(default=False)
    overwrite = models.BooleanField(default=False)
    error_code = models.CharField(max_length=60, default="", blank=True)
    error_message = models.CharField(max_length=500, default="", blank=True)
    reference = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "connector"], name="one_delivery_per_review_and_connector")
        ]
        indexes = [
            models.Index(
                fields=["connector", "state", "not_before", "id"],
                name="delivery_unfinished",
                condition=~Q(state__in=("delivered", "dropped")),
            )
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class Refusal(models.Model):
    """A record that could not become an item: kept, sealed, until a person has it read again or drops it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    connector = models.CharField(max_length=63)
    key_hash = models.CharField(max_length=64)
    scope_key = models.ForeignKey(ScopeKey, on_delete=models.PROTECT, related_name="+")
    record_sealed = models.BinaryField()
    error_code = models.CharField(max_length=60)
    error_message = models.CharField(max_length=500)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connector", "key_hash"], name="one_refusal_per_record")]

    def __str__(self) -> str:
        return f"refusal {self.pk}"

    @property
    def label(self) -> str:
        return f"connectors.refusal:{self.pk}"


class UploadState(models.TextChoices):
    STORED = "stored", "not imported yet"
    IMPORTING = "importing", "being imported"
    DONE = "done", "imported"
    FAILED = "failed", "stopped"


class Upload(models.Model):
    """A file that somebody brought, on its way to becoming items. `cursor` is where reading goes on.

    How it is read, and the file itself, are sealed under a key of their own, which goes when the import is through.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    use_case = models.CharField(max_length=63)
    form = models.CharField(max_length=5)
    size_bytes = models.PositiveBigIntegerField()
    name_sealed = models.BinaryField()
    scope_key = models.ForeignKey(ScopeKey, null=True, on_delete=models.PROTECT, related_name="+")
    plan_sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.STORED)
    cursor = models.JSONField(null=True)
    share = models.FloatField(default=0.0)
    created = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, default="", blank=True)
    error_message = models.CharField(max_length=500, default="", blank=True)
    stored_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=80, default="", blank=True)
    lease_expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "stored_at"], name="upload_by_state")]

    def __str__(self) -> str:
        return f"upload {self.pk}"

    def label(self, field: str) -> str:
        return f"connectors.upload.{field}:{self.pk}"


class UploadFile(models.Model):
    """The file of an upload, sealed: apart from it, since it may be large and is rarely wanted."""

    upload = models.OneToOneField(Upload, primary_key=True, on_delete=models.CASCADE, related_name="file")
    content_sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"file of upload {self.pk}"


class UploadRefusal(models.Model):
    """A row of an upload that could not become an item, and why; never what it says."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="refusals")
    line = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=500)

    class Meta:
        indexes = [models.Index(fields=["upload", "line"], name="refusal_by_line")]

    def __str__(self) -> str:
        return f"line {self.line} of upload {self.upload_id}"
