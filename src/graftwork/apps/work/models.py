"""Items, drafts, reviews, outcomes. Content is sealed (apps.vault); what is in the clear serves to find and count."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from graftwork.apps.vault.models import ScopeKey
from graftwork.core.ids import uuid7


class Release(models.Model):
    """What served an item: engine, instructions, sampling, knowledge. Named by the digest of that, and never changed.

    `base` is the digest without the knowledge, which changes with every document; it is the use case's own.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    base = models.CharField(max_length=64, default="", db_index=True)
    use_case = models.CharField(max_length=63)
    manifest = models.JSONField()
    first_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.use_case} {self.digest[:12]}"


CONTROL = "control"  # the arm of a pilot whose items get no draft


class ItemState(models.TextChoices):
    WAITING = "waiting", "waiting for a draft"
    DRAFTING = "drafting", "being drafted"
    READY = "ready", "ready for review"
    FAILED = "failed", "without a draft"
    ESCALATED = "escalated", "escalated"
    DECIDED = "decided", "decided"


class Item(models.Model):
    """One piece of work. The lease says which worker drafts it, the claim which person reviews it; both expire."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    use_case = models.CharField(max_length=63)
    external_id = models.CharField(max_length=200)
    thread = models.CharField(max_length=200)
    scope_key = models.ForeignKey(ScopeKey, on_delete=models.PROTECT, related_name="+")
    content_sealed = models.BinaryField()
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.WAITING)
    created_at = models.DateTimeField()
    # Of a pilot: "assisted" or "control". A control item gets no draft; empty where no pilot said anything.
    arm = models.CharField(max_length=10, default="", blank=True)

    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, default="", blank=True)
    error_message = models.CharField(max_length=500, default="", blank=True)
    lease_owner = models.CharField(max_length=80, default="", blank=True)
    lease_expires_at = models.DateTimeField(null=True)

    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="claimed_items"
    )
    claim_expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["use_case", "external_id"], name="one_item_per_external_id")]
        indexes = [
            models.Index(fields=["use_case", "state", "id"], name="item_queue"),
            models.Index(fields=["state", "lease_expires_at"], name="item_lease"),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"

    @property
    def content_label(self) -> str:
        return f"work.item.content:{self.pk}"


class Draft(models.Model):
    """What a release wrote for an item. Never changed; the unique number makes each attempt happen once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="drafts")
    number = models.PositiveSmallIntegerField(default=1)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="drafts")
    text_sealed = models.BinaryField()
    notices = models.JSONField(default=list)
    engine = models.CharField(max_length=80)
    model = models.CharField(max_length=200)
    zone = models.CharField(max_length=10)
    finish_reason = models.CharField(max_length=10)
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    cached_tokens = models.PositiveIntegerField(null=True)
    first_token_ms = models.FloatField(null=True)
    total_ms = models.FloatField()
    cost = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    currency = models.CharField(max_length=3, default="", blank=True)
    created_at = models.DateTimeField()

    # How the item passed to its engine; empty where only local engines are declared. `masked` counts values by kind,
    # and is null where the engine saw the text as it is.
    route = models.JSONField(default=dict, blank=True)
    masked = models.JSONField(null=True)
    masked_item_sealed = models.BinaryField(null=True)
    masked_text_sealed = models.BinaryField(null=True)

    # What the draft was written from and checked against; null where neither was the case. `drew_on` names the sources,
    # each between commas, to find the drafts that have to be made again.
    grounds_sealed = models.BinaryField(null=True)
    drew_on = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="one_draft_per_number")]

    def __str__(self) -> str:
        return f"draft {self.number} of item {self.item_id}"

    @property
    def text_label(self) -> str:
        return f"work.draft.text:{self.pk}"

    @property
    def grounds_label(self) -> str:
        return f"work.draft.grounds:{self.pk}"

    def masked_label(self, field: str) -> str:
        return f"work.draft.masked_{field}:{self.pk}"


class ThreadRule(models.Model):
    """The strictest ruling that sensitive data brought on a thread: it holds for all that comes after."""

    scope_key = models.OneToOneField(ScopeKey, primary_key=True, on_delete=models.CASCADE, related_name="+")
    treatment = models.CharField(max_length=10)
    reason = models.CharField(max_length=300)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.treatment} for scope {self.scope_key_id}"


