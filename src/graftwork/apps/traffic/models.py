"""What other applications send through the gateway: their keys, what each call was, what it used of a budget."""

from django.db import models

MANAGED = ("never", "masked", "allowed")


class VirtualKey(models.Model):
    """What an application shows instead of an engine's key. Only the SHA-256 of the secret is kept.

    Empty `use_cases` and `engines` mean all of them; an empty `managed` means what `[gateway]` says. A limit that is
    null does not limit. Money is in the currency of the engines' prices.
    """

    name = models.CharField(max_length=80, unique=True)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    tenant = models.CharField(max_length=80, default="", blank=True)
    use_cases = models.JSONField(default=list)
    engines = models.JSONField(default=list)
    managed = models.CharField(max_length=10, default="", blank=True, choices=[(one, one) for one in MANAGED])
    requests_per_minute = models.PositiveIntegerField(null=True)
    tokens_per_minute = models.PositiveIntegerField(null=True)
    tokens_per_day = models.PositiveBigIntegerField(null=True)
    tokens_per_month = models.PositiveBigIntegerField(null=True)
    money_per_day = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    money_per_month = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class BudgetUse(models.Model):
    """What one key used in one period: a day (`2026-11-22`) or a month (`2026-11`), UTC."""

    key = models.ForeignKey(VirtualKey, on_delete=models.CASCADE, related_name="budget_uses")
    period = models.CharField(max_length=10)
    requests = models.PositiveBigIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    money = models.DecimalField(max_digits=20, decimal_places=9, default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "period"], name="one_budget_use_per_period")]

    def __str__(self) -> str:
        return f"key {self.key_id} in {self.period}"


class CallRecord(models.Model):
    """One call through the gateway. What was not reported is null, never 0.

    `outcome` is `done`, `client_gone` or the code of an error. `content` holds what was sent to the engine and what it
    answered, sealed, and only where `gateway.record_content` asks for it.
    """

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    key = models.ForeignKey(VirtualKey, on_delete=models.CASCADE, related_name="calls")
    request_id = models.CharField(max_length=64)
    use_case = models.CharField(max_length=63, default="", blank=True)
    path = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    engine = models.CharField(max_length=63, default="", blank=True)
    zone = models.CharField(max_length=10, default="", blank=True)
    streamed = models.BooleanField()
    status = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=40)
    attempts = models.PositiveSmallIntegerField()
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    cached_tokens = models.PositiveIntegerField(null=True)
    cost = models.DecimalField(max_digits=20, decimal_places=9, null=True)
    currency = models.CharField(max_length=3, default="", blank=True)
    masked = models.TextField(default="{}")
    first_byte_ms = models.FloatField(null=True)
    total_ms = models.FloatField()
    overhead_ms = models.FloatField()
    content = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="calls_by_key")]

    def __str__(self) -> str:
        return f"{self.path} at {self.at}"
