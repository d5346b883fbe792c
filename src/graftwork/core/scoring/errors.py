"""What can be wrong with the data of an evaluation. Messages name lines and keys, never what stands in a row."""

from dataclasses import dataclass

from graftwork.core.errors import GraftworkError


@dataclass(eq=False)
class ScoringError(GraftworkError):
    code = "scoring"
    status = 422
    exit_code = 2


@dataclass(eq=False)
class ExpectedInvalid(ScoringError):
    """The expected answer of one row has another form than it should. The other rows go on."""

    line: int
    reason: str
    code = "scoring.expected"
    summary = "line {line}: {reason}"
    next_step = "Mend the row; docs/how-to/evaluate.md lists the keys of `expected` and their types."


@dataclass(eq=False)
class EvaluationDataMissing(ScoringError):
    use_case: str
    file: str
    code = "scoring.no_data"
    status = 404
    summary = "use case `{use_case}` has no sample to be evaluated on ({file})"
    next_step = "Write that file, or name another one with --data; each row has the fields and an `expected`."


@dataclass(eq=False)
class NothingToScore(ScoringError):
    file: str
    code = "scoring.no_rows"
    summary = "{file}: no row can be evaluated"
    next_step = "See the reasons above; each row is a JSON object with the use case's fields and an `expected`."


@dataclass(eq=False)
class EvaluationSourcesMissing(ScoringError):
    use_case: str
    source: str
    folder: str
    code = "scoring.no_sources"
    status = 404
    summary = "use case `{use_case}` draws on the source `{source}`, which is neither in the workspace nor in {folder}"
    next_step = "Add it (`graftwork knowledge add`), or give --sources a folder that holds a folder `{source}`."


@dataclass(eq=False)
class QuestionsMayNotLeave(ScoringError):
    """Fails closed: what is looked up in folders would be embedded by somebody else's machine."""

    use_case: str
    code = "scoring.managed_embedding"
    status = 403
    summary = "the server that embeds is in the zone managed, and `privacy.managed` of `{use_case}` keeps items from it"
    next_step = "Use the embedded embedding model (leave `knowledge.embeddings_url` empty) for this evaluation."
