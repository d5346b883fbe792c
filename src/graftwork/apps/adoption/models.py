"""Whether people take up the help: who was invited, what they learned, how they feel about it, what they say.

Everything is counted by group; nothing here ranks people, and a survey's answer does not know whose it is.
"""

from uuid import uuid4

from django.conf import settings
from django.db import models


class Invitation(models.Model):
    """A person who is to work with a use case, from a day on. `works_since` is when they began with this work."""

    use_case = models.CharField(max_length=63)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    invited_at = models.DateTimeField()
    works_since = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["use_case", "user"], name="one_invitation_per_person")]

    def __str__(self) -> str:
        return f"user {self.user_id} invited to {self.use_case}"


class UseDay(models.Model):
    """What one person decided on drafts of a use case on one day (UTC). Kept as it happens, so no page scans reviews.

    `reviews` counts all decisions, `drafts` those that are no escalation, `accepted` those of them without a change.
    `tenure` is the band as it was known on the day (`core.adoption.tenure_band`): a date that is noted later moves no
    figure, since what it moved would be one person's.
    """

    use_case = models.CharField(max_length=63)
    simulated = models.BooleanField(default=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    tenure = models.CharField(max_length=20, default="", blank=True)
    reviews = models.IntegerField(default=0)
    drafts = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["use_case", "simulated", "user", "day"], name="one_use_day_per_person")
        ]
        indexes = [models.Index(fields=["use_case", "simulated", "day"], name="use_by_day")]

    def __str__(self) -> str:
        return f"use of {self.use_case} on {self.day}"


class Streak(models.Model):
    """How many of the last drafts of a use case went unused, one after the other.

    `before` is how many it was when the last used one ended it, in case that decision is taken back.
    """

    use_case = models.CharField(max_length=63)
    simulated = models.BooleanField(default=False)
    unused = models.PositiveIntegerField(default=0)
    before = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    used_review = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["use_case", "simulated"], name="one_streak_per_use_case")]

    def __str__(self) -> str:
        return f"{self.unused} unused of {self.use_case}"


class Module(models.Model):
    """A training module: what it is, how long it takes."""

    code = models.CharField(max_length=63, unique=True)
    title = models.CharField(max_length=200)
    text = models.TextField(default="", blank=True)  # Markdown, written by the company
    url = models.CharField(max_length=500, default="", blank=True)
    hours = models.FloatField(default=0)
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.code


class Requirement(models.Model):
    """Who has not completed the module may not review the use case, as the charter of its running pilot says."""

    use_case = models.CharField(max_length=63)
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="requirements")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["use_case", "module"], name="one_requirement_per_module")]

    def __str__(self) -> str:
        return f"module {self.module_id} for {self.use_case}"


class Completion(models.Model):
    """Somebody completed a module; `hours` as they took, planned where not told."""

    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="completions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    hours = models.FloatField()
    completed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["module", "user"], name="one_completion_per_person")]

    def __str__(self) -> str:
        return f"user {self.user_id} completed module {self.module_id}"


class Spend(models.Model):
    """Money that was spent on a pilot, against a kind of its budget."""

    pilot = models.CharField(max_length=63, db_index=True)
    kind = models.CharField(max_length=20)
    amount = models.FloatField()
    note = models.CharField(max_length=200, default="", blank=True)
    spent_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.kind} of pilot {self.pilot}"


class Survey(models.Model):
    """A pulse: five statements, open for some days, to those who are invited to a use case."""

    use_case = models.CharField(max_length=63, db_index=True)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"survey {self.pk}"


class SurveyTurn(models.Model):
    """That somebody has answered, and not what: the two are never stored together, nor in the same order."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="turns")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "user"], name="one_answer_per_person")]

    def __str__(self) -> str:
        return f"turn in survey {self.survey_id}"


class SurveyAnswer(models.Model):
    """How many gave a statement of a survey a value from 1 to 5. Counts only, so that no row is one person's."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=20)
    value = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "question", "value"], name="one_count_per_value")]

    def __str__(self) -> str:
        return f"{self.question} in survey {self.survey_id}"


class Feedback(models.Model):
    """What somebody said about the help, from the desk, for the pilot's owner. The text is sealed like an item's.

    Given without a name it has neither a user nor an item, and only a day.
    """

    # Random, not by time: the number of a nameless one must not say when it was given.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    use_case = models.CharField(max_length=63)
    item = models.UUIDField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    text_sealed = models.BinaryField()
    # Unreadable without its key, so it goes with it.
    scope_key = models.ForeignKey("vault.ScopeKey", on_delete=models.CASCADE, related_name="+")
    given_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["use_case", "given_at"], name="feedback_by_time")]

    def __str__(self) -> str:
        return f"feedback {self.pk}"

    @property
    def text_label(self) -> str:
        return f"adoption.feedback.text:{self.pk}"
