"""Pilots: their charters, who is in which arm, and what has been added up so far."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from graftwork.apps.work.models import Item
from graftwork.core.charter.schema import Charter


class PilotState(models.TextChoices):
    DRAFT = "draft", "being written"
    RUNNING = "running", "running"
    PAUSED = "paused", "paused"
    ENDED = "ended", "ended"


class Pilot(models.Model):
    """A use case with a charter, two arms and an end. The charter is fixed at the start; `salt` draws the arms.

    `simulated` marks one whose reviews nobody made: it counts only such, and every page says so.
    """

    name = models.CharField(max_length=63, unique=True)
    use_case = models.CharField(max_length=63)
    state = models.CharField(max_length=10, choices=PilotState.choices, default=PilotState.DRAFT)
    charter = models.JSONField()
    charter_sha256 = models.CharField(max_length=64, default="", blank=True)
    salt = models.CharField(max_length=64)
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    balance_alarm_at = models.DateTimeField(null=True)
    balance_checked_at = models.DateTimeField(null=True)
    # The file whose times of before are those in `BaselineTime`; empty where none was imported.
    baseline_sha256 = models.CharField(max_length=64, default="", blank=True)
    baseline_imported_at = models.DateTimeField(null=True)
    # When somebody last went on with making all sums anew; nobody else folds while that is fresh.
    rebuilding_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["use_case"],
                condition=Q(state__in=("running", "paused"), simulated=False),
                name="one_pilot_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"pilot {self.name}"

    @property
    def as_charter(self) -> Charter:
        return Charter.model_validate(self.charter)


class Amendment(models.Model):
    """A change of the charter after its start: what, why, when, by whom, and the digest of the charter after it."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="amendments")
    number = models.PositiveSmallIntegerField()
    changes = models.JSONField()  # [{"key": dotted path, "before": ..., "after": ...}]
    reason = models.CharField(max_length=1_000)
    charter_sha256 = models.CharField(max_length=64)
    amended_at = models.DateTimeField()
    amended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pilot", "number"], name="one_amendment_per_number")]

    def __str__(self) -> str:
        return f"amendment {self.number} of pilot {self.pilot_id}"


class Decision(models.Model):
    """What the owner decided, and the figures as they stood at that moment."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=10)  # go, extend, stop
    reason = models.CharField(max_length=1_000)
    figures = models.JSONField(default=dict)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.kind} for pilot {self.pilot_id}"


class Enrolment(models.Model):
    """An item that takes part. `unit` is a keyed digest of what was drawn, never a customer's name; `arm` never changes
    (it is empty until somebody decides on the item where reviewers are drawn). `folded` is what of the item is in the
    sums now, as {metric: [y, d]}, so that what is learned later replaces it.
    """

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="enrolments")
    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="enrolment")
    unit = models.CharField(max_length=64)
    bucket = models.PositiveSmallIntegerField()
    arm = models.CharField(max_length=10, default="", blank=True)
    item_type = models.CharField(max_length=200, default="", blank=True)
    covariate = models.FloatField(null=True)
    enrolled_at = models.DateTimeField()
    # The unit under which the item came again, where that was another one.
    moved_at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    reviewer = models.BigIntegerField(default=0)
    tenure = models.CharField(max_length=20, default="", blank=True)
    folded = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["pilot", "arm", "item"], name="enrolment_by_arm"),
            models.Index(fields=["pilot", "unit"], name="enrolment_by_unit"),
        ]

    def __str__(self) -> str:
        return f"enrolment of item {self.item_id}"


class Due(models.Model):
    """An item whose sums have to be looked at again: decided, taken back, or told of later."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["pilot", "due_at"], name="due_by_time")]

    def __str__(self) -> str:
        return f"due item {self.item_id}"


class Sums(models.Model):
    """The terms of `core.value.moments.Moments`."""

    units = models.FloatField(default=0)
    y = models.FloatField(default=0)
    d = models.FloatField(default=0)
    x = models.FloatField(default=0)
    yy = models.FloatField(default=0)
    dd = models.FloatField(default=0)
    xx = models.FloatField(default=0)
    yd = models.FloatField(default=0)
    yx = models.FloatField(default=0)
    dx = models.FloatField(default=0)

    class Meta:
        abstract = True


class Cell(Sums):
    """What one day added to the sums of a metric, for one arm."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="+")
    metric = models.CharField(max_length=80)
    arm = models.CharField(max_length=10)
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pilot", "metric", "arm", "day"], name="one_cell_per_day")]

    def __str__(self) -> str:
        return f"{self.metric} of pilot {self.pilot_id} on {self.day}"


class SegmentCell(Sums):
    """The sums of a metric within a part of the items, over all days: one reviewer (0: a program), tenure or type."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="+")
    metric = models.CharField(max_length=80)
    arm = models.CharField(max_length=10)
    dimension = models.CharField(max_length=20)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pilot", "metric", "arm", "dimension", "value"], name="one_cell_per_segment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} of pilot {self.pilot_id} in {self.dimension}"


class Bin(models.Model):
    """How many items have a value within a bin of `core.value.quantiles`; kept where the primary metric is a time."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="+")
    arm = models.CharField(max_length=10)
    bin = models.IntegerField()
    items = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pilot", "arm", "bin"], name="one_count_per_bin")]

    def __str__(self) -> str:
        return f"bin {self.bin} of pilot {self.pilot_id}"


class Oddity(models.Model):
    """How often something did not fit, by code: an implausible time, a clock that went back, an unknown item."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=60)
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pilot", "code"], name="one_count_per_oddity")]

    def __str__(self) -> str:
        return f"{self.code} in pilot {self.pilot_id}"


class UnknownOutcome(models.Model):
    """A row of an import that named an item which takes no part, as a keyed digest: made again, it counts once."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pilot", "digest"], name="one_unknown_outcome_per_row")]

    def __str__(self) -> str:
        return f"unknown outcome {self.pk}"


class BaselineTime(models.Model):
    """One handling time from before the pilot, imported."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="baseline")
    item_type = models.CharField(max_length=200, default="", blank=True)
    seconds = models.FloatField()
    day = models.DateField(null=True)

    def __str__(self) -> str:
        return f"baseline time {self.pk}"
