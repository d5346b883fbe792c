"""Every error that Graftwork raises on purpose.

    GraftworkError
    ├── UseCaseError        the use-case file, or what it asks for
    ├── InputError          a row, a file or a request that we were given
    ├── EngineError         what generates, and the models it needs
    ├── StoreError          database, disk, keys, audit chain
    ├── AccessError         who may do what
    ├── ConflictError       somebody else was first
    ├── PrivacyError        sensitive text that cannot be found or masked safely
    ├── PilotError          a charter, and what may become of a pilot
    └── GatewayError        a request to the gateway, and the engines behind it

Each class has a stable `code` (never renamed; tests compare them with the docs), an HTTP `status`, an `exit_code` for
the command line, a `summary` that names the value and the cause, and a `next_step`. Summaries are filled from the
fields of the error only, and no field may hold the text of an item, a draft or a person.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar


@dataclass(eq=False)
class GraftworkError(Exception):
    """Base of the tree: catch it to handle every error that is not a bug."""

    code: ClassVar[str] = "graftwork"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    summary: ClassVar[str] = "something went wrong"
    next_step: ClassVar[str] = ""

    @property
    def message(self) -> str:
        return self.summary.format(**self.__dict__)

    @property
    def hint(self) -> str:
        return self.next_step.format(**self.__dict__)

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}".strip()


@dataclass(eq=False)
class InternalError(GraftworkError):
    """A bug, as it is shown: the request's id finds it in the log, and nothing else is told."""

    request_id: str
    code = "internal"
    summary = "something went wrong here; this is a bug (request {request_id})"
    next_step = "Look for {request_id} in the log of the web process, and report what it says."


# --- use case ---------------------------------------------------------------------------------------------------------


class UseCaseError(GraftworkError):
    code = "usecase"
    status = 422
    exit_code = 2


@dataclass(eq=False)
class UseCaseNotFound(UseCaseError):
    name: str
    nearest: str = ""
    code = "usecase.not_found"
    status = 404
    summary = "there is no use case `{name}`{nearest}"
    next_step = "`graftwork usecase list` names those there are; `graftwork new {name}` starts one."


@dataclass(eq=False)
class UseCaseUnknownKey(UseCaseError):
    file: str
    key: str
    nearest: str = ""
    code = "usecase.unknown_key"
    summary = "{file}: unknown key `{key}`{nearest}"
    next_step = "Rename or remove it; `graftwork usecase schema` lists every key."


@dataclass(eq=False)
class UseCaseInvalid(UseCaseError):
    file: str
    key: str
    reason: str
    code = "usecase.invalid"
    summary = "{file}: `{key}`: {reason}"
    next_step = "Mend the value, then run `graftwork usecase check {file}`."


@dataclass(eq=False)
class UseCaseUnreadable(UseCaseError):
    file: str
    reason: str
    code = "usecase.unreadable"
    summary = "{file}: {reason}"
    next_step = "A use-case file is UTF-8 TOML; `graftwork new NAME` writes one to start from."


@dataclass(eq=False)
class UseCaseExists(UseCaseError):
    file: str
    code = "usecase.exists"
    status = 409
    summary = "{file} is there already, and is left as it is"
    next_step = "Choose another name, or edit that file."


@dataclass(eq=False)
class TemplateUnknownField(UseCaseError):
    file: str
    field: str
    nearest: str = ""
    code = "usecase.template_field"
    summary = "{file}: the instructions use `{{{{ {field} }}}}`, which is neither an input field nor a file{nearest}"
    next_step = "Declare it under [input.fields] or [instructions.files]."


# --- input ------------------------------------------------------------------------------------------------------------


class InputError(GraftworkError):
    code = "input"
    status = 422
    exit_code = 2


@dataclass(eq=False)
class InputNotFound(InputError):
    path: str
    code = "input.not_found"
    status = 404
    summary = "{path}: no such file or folder"
    next_step = "Check the path."


@dataclass(eq=False)
class InputEmpty(InputError):
    path: str
    code = "input.empty"
    summary = "{path}: the file is empty"
    next_step = "Check that the export that wrote it finished."


@dataclass(eq=False)
class InputFormatUnknown(InputError):
    path: str
    code = "input.format"
    summary = "{path}: not a format that can be read"
    next_step = "Give .jsonl, .csv, .xlsx, .eml, .mbox or a folder of these, or name it with --format."


@dataclass(eq=False)
class InputEncodingUnknown(InputFormatUnknown):
    encoding: str
    code = "input.encoding"
    summary = "{path}: the text is in {encoding}"
    next_step = "Save it as UTF-8 and run again."


