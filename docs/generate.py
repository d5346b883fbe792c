"""Writes docs/reference from the product itself: `make docs`, or `python -m docs.generate` in the checkout.

`tests/contracts/test_docs.py` compares the stored pages with what this module gives now, so the two cannot drift.
"""

import base64
import importlib
import json
import os
import pkgutil
import re
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import graftwork
from docs.systems import systems_page
from graftwork.cli.main import cli
from graftwork.config.setup import load_django
from graftwork.config.workspace import Settings, open_workspace, setting_variables
from graftwork.core.charter.amending import amendable
from graftwork.core.charter.metrics import METRICS
from graftwork.core.charter.schema import Charter
from graftwork.core.errors import GraftworkError, all_errors
from graftwork.core.usecase import UseCase
from graftwork.systems.registry import KINDS

DOCS = Path(__file__).parent
REFERENCE = DOCS / "reference"
WORKSPACE = DOCS.parent / "tests" / "workspace"
HELP_COLUMNS = 100
HEADER = "<!-- Written by `make docs` from {source}. Edit that, then run `make docs`. -->\n\n"

# What is read from the environment and is no setting of graftwork.toml. The test knows that no other one is there.
VARIABLES = {
    "GRAFTWORK_TOKEN": "the API token that `graftwork mcp` acts by over stdin and stdout",
    "GRAFTWORK_WORKSPACE": "the workspace folder, in place of the nearest one from the current folder upwards",
    "GRAFTWORK_KEYS": "the key ring itself, as the JSON that `vault.key_file` holds; that file is then not read",
    "GRAFTWORK_MODELS": "the folder of pulled models; `~/.cache/graftwork/models` (or `XDG_CACHE_HOME`) where absent",
    "GRAFTWORK_LOG_LEVEL": "`DEBUG`, `INFO`, `WARNING` or `ERROR`; `WARNING` where absent. `DEBUG` shows tracebacks, "
    "which may quote content",
}
# Set by Graftwork for its own child processes and by shells for completion: not for people.
INTERNAL_VARIABLES = {"GRAFTWORK_EMBEDDED", "GRAFTWORK_LIFELINE"}


class CodeLostError(Exception):
    """A published error code is gone from the code: codes are stable, so the class must keep it."""


def load() -> None:
    """Open the workspace of the tests, unless one is given, and import every module, so that every error is known."""
    os.environ.setdefault("GRAFTWORK_WORKSPACE", str(WORKSPACE))
    os.environ.setdefault("GRAFTWORK_KEYS", _throwaway_ring())
    load_django(open_workspace())


def import_all() -> None:
    """Import every module of the product. Needs Django to be loaded."""
    skipped = ("graftwork.__main__", "graftwork.core.engines.server_process")
    for module in pkgutil.walk_packages(graftwork.__path__, "graftwork."):
        if module.name not in skipped:
            importlib.import_module(module.name)


def pages() -> dict[Path, str]:
    """Every generated page by its path. Raises `CodeLostError` where a stored error code would disappear."""
    import_all()
    found = {
        REFERENCE / "cli.md": cli_page(),
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "usecase.md": usecase_page(),
        REFERENCE / "connectors.md": connectors_page(),
        REFERENCE / "charter.md": charter_page(),
        REFERENCE / "systems.md": systems_page(),
        REFERENCE / "errors.md": errors_page(),
        REFERENCE / "rest.md": rest_page(),
    }
    if lost := sorted(stored_codes() - set(error_codes())):
        raise CodeLostError(f"codes are never renamed, but no class has these any more: {', '.join(lost)}")
    return found


# --- command line -----------------------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """(whole name, command, context) of every command, groups before what they hold."""
    yield from _commands("graftwork", cli, None)


