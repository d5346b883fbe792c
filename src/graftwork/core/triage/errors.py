"""What can be wrong with decided clauses."""

from dataclasses import dataclass

from graftwork.core.errors import GraftworkError


@dataclass(eq=False)
class TriageError(GraftworkError):
    code = "triage"
    status = 422
    exit_code = 2


@dataclass(eq=False)
class PrecedentsUnreadable(TriageError):
    line: int
    problem: str
    code = "triage.precedents_unreadable"
    summary = "the decided clauses cannot be read: line {line}: {problem}"
    next_step = "Give a CSV with the columns `clause` and `rule`; an empty rule says that the clause is allowed."


@dataclass(eq=False)
class TooFewPrecedents(TriageError):
    breaking: int
    allowed: int
    code = "triage.too_few_precedents"
    summary = "{breaking} clauses that break a rule and {allowed} allowed ones are too few to learn from"
    next_step = "Decide at least two clauses of each sort; some fifty of each rule make the order useful."