@dataclass(eq=False)
class InputHeaderInvalid(InputError):
    path: str
    reason: str
    code = "input.header"
    summary = "{path}: the header {reason}"
    next_step = "The first line of a CSV file names each column once; mend it and run again."


@dataclass(eq=False)
class InputUnreadable(InputError):
    path: str
    reason: str
    code = "input.unreadable"
    summary = "{path}: cannot be read ({reason})"
    next_step = "Check that it is a regular file or a folder, and that this user may read it."


@dataclass(eq=False)
class InputChanged(InputError):
    path: str
    code = "input.changed"
    status = 409
    summary = "{path}: not the input, or not the use case, that the run to be resumed began with"
    next_step = "Give back what it began with, or start again with another --output."


@dataclass(eq=False)
class OutputExists(InputError):
    path: str
    code = "input.output_exists"
    status = 409
    summary = "{path}: the output file is there already"
    next_step = "Add --resume to continue it, or choose another --output."


@dataclass(eq=False)
class ExportExists(OutputExists):
    code = "export.exists"
    next_step = "Add --force to replace it, or choose another --output."


@dataclass(eq=False)
class OutputChanged(InputError):
    path: str
    code = "input.output_changed"
    status = 409
    summary = "{path}: shorter than what this run has written to it"
    next_step = "Put the file back, or choose another --output: what was drafted is stored, and not drafted again."


@dataclass(eq=False)
class OutputUnwritable(InputError):
    path: str
    reason: str
    code = "input.output_unwritable"
    summary = "{path}: cannot be written ({reason})"
    next_step = "Name a file in a folder that this user may write to with --output; what was drafted is stored."


@dataclass(eq=False)
class OutputComplete(InputError):
    path: str
    code = "input.output_complete"
    status = 409
    summary = "{path}: there is nothing to resume: the run was complete, or this is not the output of a run"
    next_step = "Choose another --output, or delete this one and run without --resume."


@dataclass(eq=False)
class OutputBusy(InputError):
    path: str
    code = "input.output_busy"
    status = 409
    summary = "{path}: another run is writing to it"
    next_step = "Wait for it, stop it, or choose another --output."


@dataclass(eq=False)
class RowRejected(InputError):
    """One row that cannot become an item; the run goes on without it."""

    line: int
    reason: str
    code = "input.row"
    summary = "row {line}: {reason}"
    next_step = "Mend the row in the input and run it again: rows that were drafted are answered from the store."


@dataclass(eq=False)
class ItemTooLong(InputError):
    characters: int
    limit_tokens: int
    code = "input.too_long"
    summary = "the item has {characters} characters and does not fit the engine's {limit_tokens} tokens"
    next_step = 'Set `limits.too_long = "truncate"` in the use case, or use an engine with a longer context.'


@dataclass(eq=False)
class RequestInvalid(InputError):
    field: str
    reason: str
    code = "input.request"
    summary = "`{field}`: {reason}"
    next_step = "The reference at /api/v1/docs says what it takes."


@dataclass(eq=False)
class RequestTooLarge(InputError):
    limit_bytes: int
    code = "input.request_too_large"
    status = 413
    summary = "the request is larger than {limit_bytes} bytes"
    next_step = "Send fewer items in one request, or raise `web.max_request_bytes` in graftwork.toml."


@dataclass(eq=False)
class PathUnknown(InputError):
    code = "input.path"
    status = 404
    summary = "there is nothing at this path"
    next_step = "The reference at /api/v1/docs lists every path; they have no slash at their end."


@dataclass(eq=False)
class MethodUnknown(InputError):
    allowed: str
    code = "input.method"
    status = 405
    summary = "this path does not take that method"
    next_step = "It takes {allowed}."


@dataclass(eq=False)
class ContentTypeWrong(InputError):
    code = "input.content_type"
    status = 415
    summary = "the body is not announced as JSON"
    next_step = "Send it with the header `Content-Type: application/json`."


# --- privacy: files ---------------------------------------------------------------------------------------------------


class FormError(InputError):
    """A file that cannot be masked or restored. Nothing of it is written."""

    code = "form"


@dataclass(eq=False)
class FormUnknown(FormError):
    path: str
    reason: str
    code = "form.unknown"
    summary = "{path}: not a file that can be masked ({reason})"
    next_step = "Save it as text, CSV, JSON, HTML, DOCX, PDF or .eml, or leave it out."


@dataclass(eq=False)
class FormBroken(FormError):
    path: str
    reason: str
    code = "form.broken"
    summary = "{path}: {reason}"
    next_step = "Mend the file, or save it anew from the program that wrote it."