def _commands(
    name: str, command: click.Command, parent: click.Context | None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    context = click.Context(
        command,
        info_name=name.rpartition(" ")[2],
        parent=parent,
        terminal_width=HELP_COLUMNS,
        max_content_width=HELP_COLUMNS,
        help_option_names=command.context_settings.get("help_option_names"),
    )
    yield name, command, context
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            inner = command.get_command(context, verb)
            assert inner is not None
            yield from _commands(f"{name} {verb}", inner, context)


def cli_page() -> str:
    lines = [
        "# Commands",
        "",
        "The help of every command, as `--help` prints it. How to use them: [how-to guides](../how-to/README.md).",
        "",
        "## Exit codes",
        "",
        "| code | meaning |",
        "|---|---|",
        "| 0 | done; for `run`, every row has a draft |",
        "| 1 | refused or failed; for `doctor` something is missing, for `audit verify` the chain is broken |",
        "| 2 | wrong usage, or something that has to be set up first |",
        "| 3 | finished, but `run`, `demo` or `evaluate` has no draft for some rows, or `privacy` left files out |",
        "| 130 | stopped by Ctrl-C or SIGTERM before the end |",
        "",
        "[Error codes](errors.md) names the exit code of each error.",
    ]
    for name, command, context in commands():
        lines += ["", f"## {name}", "", "```text", command.get_help(context).rstrip(), "```"]
    return HEADER.format(source="the commands in `src/graftwork/cli`") + "\n".join(lines) + "\n"


# --- settings and use cases -------------------------------------------------------------------------------------------


def settings_page() -> str:
    lines = [
        "# Settings",
        "",
        "`graftwork.toml` makes a folder a workspace. All of its keys have defaults, so it may be empty. An unknown",
        "key is refused, with the nearest known one named. The environment variable of a setting wins over the file.",
    ]
    variables = {(table, key): variable for variable, table, key in setting_variables()}
    for table, field in Settings.model_fields.items():
        head = "| key | type | default | meaning | environment variable |"
        lines += ["", f"## [{table}]", "", head, "|---|---|---|---|---|"]
        for key, inner in _model(field.annotation).model_fields.items():
            cells = (f"`{table}.{key}`", *_cells(inner), f"`{variables[table, key]}`")
            lines.append(_row(cells))
    lines += [
        "",
        "## Environment variables that are no settings",
        "",
        "| variable | meaning |",
        "|---|---|",
        *(_row((f"`{name}`", meaning)) for name, meaning in VARIABLES.items()),
        "",
        "Proxy variables (`HTTPS_PROXY`, `NO_PROXY`) are honoured for model downloads and for engines in the zone",
        "`managed`; an engine in the zone `local` is never asked through a proxy.",
    ]
    return HEADER.format(source="`src/graftwork/config/workspace.py`") + "\n".join(lines) + "\n"


def usecase_page() -> str:
    lines = [
        "# Use-case file",
        "",
        "One TOML file, `usecases/NAME.toml`, says what comes in, what goes out, what the model is told, which engine",
        "drafts and who reviews. An unknown key is refused, with the nearest known one named.",
        "`graftwork usecase schema` prints the same as JSON Schema. `NAME` below stands for a name of your own;",
        "a table in double brackets can stand several times.",
        "",
        "A name (of a use case, a field, a file or a reason) begins with a lower-case letter and goes on with",
        "lower-case letters, digits and underscores, 63 characters at most.",
        "",
        "## Top level",
    ]
    lines += _keys(UseCase, "What every use case has.")
    return HEADER.format(source="`src/graftwork/core/usecase.py`") + "\n".join(lines) + "\n"


def connectors_page() -> str:
    lines = [
        "# Connector file",
        "",
        "One TOML file, `connectors/NAME.toml`, says which system items come from, how they are mapped, and what goes",
        "back there. An unknown key is refused, with the nearest known one named. `NAME` below stands for a name of",
        "your own; a table in double brackets can stand several times. A secret is named by its place, `env:VARIABLE`",
        "or `file:PATH`, and never stands in the file.",
        "",
        "Systems that are described by a file already (`graftwork connectors systems`) take `[settings]`, and whatever",
        "of the tables under [http](#http) they are to do otherwise.",
    ]
    for kind in KINDS.values():
        lines += ["", f"## {kind.name}", "", f'A {kind.title}: `system = "{kind.name}"`.']
        lines += _keys(kind.file_model(), "At the top of the file.", level=3)
    return HEADER.format(source="`src/graftwork/systems`") + "\n".join(lines) + "\n"


def charter_page() -> str:
    lines = [
        "# Charter of a pilot",
        "",
        "One TOML file, `pilots/NAME.toml`, says what a pilot is about. `graftwork pilot new NAME --use-case X` writes",
        "one to fill in, and the console has a form for it. With the start it is fixed. An unknown key is refused,",
        "with the nearest known one named. A table in double brackets can stand several times.",
        "[Run a pilot](../how-to/pilot.md).",
        "",
        "## Top level",
    ]
    lines += _keys(Charter, "What every charter has.")
    lines += ["", "## Metrics", "", "What `primary.metric` and `guards.metric` may name where it is seen in both arms."]
    lines += ["", "| metric | unit | better | seen in | of | what it is | source |", "|---|---|---|---|---|---|---|"]
    for one in METRICS:
        seen_in = {"both": "both arms", "assisted": "assisted arm"}[one.seen_in]
        lines.append(_row((f"`{one.key}`", one.unit, one.better, seen_in, one.count, one.definition, one.source)))
    lines.append(_row(("`outcome_KIND`", "its own", "its own", "both arms", "items with a value", _OWN, "the charter")))
    lines += ["", "## After the start", "", *_AMENDING, "", "| key | after the start |", "|---|---|"]
    lines += [_row((", ".join(f"`{key}`" for key in keys), words)) for words, keys in amendable().items()]
    return HEADER.format(source="`src/graftwork/core/charter`") + "\n".join(lines) + "\n"


_OWN = "Mean of the outcome KIND of `[[outcomes]]` over the items for which it was told."
_AMENDING = (
    "A charter changes by an amendment only (`graftwork pilot amend NAME --reason WHY`, or in the console), which",
    "keeps its date, its reason, each key with both values, and the SHA-256 of the charter after it. What is measured,",
    "against what, and by which rule it is judged stays as it was: figures are worth something because nobody could",
    "choose, after seeing them, what they are compared with.",
)


def _keys(model: type[BaseModel], about_the_top: str, level: int = 2) -> list[str]:
    """The keys of a file, table by table."""
    lines: list[str] = []
    for path, part in _tables("", model):
        heading = ["", f"{'#' * level} {path}"] if path else []
        about = _first_line(part) if path else about_the_top
        lines += [*heading, "", about, "", "| key | type | default | meaning |", "|---|---|---|---|"]
        for key, field in _fields(part):
            if not (_is_table(field) or _is_free_table(field)):
                lines.append(_row((f"`{key}`", *_cells(field))))
            else:
                kind = "list of tables" if get_origin(field.annotation) is tuple else "table"
                see = f"see `{_table_path(path, key, field)}` below"
                meaning = f"{field.description}; {see}" if field.description else see
                lines.append(_row((f"`{key}`", kind, _default(field), meaning)))
    return lines


def _tables(path: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield path, model
    for key, field in _fields(model):
        if _is_table(field) or _is_free_table(field):
            yield from _tables(_table_path(path, key, field), _model(field.annotation))


def _fields(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    hidden = {name for name, field in model.model_fields.items() if field.exclude}
    return [(field.alias or name, field) for name, field in model.model_fields.items() if name not in hidden]


def _table_path(path: str, key: str, field: FieldInfo) -> str:
    inside = path.strip("[]") + "." if path else ""
    if get_origin(field.annotation) is tuple:
        return f"[[{inside}{key}]]"
    return f"[{inside}{key}.NAME]" if get_origin(field.annotation) in (dict, Mapping) else f"[{inside}{key}]"


def _is_table(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _is_free_table(field: FieldInfo) -> bool:
    return any(_is_model(argument) for argument in get_args(field.annotation))


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _model(annotation: Any) -> type[BaseModel]:
    found: type[BaseModel] = next(one for one in (annotation, *get_args(annotation)) if _is_model(one))
    return found


def _cells(field: FieldInfo) -> tuple[str, str, str]:
    return _type(field), _default(field), field.description or ""


def _type(field: FieldInfo) -> str:
    return _type_name(field.annotation) + _bounds(field.metadata)


def _type_name(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if origin in (Union, types.UnionType):
        return _type_name(next(one for one in arguments if one is not type(None)))
    if origin is tuple:
        return f"list of {_type_name(arguments[0])}"
    if origin in (dict, Mapping):
        return "table" if arguments[1] is Any else f"table of {_type_name(arguments[1])}"
    if origin is not None:  # Annotated
        return _type_name(arguments[0])
    return {str: "text", int: "whole number", float: "number", bool: "true or false", date: "date"}.get(
        annotation, "table"
    )


def _bounds(metadata: Sequence[Any]) -> str:
    words = {"ge": "from {}", "gt": "over {}", "le": "to {}", "lt": "under {}", "max_length": "at most {} characters"}
    found = [
        words[name].format(f"{value:,}" if isinstance(value, int) else f"{value:g}")
        for item in metadata
        for name in words
        if (value := getattr(item, name, None)) is not None
    ]
    return f", {' '.join(found)}" if found else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    match value:
        case None | "":
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case BaseModel():
            return "as below"
        case tuple() if value and isinstance(value[0], BaseModel):
            return ", ".join(f"`{getattr(one, 'code', '')}`" for one in value)
        case tuple() | dict():
            return "empty" if not value else f"`{value}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


# --- errors -----------------------------------------------------------------------------------------------------------


def error_classes() -> list[type[GraftworkError]]:
    """Every error of the product itself, without what tests define."""
    return [cls for cls in all_errors() if cls.__module__.startswith("graftwork.")]


def is_group(cls: type[GraftworkError]) -> bool:
    """Whether the class only gathers others: it has no summary of its own, and is never raised."""
    return "summary" not in vars(cls) and any(one.__module__.startswith("graftwork.") for one in cls.__subclasses__())


def error_codes() -> list[str]:
    return [cls.code for cls in error_classes() if cls is not GraftworkError and not is_group(cls)]


def stored_codes() -> set[str]:
    """The codes of the page as it is stored: the record of what was published."""
    file = REFERENCE / "errors.md"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return set(re.findall(r"^### `([^`]+)`$", text, re.MULTILINE))


def errors_page() -> str:
    lines = [
        "# Error codes",
        "",
        "Every error that Graftwork raises on purpose. The code is stable: it is never renamed, and programs may rely",
        "on it. The wording may change. No message holds the text of an item, a draft or a person. Words in braces are",
        "filled in; what stands in square brackets may be left out.",
        "[Troubleshooting](../how-to/troubleshooting.md) tells more about the common ones.",
    ]
    # By name: the order of the classes is that in which their modules were imported.
    groups = sorted((cls for cls in GraftworkError.__subclasses__() if is_group(cls)), key=lambda one: one.code)
    alone = [cls for cls in GraftworkError.__subclasses__() if not is_group(cls) and cls in error_classes()]
    for group in groups:
        lines += ["", f"## {_words(group.__name__)} (`{group.code}`)"]
        members = [cls for cls in error_classes() if issubclass(cls, group) and not is_group(cls)]
        for cls in sorted(members, key=lambda one: one.code):
            lines += _error(cls)
    lines += ["", "## Others"]
    for cls in sorted(alone, key=lambda one: one.code):
        lines += _error(cls)
    return HEADER.format(source="the classes of `GraftworkError`") + "\n".join(lines) + "\n"


def _error(cls: type[GraftworkError]) -> list[str]:
    return [
        "",
        f"### `{cls.code}`",
        "",
        f"HTTP status {cls.status}, exit code {cls.exit_code}.",
        "",
        f"> {_unbraced(cls.summary)}",
        "",
        f"Next step: {_unbraced(cls.next_step) or 'none'}",
    ]


def _unbraced(text: str) -> str:
    """`{{` is how a format string writes a brace that stays."""
    return text.replace("{{", "{").replace("}}", "}").replace("{nearest}", "[; did you mean …?]").replace("<", "&lt;")


def _words(name: str) -> str:
    words = re.findall(r"[A-Z][a-z]+", name.removesuffix("Error"))
    return {"Use Case": "Use case", "Store": "Store, keys and settings", "Engine": "Engines and models"}.get(
        " ".join(words), " ".join(words)
    )


# --- REST -------------------------------------------------------------------------------------------------------------


def rest_page() -> str:
    from graftwork.api.root import api  # noqa: PLC0415 - imports models, so Django has to be loaded first

    document: Mapping[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    lines = [
        "# REST interface",
        "",
        document["info"]["description"].strip(),
        "",
        "The running product shows the same at `/api/v1/docs`, and the OpenAPI document at `/api/v1/openapi.json`.",
        "[A first request with curl](../how-to/rest.md).",
    ]
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).extend(_operation(method, path, operation))
    for tag, text in by_tag.items():
        lines += ["", f"## {tag}", *text]
    lines += ["", "## Schemas", "", "Bodies and answers by name."]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += _schema(name, schema)
    return HEADER.format(source="the OpenAPI document of `graftwork.api`") + "\n".join(lines) + "\n"


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> list[str]:
    lines = ["", f"### {method.upper()} {path}", "", operation["summary"] + ".", "", operation["description"].strip()]
    if operation["parameters"]:
        lines += ["", "| parameter | in | type | meaning |", "|---|---|---|---|"]
        for parameter in operation["parameters"]:
            required = ", required" if parameter.get("required") else ""
            meaning = parameter.get("description") or parameter["schema"].get("description", "")
            cells = (f"`{parameter['name']}`", parameter["in"] + required, _json_type(parameter["schema"]), meaning)
            lines.append(_row(cells))
    if body := operation.get("requestBody"):
        lines += ["", f"Body: {_body(body['content'])}."]
    answers: list[str] = []
    errors: list[str] = []
    for status, answer in operation["responses"].items():
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").endswith("/ErrorAnswer"):
            errors.append(str(status))
        else:
            answers.append(f"{status} with {_json_type(schema)}" if schema else str(status))
    failing = f" Errors: {', '.join(errors)}, with [ErrorAnswer](#erroranswer)." if errors else ""
    return [*lines, "", f"Answers: {', '.join(answers)}.{failing}"]


def _body(content: Mapping[str, Any]) -> str:
    [(kind, body)] = content.items()
    return _json_type(body["schema"]) if kind == "application/json" else f"bytes of any kind (`{kind}`)"


def _schema(name: str, schema: Mapping[str, Any]) -> list[str]:
    lines = ["", f"### {name}"]
    if description := schema.get("description"):
        lines += ["", description.strip()]
    required = schema.get("required", [])
    lines += ["", "| field | type | meaning |", "|---|---|---|"]
    for field, inner in schema.get("properties", {}).items():
        kind = _json_type(inner) + ("" if field in required else ", optional")
        lines.append(_row((f"`{field}`", kind, inner.get("description", ""))))
    return lines


def _json_type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_json_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_json_type(schema['items'])}"
    if "format" in schema:
        return str(schema["format"])
    return str(schema.get("type", "any value"))


# --- shared -----------------------------------------------------------------------------------------------------------


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in cells)} |"


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


def _throwaway_ring() -> str:
    """Keys for this process only: nothing is stored, but Django does not start without a secret."""

    secret = base64.b64encode(os.urandom(32)).decode()
    return json.dumps({"active": "k", "master_keys": {"k": secret}, "audit_secret": secret, "session_secret": secret})


def main() -> None:
    load()
    try:
        fresh = pages()
    except CodeLostError as error:
        sys.exit(str(error))
    REFERENCE.mkdir(exist_ok=True)
    for file, text in fresh.items():
        changed = not file.is_file() or file.read_text(encoding="utf-8") != text
        file.write_text(text, encoding="utf-8")
        click.echo(f"{'written' if changed else 'as before':<9} {file.relative_to(DOCS.parent)}")


if __name__ == "__main__":
    main()
