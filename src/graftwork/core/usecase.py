"""The use-case file: one TOML file says what comes in, what goes out, which engine drafts and who reviews.

Unknown keys are refused with the nearest known one named, so that a typing error never silently changes what runs.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from graftwork.core.errors import (
    UseCaseInvalid,
)
from graftwork.core.privacy.finding import FieldMask
from graftwork.core.prompt import MASKED_NOTE, PROMPT_VERSION
from graftwork.core.usecase_tables import (
    NAME,
    EngineChoice,
    Evaluation,
    Grounding,
    Input,
    Instructions,
    Knowledge,
    Limits,
    Output,
    Part,
    PrivacyRules,
    ReviewRules,
    SamplingChoice,
    Triage,
)

INTERNAL = {"file_texts", "privacy_texts", "code_texts", "precedents_text"}


class UseCase(Part):
    """One use case, whole. Read it with `load`."""

    name: str = Field(pattern=NAME, description="stable name; the file is called NAME.toml")
    title: str = Field(min_length=1, max_length=120, description="what people call it")
    description: str = Field("", description="what it is for, in a sentence or two")
    input: Input
    output: Output = Output()
    instructions: Instructions
    engine: EngineChoice = EngineChoice()
    fallbacks: tuple[EngineChoice, ...] = Field(
        (),
        description="engines that an item goes to instead, in order: where the policy does not let it go to the one "
        "before, or that one is down",
    )
    privacy: PrivacyRules = PrivacyRules()
    sampling: SamplingChoice = SamplingChoice()
    limits: Limits = Limits()
    review: ReviewRules = ReviewRules()
    knowledge: Knowledge = Knowledge()
    triage: Triage = Triage()
    grounding: Grounding = Grounding()
    evaluation: Evaluation = Evaluation()
    file_texts: dict[str, str] = Field({}, exclude=True, repr=False, json_schema_extra={"internal": True})
    privacy_texts: dict[str, str] = Field({}, exclude=True, repr=False, json_schema_extra={"internal": True})
    code_texts: dict[str, str] = Field({}, exclude=True, repr=False, json_schema_extra={"internal": True})
    precedents_text: str = Field("", exclude=True, repr=False, json_schema_extra={"internal": True})

    @model_validator(mode="after")
    def _sources_go_with_the_rest(self) -> "UseCase":
        if self.grounding.against == "sources" and not self.knowledge.sources:
            raise ValueError('`grounding.against = "sources"` needs `knowledge.sources`')
        if self.has_triage and self.knowledge.sources:
            raise ValueError("`triage` and `knowledge.sources` exclude each other: both say what the model is shown")
        if self.output.evidence and self.output.type != "json":
            raise ValueError('`output.evidence` goes with `output.type = "json"`')
        if self.output.type == "json" and self.limits.too_long == "windows" and not self.output.evidence:
            raise ValueError('`limits.too_long = "windows"` with JSON needs `output.evidence = true`')
        return self

    @property
    def grounded_in(self) -> Literal["none", "item", "sources"]:
        """What a draft is checked against: as the file says, else its sources where it has any."""
        return self.grounding.against or ("sources" if self.knowledge.sources else "none")

    @property
    def engines(self) -> tuple[EngineChoice, ...]:
        """All that may generate, in the order in which they are asked."""
        return (self.engine, *self.fallbacks)

    @property
    def has_managed_engine(self) -> bool:
        return any(engine.effective_zone == "managed" for engine in self.engines)

    @property
    def is_grounded(self) -> bool:
        """Whether drafts keep what they were written from."""
        return self.grounded_in != "none" or self.output.evidence or self.has_triage or bool(self.knowledge.sources)

    @property
    def has_triage(self) -> bool:
        """Whether the model is shown only some clauses of an item."""
        return bool(self.triage.precedents)

    @cached_property
    def release_manifest(self) -> dict[str, Any]:
        """All that decides what a draft says: engine, prompt, files, sampling, output. Its digest names the release."""
        return {
            "use_case": self.name,
            "prompt_version": PROMPT_VERSION,
            "engine": self.engine.release_part,
            "instructions": self.instructions.model_dump(mode="json", include={"system", "item"}),
            "files": dict(sorted(self.file_texts.items())),
            "input": self.input.model_dump(mode="json", exclude={"fields": {"__all__": {"label", "mask"}}}),
            "output": self._output_manifest,
            "sampling": self.sampling.model_dump(mode="json"),
            "too_long": self.limits.too_long,
            **self._hybrid_manifest,
            **self._grounded_manifest,
        }

    @property
    def _output_manifest(self) -> dict[str, Any]:
        unused = {name for name in ("evidence", "codes") if not getattr(self.output, name)}
        return self.output.model_dump(mode="json", by_alias=True, exclude=unused)

    @property
    def _grounded_manifest(self) -> dict[str, Any]:
        """What documents and checks add. Nothing where they are not used, for the same reason."""
        part: dict[str, Any] = {}
        if self.knowledge.sources:
            part["knowledge"] = self.knowledge.model_dump(mode="json")
        if self.grounded_in != "none":
            part["grounding"] = {**self.grounding.model_dump(mode="json"), "against": self.grounded_in}
        if self.has_triage:
            precedents = hashlib.sha256(self.precedents_text.encode()).hexdigest()
            part["triage"] = {"passages": self.triage.passages, "precedents": precedents}
        if self.code_texts:
            part["codes"] = {
                name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(self.code_texts.items())
            }
        return part

    @property
    def _hybrid_manifest(self) -> dict[str, Any]:
        """What masking and routing add. Nothing where they are not used, so that such releases keep their names."""
        part: dict[str, Any] = {}
        if self.fallbacks:
            part["fallbacks"] = [engine.release_part for engine in self.fallbacks]
        if self.has_managed_engine:
            part["zones"] = [engine.effective_zone for engine in self.engines]
            part["masks"] = self.masks
            without = {"vault_days", "timeout_seconds"} | (set() if self.privacy.detectors else {"detectors"})
            part["privacy"] = self.privacy.model_dump(mode="json", exclude=without)
            # Digests only: a dictionary may name customers, and a manifest is stored in the clear.
            part["privacy_files"] = {
                name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(self.privacy_texts.items())
            }
            part["masked_note"] = MASKED_NOTE
        return part

    @property
    def masks(self) -> dict[str, FieldMask]:
        """How each field is masked that is not simply searched."""
        return {name: field.mask for name, field in self.input.fields.items() if field.mask != "detect"}

    @cached_property
    def release(self) -> str:
        """SHA-256 of the manifest, in hexadecimal."""
        return _digest(self.release_manifest)

    def manifest_with(self, snapshot: str) -> dict[str, Any]:
        """The manifest of a release that draws on the knowledge `snapshot`; empty where it draws on none."""
        return {**self.release_manifest, "snapshot": snapshot} if snapshot else self.release_manifest

    def release_with(self, snapshot: str) -> str:
        """The release that drew on the knowledge `snapshot`."""
        return _digest(self.manifest_with(snapshot)) if snapshot else self.release

    def with_engine(self, **changes: Any) -> "UseCase":
        """The same use case on another engine (`--engine` on the command line). Raises `UseCaseInvalid`."""
        if "url" in changes and changes["url"] != self.engine.url:
            # The zone was written down for another machine; a new one is judged by its own address.
            changes = {"zone": None, "region": "", "facts": {}, **changes}
        try:
            engine = EngineChoice.model_validate({**self.engine.model_dump(), **changes})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(["engine", *map(str, first["loc"])])
            raise UseCaseInvalid(self.name, key, first["msg"].removeprefix("Value error, ")) from None
        return self.model_copy(update={"engine": engine})


def _digest(manifest: Mapping[str, Any]) -> str:
    """Keys keep their order: that of fields and of a schema counts."""
    return hashlib.sha256(json.dumps(manifest, separators=(",", ":")).encode()).hexdigest()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a use-case file, for editors and for the reference page."""
    schema = UseCase.model_json_schema(by_alias=True)
    for internal in INTERNAL:
        del schema["properties"][internal]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