@dataclass(eq=False)
class FormTooLarge(FormError):
    path: str
    reason: str
    code = "form.too_large"
    summary = "{path}: {reason}"
    next_step = "Split the file, or save it in a form that can be read line by line."


@dataclass(eq=False)
class FormLocked(FormError):
    path: str
    code = "form.locked"
    summary = "{path}: encrypted, or protected by a password"
    next_step = "Save a copy without the password."


@dataclass(eq=False)
class FormUnreadableText(FormError):
    path: str
    code = "form.no_text"
    summary = "{path}: no text can be read in it; it may be a scan"
    next_step = "Run text recognition (OCR) on it first; a picture of text is never passed as clean."


@dataclass(eq=False)
class FormSurprise(FormError):
    """A bug on the way through a file. Only its kind is told: its text may quote the file."""

    path: str
    kind: str
    code = "form.surprise"
    status = 500
    summary = "{path}: reading it failed with an unexpected {kind}; this is a bug, and nothing of the file was written"
    next_step = "Report the kind of file and the program that wrote it; leave the file out for now."


@dataclass(eq=False)
class FormUnwritable(FormError):
    path: str
    reason: str
    code = "form.unwritable"
    summary = "{path}: {reason}"
    next_step = "Save it as UTF-8 and run again."


@dataclass(eq=False)
class FormOneWay(FormError):
    path: str
    code = "form.one_way"
    summary = "{path}: a redacted PDF is made of pictures and cannot be turned back"
    next_step = "Use the original; the text of the redacted copy can be restored when it is saved as text."


@dataclass(eq=False)
class OutputIsInput(InputError):
    path: str
    code = "form.output_is_input"
    summary = "{path}: the output would lie on or inside what is read"
    next_step = "Choose another --output."


@dataclass(eq=False)
class RulesInvalid(InputError):
    path: str
    key: str
    reason: str
    code = "form.rules"
    summary = "{path}: `{key}`: {reason}"
    next_step = "docs/how-to/mask-files.md shows a rules file."


# --- engines ----------------------------------------------------------------------------------------------------------


class EngineError(GraftworkError):
    code = "engine"
    status = 502


@dataclass(eq=False)
class EngineUnavailable(EngineError):
    engine: str
    reason: str
    code = "engine.unavailable"
    status = 503
    summary = "engine {engine}: {reason}"
    next_step = "Nothing is lost: the item waits and is tried again. `graftwork doctor` says what is missing."


@dataclass(eq=False)
class EngineTimeout(EngineError):
    engine: str
    timeout_seconds: float
    code = "engine.timeout"
    status = 504
    summary = "engine {engine}: no answer within {timeout_seconds:g} s"
    next_step = "Nothing is lost. Raise `engine.timeout_seconds` in the use case, or use a faster engine."


@dataclass(eq=False)
class EngineSurprise(EngineError):
    """A bug on the way from the item to its draft. Only its kind is told: its text may quote the item."""

    engine: str
    kind: str
    code = "engine.surprise"
    status = 500
    summary = "engine {engine}: drafting failed with an unexpected {kind}; this is a bug"
    next_step = "The item is tried again, then waits for a person. Report the line in the worker's log that names it."


@dataclass(eq=False)
class EngineRefused(EngineError):
    engine: str
    http_status: int
    reason: str
    code = "engine.refused"
    summary = "engine {engine}: refused the request with HTTP {http_status} ({reason})"
    next_step = "Check `engine.url`, `engine.model` and the key named by `engine.api_key_env`."


@dataclass(eq=False)
class EngineContextExceeded(EngineError):
    engine: str
    code = "engine.context"
    status = 422
    summary = "engine {engine}: the request is longer than its context"
    next_step = "Set `engine.context_tokens` in the use case, so that long items are cut to fit before they are sent."


@dataclass(eq=False)
class EngineKeyMissing(EngineError):
    engine: str
    variable: str
    code = "engine.key_missing"
    status = 503
    exit_code = 2
    summary = "engine {engine}: the environment variable {variable} is not set"
    next_step = "Set {variable} to the engine's key and start again."


@dataclass(eq=False)
class OutputBroken(EngineError):
    """The model's text does not hold what the use case asks for."""

    reason: str
    code = "engine.output"
    status = 502
    summary = "the model's output cannot be used: {reason}"
    next_step = "The item waits for a person. Raise `output.max_tokens`, or use a stronger model."


@dataclass(eq=False)
class ModelNotFound(EngineError):
    name: str
    nearest: str = ""
    code = "model.not_found"
    status = 404
    exit_code = 2
    summary = "there is no model `{name}` in the catalog{nearest}"
    next_step = "`graftwork models list` names those there are; `graftwork models add` enters another."


