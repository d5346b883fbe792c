"""Reading a use-case file, with the files that it names, and saying what is wrong with it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from graftwork.core.errors import (
    TemplateUnknownField,
    UseCaseError,
    UseCaseInvalid,
    UseCaseUnknownKey,
    UseCaseUnreadable,
    did_you_mean,
)
from graftwork.core.file_problems import FileUnreadable, first_problem, read_toml
from graftwork.core.output_errors import SchemaUnsupported
from graftwork.core.output_shape import read_shape
from graftwork.core.prompt import placeholders
from graftwork.core.usecase import INTERNAL, UseCase


def load(path: Path) -> UseCase:
    """Read and check one use-case file, and the text files that it names.

    Raises a `UseCaseError` that names the file, the key and the next step.
    """
    data = _read_toml(path)
    part = data.get("instructions")
    files = part.get("files") if isinstance(part, dict) else None
    for internal in INTERNAL & data.keys():
        raise UseCaseUnknownKey(str(path), internal)
    data["file_texts"] = {
        name: _read_text(path, f"instructions.files.{name}", str(file))
        for name, file in (files.items() if isinstance(files, dict) else ())
    }
    data["privacy_texts"] = _privacy_texts(path, data.get("privacy"))
    triage = data.get("triage")
    precedents = triage.get("precedents") if isinstance(triage, dict) else None
    data["precedents_text"] = (
        _read_text(path, "triage.precedents", precedents) if precedents and isinstance(precedents, str) else ""
    )
    output = data.get("output")
    codes = output.get("codes") if isinstance(output, dict) else None
    data["code_texts"] = {
        name: _read_text(path, f"output.codes.{name}", str(file))
        for name, file in (codes.items() if isinstance(codes, dict) else ())
    }
    try:
        use_case = UseCase.model_validate(data)
    except ValidationError as error:
        raise _explain(path, error) from None
    _check_evidence(path, use_case)
    if use_case.name != path.stem:
        raise UseCaseInvalid(str(path), "name", f'is "{use_case.name}", but the file is called {path.name}')
    _check_templates(path, use_case)
    return use_case


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return read_toml(path)
    except FileUnreadable as error:
        raise UseCaseUnreadable(str(path), str(error)) from None


def _privacy_texts(path: Path, part: Any) -> dict[str, str]:
    """The text of each file that `[privacy]` names. What has another form than it should is left to validation."""
    if not isinstance(part, dict):
        return {}
    words, dictionaries = part.get("words"), part.get("dictionaries")
    named = [(f"privacy.words.{key}", file) for key, file in words.items()] if isinstance(words, dict) else []
    named += [("privacy.dictionaries", file) for file in dictionaries] if isinstance(dictionaries, list) else []
    profile = part.get("profile")
    named += [("privacy.profile", profile)] if isinstance(profile, str) and profile.endswith(".toml") else []
    return {file: _read_text(path, key, file) for key, file in named if isinstance(file, str)}


def _read_text(path: Path, key: str, file: str) -> str:
    if "\x00" in file:
        raise UseCaseInvalid(str(path), key, "holds a NUL character")
    target = (path.parent / file).resolve()
    if not target.is_relative_to(path.parent.resolve()):
        raise UseCaseInvalid(str(path), key, f"{file} lies outside the folder of the use case")
    try:
        return target.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UseCaseInvalid(str(path), key, f"there is no file {file} beside the use case") from None
    except (OSError, UnicodeDecodeError):
        raise UseCaseInvalid(str(path), key, f"{file} cannot be read as UTF-8 text") from None


def _check_evidence(path: Path, use_case: UseCase) -> None:
    """What the schema asks for must be something that can be extracted, and its code lists must be there."""
    if not use_case.output.evidence or use_case.output.json_schema is None:
        return
    try:
        read_shape(use_case.output.json_schema)
    except SchemaUnsupported as error:
        raise UseCaseInvalid(str(path), "output.schema", error.message) from None
    for name in _named_codes(use_case.output.json_schema):
        if name not in use_case.output.codes:
            nearest = did_you_mean(name, list(use_case.output.codes))
            raise UseCaseInvalid(
                str(path), "output.schema", f"there is no code list `{name}` under output.codes{nearest}"
            )


def _named_codes(part: Any) -> Iterator[str]:
    children = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, child in children:
        if key == "x-codes" and isinstance(child, str):
            yield child
        yield from _named_codes(child)


def _check_templates(path: Path, use_case: UseCase) -> None:
    known_by_template: tuple[tuple[str, Mapping[str, Any]], ...] = (
        (use_case.instructions.system, use_case.instructions.files),
        (use_case.instructions.item, use_case.input.fields),
        (use_case.knowledge.query, use_case.input.fields),
    )
    for template, known in known_by_template:
        for name in placeholders(template):
            if name not in known:
                raise TemplateUnknownField(str(path), name, did_you_mean(name, list(known)))


def _explain(path: Path, error: ValidationError) -> UseCaseError:
    found = first_problem(error, UseCase, INTERNAL)
    if found.unknown:
        return UseCaseUnknownKey(str(path), found.key, found.nearest)
    return UseCaseInvalid(str(path), found.key, found.reason)
