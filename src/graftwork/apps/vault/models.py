from django.db import models


class ScopeKey(models.Model):
    """The data key of one scope (a thread), wrapped by a master key. Without it the scope's content is unreadable."""

    scope = models.CharField(max_length=300, unique=True)
    master_key_id = models.CharField(max_length=20, db_index=True)
    wrapped = models.BinaryField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"key of {self.pk}"


class PlaceholderBook(models.Model):
    """The placeholders of one scope. When it expires its pages and its key go; `last_indexes` stays for a while, so
    that an old text's `[PERSON_1]` never means somebody else.
    """

    scope_sha256 = models.CharField(max_length=64, unique=True)
    scope_key = models.ForeignKey(ScopeKey, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    last_page = models.PositiveIntegerField(default=0)
    last_indexes = models.JSONField(default=dict)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="placeholder_book_expiry")]

    def __str__(self) -> str:
        return f"placeholders {self.pk}"


class PlaceholderPage(models.Model):
    """What one save added to a book, sealed.

    A turn of a thread writes what it brought, not the whole book again, and a document of 10,000 entities is one row.
    Each save takes the number after `last_page` of the book it has read. That is what keeps two processes from giving
    one placeholder two values: whoever comes second has read an old book, is refused, and reads again.
    """

    book = models.ForeignKey(PlaceholderBook, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "number"], name="one_placeholder_page_per_number")]

    def __str__(self) -> str:
        return f"page {self.number} of placeholders {self.book_id}"
