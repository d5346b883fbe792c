"""Sources, their documents, and what was made of them. The database is the truth; each process indexes it in memory.

What a document says is sealed (apps.vault) under the key of its source: text, title, passages and vectors. In the clear
are the names of sources and files, sizes, digests and counts.
"""

from django.db import models

from graftwork.apps.vault.models import ScopeKey
from graftwork.core.ids import uuid7

MAX_PATH_CHARACTERS = 600  # an index row of PostgreSQL takes 2,700 bytes, and a character up to four


class SourceKind(models.TextChoices):
    FOLDER = "folder", "a folder"
    FILE = "file", "a file"
    FEED = "feed", "a feed"


class Source(models.Model):
    """Where documents come from: a folder, a file, or a feed that programs fill. Without `groups` all may read it.

    `tried_at` is when somebody was last at refreshing it, `refreshed_at` when that last came to its end.
    """

    name = models.CharField(max_length=63, unique=True)
    kind = models.CharField(max_length=10, choices=SourceKind.choices)
    location = models.TextField(default="", blank=True)
    groups = models.JSONField(default=list)
    scope_key = models.ForeignKey(ScopeKey, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class DocumentState(models.TextChoices):
    READY = "ready", "ready"
    FAILED = "failed", "failed"


class SourceDocument(models.Model):
    """One document as it was read last; an attachment is a document of its own, with its `part` of the file at `path`.

    `stamp` is size and times of the file, to see cheaply that it did not change. `mark` is that of the document's last
    write: whoever holds an index knows by it which documents to take in again. `notices` are the codes alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="documents")
    path = models.CharField(max_length=MAX_PATH_CHARACTERS)
    part = models.CharField(max_length=60, default="", blank=True)
    name = models.CharField(max_length=MAX_PATH_CHARACTERS * 2)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    stamp = models.CharField(max_length=80, default="", blank=True)
    format = models.CharField(max_length=20, default="", blank=True)
    state = models.CharField(max_length=10, choices=DocumentState.choices)
    error_code = models.CharField(max_length=60, default="", blank=True)
    error_message = models.CharField(max_length=1_000, default="", blank=True)
    passages = models.PositiveIntegerField(default=0)
    notices = models.JSONField(default=list, blank=True)
    made_with = models.CharField(max_length=300, default="", blank=True)
    mark = models.CharField(max_length=32)
    stored_at = models.DateTimeField()
    content_sealed = models.BinaryField(null=True)
    chunks_sealed = models.BinaryField(null=True)
    vectors_sealed = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "path", "part"], name="one_document_per_path")]

    def __str__(self) -> str:
        return f"document {self.pk}"

    def label(self, field: str) -> str:
        return f"knowledge.document.{field}:{self.pk}"


class IndexRevision(models.Model):
    """The one row that every write changes. Locking it puts concurrent writers in a line.

    Indexes in memory follow the mark, not the count: after a backup is put back the count would come again.
    """

    revision = models.BigIntegerField(default=0)
    mark = models.CharField(max_length=32, default="")

    def __str__(self) -> str:
        return f"revision {self.revision}"


class Snapshot(models.Model):
    """A state of the index that was searched, named by its digest. `manifest` holds counts and names, no content."""

    digest = models.CharField(max_length=64, primary_key=True)
    manifest = models.JSONField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:12]