@dataclass(eq=False)
class ModelNotPulled(EngineError):
    name: str
    code = "model.not_pulled"
    status = 503
    exit_code = 2
    summary = "model {name} is not on this machine"
    next_step = "Run `graftwork models pull {name}`."


@dataclass(eq=False)
class ModelDigestMismatch(EngineError):
    name: str
    expected: str
    found: str
    code = "model.digest"
    exit_code = 1
    summary = "model {name}: its SHA-256 is {found}, the catalog says {expected}"
    next_step = "The file was refused. Pull it again; if it persists, the source has changed and must not be used."


@dataclass(eq=False)
class ModelPullFailed(EngineError):
    name: str
    reason: str
    code = "model.pull"
    summary = "model {name}: no source could be read ({reason})"
    next_step = "The same command again resumes it. Without a network: `graftwork models add {name} --file FILE.gguf`."


# --- store ------------------------------------------------------------------------------------------------------------


class StoreError(GraftworkError):
    code = "store"
    status = 500


@dataclass(eq=False)
class WorkspaceNotFound(StoreError):
    folder: str
    code = "workspace.not_found"
    exit_code = 2
    summary = "{folder}: no graftwork.toml here or above"
    next_step = "Run `graftwork new NAME` to start a workspace, or set GRAFTWORK_WORKSPACE to one."


@dataclass(eq=False)
class SettingInvalid(StoreError):
    file: str
    key: str
    reason: str
    code = "workspace.setting"
    exit_code = 2
    summary = "{file}: `{key}`: {reason}"
    next_step = "docs/reference/settings.md lists every setting."


@dataclass(eq=False)
class PortTaken(StoreError):
    host: str
    port: int
    setting: str = "web.port"
    variable: str = "GRAFTWORK_WEB_PORT"
    code = "workspace.port_taken"
    exit_code = 2
    summary = "{host}:{port} is in use by another program"
    next_step = "Stop it, or set {variable} (`{setting}` in graftwork.toml) to another port."


@dataclass(eq=False)
class KeyMissing(StoreError):
    key_id: str
    code = "vault.key_missing"
    status = 503
    exit_code = 2
    summary = "the encryption key {key_id} is not in the key ring"
    next_step = "Put back the key file from your backup (`vault.key_file`, or GRAFTWORK_KEYS); nothing was changed."


@dataclass(eq=False)
class KeyFileInvalid(StoreError):
    file: str
    reason: str
    code = "vault.key_file"
    status = 503
    exit_code = 2
    summary = "{file}: {reason}"
    next_step = "Put back the key file from your backup; nothing was changed."


@dataclass(eq=False)
class KeysElsewhere(StoreError):
    code = "vault.keys_elsewhere"
    status = 409
    exit_code = 2
    summary = "the key ring is given in the environment (GRAFTWORK_KEYS), so it cannot be changed from here"
    next_step = "Put the ring into the file `vault.key_file`, rotate, and give the new ring to the environment again."


@dataclass(eq=False)
class SealBroken(StoreError):
    label: str
    code = "vault.seal"
    summary = "the encrypted field {label} was changed, or belongs to another row"
    next_step = "Run `graftwork audit verify`, and restore the row from a backup."


@dataclass(eq=False)
class DiskFull(StoreError):
    path: str
    code = "store.disk_full"
    status = 507
    summary = "{path}: the disk is full"
    next_step = "Free some space, then repeat the command (`graftwork run` with --resume): what was written is kept."


@dataclass(eq=False)
class ParquetMissing(StoreError):
    code = "export.parquet_missing"
    status = 501
    exit_code = 2
    summary = "writing Parquet needs pyarrow, which is not installed"
    next_step = "Run `pip install 'graftwork[parquet]'`, or choose --format jsonl."


@dataclass(eq=False)
class DatabaseBusy(StoreError):
    code = "store.busy"
    status = 503
    summary = "the database is locked by another process"
    next_step = "Try again; if it persists, stop the process that holds it, or move to PostgreSQL (`database.url`)."


@dataclass(eq=False)
class DatabaseUnavailable(StoreError):
    reason: str
    code = "store.unavailable"
    status = 503
    summary = "the database cannot be used: {reason}"
    next_step = "Check `database.url` in graftwork.toml; `graftwork doctor` tries the connection."


@dataclass(eq=False)
class AuditBroken(StoreError):
    sequence: int
    reason: str
    code = "audit.broken"
    summary = "audit entry {sequence}: {reason}"
    next_step = "Keep the database as it is, and compare with your last backup from before this entry."


