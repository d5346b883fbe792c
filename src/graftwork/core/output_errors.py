"""What extraction cannot do."""

from dataclasses import dataclass

from graftwork.core.errors import GraftworkError


class ExtractionError(GraftworkError):
    """Base of the errors of structured extraction."""

    code = "extraction"
    status = 422
    exit_code = 2


@dataclass(eq=False)
class SchemaUnsupported(ExtractionError):
    """A schema that no form, no grammar and no evidence can be made of. `path` is a JSON pointer into the schema."""

    path: str
    reason: str
    code = "extraction.schema"
    summary = "the output schema cannot be held to evidence: `{path}` {reason}"
    next_step = "Make it of objects with properties, arrays with items, and strings, numbers, booleans or enums."