class MissedValue(models.Model):
    """A value that a reviewer saw and the search had not found. Sealed like the item it stands in.

    `everywhere` says that it is a word of the company's own: it is then masked wherever it stands.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(Item, null=True, on_delete=models.SET_NULL, related_name="missed_values")
    use_case = models.CharField(max_length=63)
    scope_key = models.ForeignKey(ScopeKey, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    value_sealed = models.BinaryField()
    context_sealed = models.BinaryField()
    context_hash = models.CharField(max_length=64)
    everywhere = models.BooleanField(default=False)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_key", "context_hash"], name="one_report_per_value_and_context")
        ]
        indexes = [models.Index(fields=["everywhere", "id"], name="missed_everywhere")]

    def __str__(self) -> str:
        return f"missed {self.kind} {self.pk}"

    def label(self, field: str) -> str:
        return f"work.missed.{field}:{self.pk}"


class SeededDraft(models.Model):
    """A draft with a statement known to be wrong, shown once in place of the item's own, to see whether it is noticed.

    It stands for one draft of the item, and is open while that is the latest, nobody has decided on it (`settled_at`)
    and it was not taken out again (`withdrawn_at`). It is kept after that: what holds its statement is never taken as
    an approval, however late it comes.
    """

    draft = models.OneToOneField(Draft, primary_key=True, on_delete=models.CASCADE, related_name="seed")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="seeds")
    text_sealed = models.BinaryField()
    statement_sealed = models.BinaryField()
    planted_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    noticed = models.BooleanField(null=True)
    active_seconds = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"seeded draft {self.draft_id}"

    def label(self, field: str) -> str:
        return f"work.seed.{field}:{self.draft_id}"


class DraftProgress(models.Model):
    """The text of a draft while it is being written, for the desk to show. Gone once the draft is there."""

    item = models.OneToOneField(Item, primary_key=True, on_delete=models.CASCADE, related_name="progress")
    text_sealed = models.BinaryField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"progress of item {self.item_id}"

    @property
    def text_label(self) -> str:
        return f"work.progress.text:{self.item_id}"


class Review(models.Model):
    """What a person decided, and what they changed. It takes effect when the time to undo it is over."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="reviews")
    draft = models.ForeignKey(Draft, null=True, on_delete=models.PROTECT, related_name="reviews")
    release = models.ForeignKey(Release, null=True, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="reviews")
    simulated = models.BooleanField(default=False)
    decision = models.CharField(max_length=10)
    reason = models.CharField(max_length=63, default="", blank=True)
    note_sealed = models.BinaryField(null=True)
    final_sealed = models.BinaryField(null=True)
    edit_script_sealed = models.BinaryField(null=True)
    share_rewritten = models.FloatField(null=True)
    active_seconds = models.FloatField(null=True)
    # The same with gaps of up to 30 s and of up to 120 s, to show what the cap of 60 s decides.
    active_seconds_30 = models.FloatField(null=True)
    active_seconds_120 = models.FloatField(null=True)
    wall_seconds = models.FloatField(null=True)
    thinking_seconds = models.FloatField(null=True)
    previous_state = models.CharField(max_length=10, choices=ItemState.choices)
    decided_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(undone_at__isnull=True) & ~Q(decision="escalated"),
                name="one_standing_decision_per_item",
            )
        ]
        indexes = [models.Index(fields=["effective_at"], name="review_by_time")]

    def __str__(self) -> str:
        return f"{self.decision} item {self.item_id}"

    def label(self, field: str) -> str:
        return f"work.review.{field}:{self.pk}"


class Outcome(models.Model):
    """What became of an item later, told by another system: reopened, solved at first contact, satisfaction."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="outcomes")
    kind = models.CharField(max_length=63)
    value = models.FloatField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "kind", "occurred_at"], name="one_outcome_per_kind_and_time")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of item {self.item_id}"


class IdempotentRequest(models.Model):
    """What was answered to a request under its idempotency key, so that a repeat gets the same answer."""

    actor = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    response = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="one_answer_per_idempotency_key")]

    def __str__(self) -> str:
        return f"request {self.pk}"