@dataclass(eq=False)
class AnchorInvalid(StoreError):
    file: str
    code = "audit.anchor"
    summary = "{file}: not what an earlier check wrote, so the chain cannot be compared with it"
    next_step = "Put the file back from a backup; if it is lost for good, delete it and check again."


# --- access -----------------------------------------------------------------------------------------------------------


class AccessError(GraftworkError):
    code = "access"
    status = 403


@dataclass(eq=False)
class NotSignedIn(AccessError):
    code = "access.not_signed_in"
    status = 401
    summary = "no valid token or session"
    next_step = "Send `Authorization: Bearer TOKEN`; `graftwork token add` makes one."


@dataclass(eq=False)
class NotAllowed(AccessError):
    needed: str
    code = "access.denied"
    summary = "this needs {needed}"
    next_step = "Ask an admin: `graftwork user role` gives roles, `graftwork token add` makes a token with more scopes."


@dataclass(eq=False)
class NotYetAllowed(AccessError):
    """A role that somebody has, and may use once something is done first, such as a training."""

    reason: str
    code = "access.not_yet"
    summary = "{reason}"
    next_step = "Open Training in the menu."


@dataclass(eq=False)
class NotFound(AccessError):
    """Absent, or not for this person: the answer is the same, so that it tells nothing."""

    kind: str
    id: str
    code = "access.not_found"
    status = 404
    summary = "{kind} {id} is not there, or not for you"
    next_step = "Check the id."


@dataclass(eq=False)
class SignInLinkInvalid(AccessError):
    code = "access.link"
    status = 403
    summary = "this sign-in link was used already, or has expired"
    next_step = "Make a new one: `graftwork user link NAME`."


@dataclass(eq=False)
class EmbedTokenInvalid(AccessError):
    """The person reads this beside what they typed, in a page that is not ours."""

    code = "access.embed_token"
    status = 401
    summary = "the sign-in of this part of the page is not valid, or has ended"
    next_step = "Reload the page; where that does not help, tell whoever runs it to look at its Graftwork token."


# --- conflict ---------------------------------------------------------------------------------------------------------


class ConflictError(GraftworkError):
    code = "conflict"
    status = 409


@dataclass(eq=False)
class AlreadyClaimed(ConflictError):
    item_id: str
    code = "conflict.claimed"
    summary = "item {item_id} is being reviewed by somebody else"
    next_step = "Take the next one, or wait until the claim expires."


@dataclass(eq=False)
class DraftWasSeeded(ConflictError):
    """Not a failure: a decision on a planted draft is no review, and the item shows its own draft now."""

    outcome: str
    code = "review.seeded"
    summary = "the pilot had planted a statement known to be wrong in this draft, and it {outcome}; nothing was sent"
    next_step = "Open the item again: it shows its own draft."


@dataclass(eq=False)
class ClaimLost(ConflictError):
    item_id: str
    code = "conflict.claim_lost"
    summary = "your claim on item {item_id} has expired"
    next_step = "Open the item again to claim it; your text is kept in the page."


@dataclass(eq=False)
class AlreadyReviewed(ConflictError):
    item_id: str
    code = "conflict.reviewed"
    summary = "item {item_id} has been decided already"
    next_step = "Open it to see the decision."


@dataclass(eq=False)
class NotReady(ConflictError):
    item_id: str
    code = "conflict.not_ready"
    summary = "the draft of item {item_id} is still being written"
    next_step = "Wait until the item is ready."


@dataclass(eq=False)
class UndoTooLate(ConflictError):
    item_id: str
    code = "conflict.undo_late"
    summary = "the time to undo the decision on item {item_id} is over"
    next_step = "The result may have left already; correct it in the system that received it."


@dataclass(eq=False)
class PlaceholdersChanged(ConflictError):
    """Another process minted placeholders of this thread first: mask again with the book as it is now."""

    code = "conflict.placeholders"
    summary = "another request of the same thread was masked at the same moment"
    next_step = "Nothing was sent. Try again."


@dataclass(eq=False)
class IdempotencyMismatch(ConflictError):
    key: str
    code = "conflict.idempotency"
    summary = "idempotency key {key} was used before with another request"
    next_step = "Use a new key for a new request."


# --- privacy ----------------------------------------------------------------------------------------------------------


class PrivacyError(GraftworkError):
    """Whatever keeps sensitive text from being found or masked. Nothing is sent when one of these is raised."""

    code = "privacy"
    status = 503


@dataclass(eq=False)
class UnknownLanguage(PrivacyError):
    language: str
    known: str = ""
    code = "privacy.language"
    status = 422
    exit_code = 2
    summary = "there are no rules for the language `{language}`"
    next_step = "Name one of those there are: {known}."


