"""Errors of connectors: their files, their secrets, and the systems they reach.

    ConnectorError
    ├── ConnectorNotFound, ConnectorUnreadable, ConnectorUnknownKey, ConnectorInvalid    the file
    ├── SecretMissing, DriverMissing                                                     what it needs
    ├── NotWanted            a decision that its file does not ask for any more
    ├── CallRefused                                                                      a system that calls us
    └── TargetError
        ├── TargetDown      nothing gets through at the moment: all of it waits
        ├── TargetDenied    our account is not let in: all of it waits, and a person is told at once
        ├── TryFailed       this one did not work out; tried again later
        ├── Rejected        the target will never take this one: a person looks at it
        ├── Conflict        the place has changed since it was read: a person decides
        └── Unsure          it may have arrived, and nobody can tell: a person decides

A field never holds a secret, a URL with a password, or what a record says. Of a target's own words only codes and
statuses may be shown: its messages quote what it was sent.
"""

from dataclasses import dataclass

from graftwork.core.errors import GraftworkError


class ConnectorError(GraftworkError):
    code = "connector"
    status = 422
    exit_code = 2


@dataclass(eq=False)
class ConnectorNotFound(ConnectorError):
    name: str
    nearest: str = ""
    code = "connector.not_found"
    status = 404
    summary = "there is no connector `{name}`{nearest}"
    next_step = "`graftwork connectors status` names those there are; each is a file in the folder connectors/."


@dataclass(eq=False)
class ConnectorUnreadable(ConnectorError):
    file: str
    reason: str
    code = "connector.unreadable"
    summary = "{file} cannot be read: {reason}"
    next_step = "Mend the file; `graftwork connectors check NAME` reads it again."


@dataclass(eq=False)
class ConnectorUnknownKey(ConnectorError):
    file: str
    key: str
    nearest: str = ""
    code = "connector.unknown_key"
    summary = "{file}: unknown key `{key}`{nearest}"
    next_step = "Rename or remove it; docs/reference/connectors.md lists every key."


@dataclass(eq=False)
class ConnectorInvalid(ConnectorError):
    file: str
    key: str
    reason: str
    code = "connector.invalid"
    summary = "{file}: `{key}` {reason}"
    next_step = "Mend the file; `graftwork connectors check NAME` reads it again."


@dataclass(eq=False)
class SystemUnknown(ConnectorError):
    file: str
    system: str
    nearest: str = ""
    code = "connector.system_unknown"
    summary = "{file}: there is no system `{system}`{nearest}"
    next_step = "`graftwork connectors systems` lists those that ship; your own is a file in connectors/systems/."


@dataclass(eq=False)
class SecretMissing(ConnectorError):
    place: str
    code = "connector.secret_missing"
    summary = "the secret at {place} is missing or empty"
    next_step = "Set the variable, or write the file, for the process that runs the connector; then check it again."


@dataclass(eq=False)
class DriverMissing(ConnectorError):
    system: str
    package: str
    extra: str
    code = "connector.driver_missing"
    exit_code = 1
    summary = "{system} needs the Python package {package}, which is not installed"
    next_step = "pip install 'graftwork[{extra}]'"


@dataclass(eq=False)
class NotWanted(ConnectorError):
    name: str
    code = "connector.not_wanted"
    summary = "the file of `{name}` does not ask for this decision any more"
    next_step = "Mend `use_case`, `push.on` or `push.of` in the file and replay it, or drop it."


@dataclass(eq=False)
class CallRefused(ConnectorError):
    """`answer` is 401 for a signature that does not hold, 409 for an old call, 413 for a large one, else 400 or 404."""

    reason: str
    answer: int = 400
    code = "connector.call_refused"
    status = 400
    summary = "the call was refused: {reason}"
    next_step = "Compare the secret, the clock and the form of the call with the connector's file."


class TargetError(ConnectorError):
    """What a connected system answered, or that it did not. Raised by systems only."""

    code = "connector.target"
    status = 502
    exit_code = 1


@dataclass(eq=False)
class TargetDown(TargetError):
    """Says nothing about the one record or delivery: all wait. `retry_after_seconds` is what the target asked for.

    `ours` where nothing is wrong there: the rate that the connector's file allows is used up until then.
    """

    reason: str
    retry_after_seconds: float | None = None
    ours: bool = False
    code = "connector.down"
    status = 503
    summary = "the system cannot be reached or asks us to wait: {reason}"
    next_step = "Nothing is lost: it is tried again by itself, later each time."


@dataclass(eq=False)
class TargetDenied(TargetError):
    reason: str
    code = "connector.denied"
    summary = "the system does not let us in: {reason}"
    next_step = "Check the account, its rights and the secret; `graftwork connectors check NAME` tries them."


@dataclass(eq=False)
class TryFailed(TargetError):
    """`unsure` where the target may have acted before it failed."""

    reason: str
    unsure: bool = False
    retry_after_seconds: float | None = None
    code = "connector.try_failed"
    summary = "the system failed at this one: {reason}"
    next_step = "It is tried again by itself; after the last try it waits for a person among the dead letters."


# Of a `TryFailed`: this process slept for longer than its lease, and another one may be at the same delivery by now.
LATE = "it was not sent: the time for this try is over"


@dataclass(eq=False)
class Rejected(TargetError):
    reason: str
    code = "connector.rejected"
    summary = "the system refuses this one: {reason}"
    next_step = "Mend what it refuses, in the connector's file or in the system, then replay it."


@dataclass(eq=False)
class Conflict(TargetError):
    """`changed` names columns or fields, never their values."""

    changed: str
    code = "connector.conflict"
    status = 409
    summary = "the place was changed by somebody since it was read: {changed}"
    next_step = "Nothing was overwritten. Look at the system, then deliver it anyway or drop it."


@dataclass(eq=False)
class Unsure(TargetError):
    reason: str
    code = "connector.unsure"
    summary = "this may have been delivered already: {reason}"
    next_step = "Look at the system, then say that it has arrived, or send it again."
