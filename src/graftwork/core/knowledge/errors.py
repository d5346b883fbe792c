"""What goes wrong with knowledge.

KnowledgeError
├── EmbeddingUnavailable    the server for vectors does not answer
├── EmbeddingRefused        it answers, but not with vectors
├── SourceEmptied           the folder of a source with documents holds none any more
├── VectorsDiffer           stored vectors belong to another model
└── KnowledgeSurprise       the search failed in a way that nobody expected
"""

from dataclasses import dataclass

from graftwork.core.errors import GraftworkError


@dataclass(eq=False)
class KnowledgeError(GraftworkError):
    code = "knowledge"
    status = 503
    exit_code = 3


@dataclass(eq=False)
class EmbeddingUnavailable(KnowledgeError):
    server: str
    reason: str
    code = "knowledge.embedding_unavailable"
    summary = "{server}: gave no vectors: {reason}"
    next_step = "Check that the server runs and can be reached; what is indexed already stays."


@dataclass(eq=False)
class EmbeddingRefused(KnowledgeError):
    server: str
    reason: str
    code = "knowledge.embedding_refused"
    status = 502
    summary = "{server}: {reason}"
    next_step = "Check the model's name, the key and that the address is that of an OpenAI-compatible API."


@dataclass(eq=False)
class SourceEmptied(KnowledgeError):
    """A share that is not mounted is an empty folder too, so nothing is removed before somebody says so."""

    source: str
    folder: str
    code = "knowledge.source_emptied"
    status = 409
    exit_code = 2
    summary = "{source}: there is no document in {folder} any more; what was read from it before is kept"
    next_step = (
        "Check that the disk is mounted. Where the documents are gone for good: "
        "`graftwork knowledge refresh {source} --all-gone`, or `graftwork knowledge rm {source}`."
    )


@dataclass(eq=False)
class VectorsDiffer(KnowledgeError):
    expected: int
    found: int
    code = "knowledge.vectors_differ"
    status = 500
    summary = "vectors of {found} numbers do not fit an index of {expected}"
    next_step = "They were made by another model: index the source again."


@dataclass(eq=False)
class KnowledgeSurprise(KnowledgeError):
    kind: str
    code = "knowledge.surprise"
    status = 500
    summary = "the search in the sources failed with an unexpected {kind}"
    next_step = "Look into the log of the worker, and report what it says; the item waits for a person."