@dataclass(eq=False)
class UnknownProfile(PrivacyError):
    profile: str
    nearest: str = ""
    code = "privacy.profile"
    status = 422
    exit_code = 2
    summary = "there is no privacy profile `{profile}`{nearest}"
    next_step = "Name a packaged profile, or a TOML file that lists kinds by its path, which ends in .toml."


@dataclass(eq=False)
class ProfileInvalid(PrivacyError):
    file: str
    problem: str
    code = "privacy.profile_invalid"
    status = 422
    exit_code = 2
    summary = "{file}: {problem}"
    next_step = "A profile is a table `kinds` of kind = reason."


@dataclass(eq=False)
class NerUnavailable(PrivacyError):
    package: str
    code = "privacy.ner_missing"
    exit_code = 3
    summary = "the model for names, {package}, cannot be loaded"
    next_step = "Install it, or switch it off (`ner = false`) and mask by rules alone."


@dataclass(eq=False)
class NerMismatch(PrivacyError):
    package: str
    file: str
    code = "privacy.ner_digest"
    exit_code = 3
    summary = "{package}: {file} is not the file this version was checked with"
    next_step = "Install the version that is named in the dependencies; a changed model finds other things."


@dataclass(eq=False)
class DetectorUnavailable(PrivacyError):
    detector: str
    code = "privacy.detector_missing"
    exit_code = 3
    summary = "the detector {detector} is not installed"
    next_step = "Install its package, or take it out of the settings."


@dataclass(eq=False)
class DetectorFailed(PrivacyError):
    detector: str
    reason: str
    code = "privacy.detector_failed"
    exit_code = 3
    summary = "the detector {detector} did not answer properly: {reason}"
    next_step = "Nothing was sent. Mend or remove the detector."


@dataclass(eq=False)
class DictionaryInvalid(PrivacyError):
    """`line` is 0 where the file as a whole cannot be read."""

    file: str
    line: int
    problem: str
    code = "privacy.dictionary"
    status = 422
    exit_code = 2
    summary = "{file}, line {line}: {problem}"
    next_step = "Write one term a line, or CSV with the columns `term` and `kind`."

    @property
    def message(self) -> str:
        return super().message if self.line else f"{self.file}: {self.problem}"


@dataclass(eq=False)
class DetectorTimeout(PrivacyError):
    timeout_seconds: float
    code = "privacy.timeout"
    status = 504
    summary = "the search for sensitive values did not end within {timeout_seconds:g} s"
    next_step = "Nothing was sent; the item is tried again, then waits for a person (see `privacy.timeout_seconds`)."


@dataclass(eq=False)
class NoEngineAllowed(PrivacyError):
    """The policy lets none of the use case's engines see this item."""

    use_case: str
    reason: str
    code = "privacy.no_engine"
    status = 422
    summary = "no engine of {use_case} may see this item: {reason}"
    next_step = "Nothing was sent. Add an engine in the zone local under [[fallbacks]], or let a person answer."


@dataclass(eq=False)
class ManagedUndeclared(UseCaseError):
    use_case: str
    engine: str
    code = "usecase.managed"
    summary = "{use_case}: the engine {engine} is in the zone managed, and `privacy.managed` lets nothing go there"
    next_step = (
        'Write [privacy] managed = "masked" (sensitive values become placeholders) or "allowed" (text as it is), or '
        'add a local engine under [[fallbacks]]; where the server is your own, write `engine.zone = "local"`.'
    )


# --- pilots -----------------------------------------------------------------------------------------------------------


class PilotError(GraftworkError):
    code = "pilot"
    status = 422
    exit_code = 2


@dataclass(eq=False)
class CharterNotFound(PilotError):
    name: str
    nearest: str = ""
    code = "pilot.not_found"
    status = 404
    summary = "there is no pilot `{name}`{nearest}"
    next_step = "`graftwork pilot list` names those there are; `graftwork pilot new {name} --use-case X` starts one."


@dataclass(eq=False)
class CharterUnreadable(PilotError):
    file: str
    reason: str
    code = "pilot.unreadable"
    summary = "{file}: {reason}"
    next_step = "A charter is UTF-8 TOML; `graftwork pilot new NAME --use-case X` writes one to start from."


@dataclass(eq=False)
class CharterUnknownKey(PilotError):
    file: str
    key: str
    nearest: str = ""
    code = "pilot.unknown_key"
    summary = "{file}: unknown key `{key}`{nearest}"
    next_step = "Rename or remove it; docs/reference/charter.md lists every key."


@dataclass(eq=False)
class CharterInvalid(PilotError):
    file: str
    key: str
    reason: str
    code = "pilot.invalid"
    summary = "{file}: `{key}`: {reason}"
    next_step = "Mend the value, then run `graftwork pilot check`; docs/reference/charter.md explains every key."


@dataclass(eq=False)
class CharterExists(PilotError):
    file: str
    code = "pilot.exists"
    status = 409
    summary = "{file} is there already, and is left as it is"
    next_step = "Choose another name, or edit that one."


@dataclass(eq=False)
class CharterDiffers(PilotError):
    name: str
    keys: str
    code = "pilot.two_charters"
    status = 409
    summary = "the file of {name} and its draft in the console differ in {keys}"
    next_step = "Say which holds: `graftwork pilot start {name} --from file`, or `--from console`."


@dataclass(eq=False)
class CharterFixed(PilotError):
    """`fixed_on` is a date as ISO 8601 writes it; `keys` those whose values differ, with commas."""

    name: str
    fixed_on: str
    keys: str
    code = "pilot.fixed"
    status = 409
    summary = "the charter of {name} was fixed on {fixed_on}, and this one differs from it in {keys}"
    next_step = "Put the old values back, or amend it: `graftwork pilot amend {name} --reason WHY`."


@dataclass(eq=False)
class AmendmentRefused(PilotError):
    key: str
    reason: str
    code = "pilot.amendment"
    status = 409
    summary = "`{key}` cannot change while the pilot runs: {reason}"
    next_step = "Put the old value back; or end this pilot with a decision, and start another one with a new charter."


@dataclass(eq=False)
class NothingAmended(PilotError):
    name: str
    code = "pilot.unchanged"
    status = 409
    summary = "the charter of {name} is as it was, so there is nothing to amend"
    next_step = "Change the charter first; `graftwork pilot check {name}` tells what differs."


@dataclass(eq=False)
class PilotRunning(PilotError):
    use_case: str
    other: str
    code = "pilot.running"
    status = 409
    summary = "the pilot {other} is under way for the use case {use_case}, and one at a time can be measured"
    next_step = "End {other} first: `graftwork pilot decide {other} go|stop --reason WHY`."


@dataclass(eq=False)
class PilotStateWrong(PilotError):
    """`state` is how it stands in words, `needed` what it would have to be."""

    name: str
    state: str
    needed: str
    code = "pilot.state"
    status = 409
    summary = "the pilot {name} is {state}; for this it has to be {needed}"
    next_step = "`graftwork pilot list` shows how each pilot stands."


@dataclass(eq=False)
class ExtensionsUsed(PilotError):
    name: str
    extensions: int
    code = "pilot.extensions"
    status = 409
    summary = "the charter of {name} allows {extensions} extensions, and all are used"
    next_step = "Decide go or stop; what is still unknown may be tried in another pilot."


# --- gateway ----------------------------------------------------------------------------------------------------------


class GatewayError(GraftworkError):
    code = "gateway"
    status = 502


@dataclass(eq=False)
class GatewayKeyRefused(GatewayError):
    """Absent, unknown, expired or revoked: the answer is the same, so that it tells nothing."""

    code = "gateway.key"
    status = 401
    summary = "no virtual key, or one that does not hold"
    next_step = "Send it as `Authorization: Bearer gw-...` or `x-api-key`; `graftwork gateway key create` makes one."


@dataclass(eq=False)
class GatewayPathUnknown(GatewayError):
    code = "gateway.path"
    status = 404
    summary = "the gateway has nothing at this path, or not for this method"
    next_step = "Set the client's base URL to http://HOST:8100/v1 (OpenAI) or http://HOST:8100 (Anthropic)."


@dataclass(eq=False)
class GatewayBodyInvalid(GatewayError):
    field: str
    reason: str
    code = "gateway.body"
    status = 400
    summary = "`{field}`: {reason}"
    next_step = "Mend the request; it was sent nowhere."


@dataclass(eq=False)
class GatewayBodyTooLarge(GatewayError):
    limit_bytes: int
    code = "gateway.too_large"
    status = 413
    summary = "the request is larger than {limit_bytes} bytes"
    next_step = "Send less in one request, or raise `gateway.max_request_bytes` in graftwork.toml."


@dataclass(eq=False)
class GatewayModelUnknown(GatewayError):
    code = "gateway.model"
    status = 404
    summary = "no engine that this key may use serves the model that was asked for"
    next_step = "`GET /v1/models` lists those there are; engines.toml says which engine serves which."


@dataclass(eq=False)
class GatewayProtocolMissing(GatewayError):
    engine: str
    path: str
    code = "gateway.protocol"
    status = 400
    summary = "engine {engine} does not speak the protocol of {path}"
    next_step = "Ask it through the path of its own protocol, or choose a model of another engine."


@dataclass(eq=False)
class GatewayUseCaseRefused(GatewayError):
    code = "gateway.use_case"
    status = 403
    summary = "this key does not hold for the use case that the request names, or the request names none"
    next_step = "Send the header `X-Graftwork-Use-Case` with one that the key is for."


@dataclass(eq=False)
class GatewayZoneRefused(GatewayError):
    code = "gateway.zone"
    status = 403
    summary = "only managed engines serve this model, and the policy keeps this request in the local zone"
    next_step = "Ask for a model of a local engine, or have an admin change `managed` of the key or of [gateway]."


@dataclass(eq=False)
class GatewayPartRefused(GatewayError):
    part: str
    code = "gateway.part"
    status = 403
    summary = "a part of the kind `{part}` cannot be masked, so it does not leave the local zone"
    next_step = 'Leave it out, ask a local engine, or set `gateway.unmaskable = "pass"`.'


@dataclass(eq=False)
class GatewayValueRefused(GatewayError):
    """The field is one that an API names; a name of the caller's own is not told."""

    field: str
    code = "gateway.value"
    status = 403
    summary = "a `{field}` of the request holds a sensitive value and cannot be masked there, so nothing was sent"
    next_step = "Take the value out of the field, or ask a local engine."


@dataclass(eq=False)
class GatewayThreadUnknown(GatewayError):
    code = "gateway.thread"
    status = 409
    summary = "the request continues a conversation whose placeholders this process does not hold"
    next_step = "Send the same `X-Graftwork-Thread` header with every request of one conversation."


@dataclass(eq=False)
class GatewayMaskingFailed(GatewayError):
    """Fails closed. Only the kind of the failure is told: its text may quote what was to be masked."""

    kind: str
    code = "gateway.masking"
    status = 503
    summary = "the request could not be masked ({kind}), so nothing was sent"
    next_step = "Try again; if it persists, `graftwork doctor` says what is missing."


@dataclass(eq=False)
class GatewayRateLimited(GatewayError):
    unit: str
    retry_after_seconds: float
    code = "gateway.rate"
    status = 429
    summary = "this key has used its {unit} per minute"
    next_step = "Wait {retry_after_seconds:.0f} s, or have an admin raise the limit of the key."


@dataclass(eq=False)
class GatewayBudgetSpent(GatewayError):
    unit: str
    period: str
    retry_after_seconds: float
    code = "gateway.budget"
    status = 429
    summary = "this key has used its {unit} of the {period}"
    next_step = "It begins anew with the next {period} (UTC), or have an admin raise the budget of the key."


@dataclass(eq=False)
class GatewayRecordsFull(GatewayError):
    code = "gateway.records"
    status = 503
    summary = "calls cannot be recorded at present, so none is made"
    next_step = "Look at the database: `graftwork doctor` tries it. Calls go on when it can be written to again."


@dataclass(eq=False)
class UpstreamUnavailable(GatewayError):
    engine: str
    reason: str
    code = "gateway.upstream"
    summary = "engine {engine}: {reason}"
    next_step = "Try again; `graftwork doctor` says what is missing."


@dataclass(eq=False)
class UpstreamKeyRefused(GatewayError):
    """Not the caller's key but ours. The engine's own words stay here: they tend to quote the key."""

    engine: str
    code = "gateway.upstream_key"
    summary = "engine {engine} refuses the key of this gateway"
    next_step = "Set the environment variable named by `api_key_env` of the engine, then start the gateway again."


@dataclass(eq=False)
class UpstreamTimeout(GatewayError):
    engine: str
    phase: str
    timeout_seconds: float
    code = "gateway.timeout"
    status = 504
    summary = "engine {engine}: {phase} took longer than {timeout_seconds:g} s"
    next_step = "Try again, or raise the limit of that name in engines.toml."


@dataclass(eq=False)
class UpstreamHungUp(GatewayError):
    """After the first byte nothing can be tried again without the caller seeing text twice."""

    engine: str
    code = "gateway.hung_up"
    summary = "engine {engine} ended its answer before it was complete"
    next_step = "Throw away what came, and ask again."


def did_you_mean(word: str, known: list[str]) -> str:
    """`, did you mean ...?` for the nearest of `known`, or nothing where none is near."""
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else ""


def all_errors() -> list[type[GraftworkError]]:
    """Every class of the tree, in the order of definition: the reference page and its test read it."""
    found: list[type[GraftworkError]] = []
    pending: list[type[GraftworkError]] = [GraftworkError]
    while pending:
        cls = pending.pop(0)
        found.append(cls)
        pending.extend(cls.__subclasses__())
    return found
