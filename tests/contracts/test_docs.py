"""The docs and the product say the same: generated pages, links, commands, keys and error codes."""

import re
import shlex
import tomllib
from collections import Counter
from pathlib import Path
from typing import get_args

import click
import pytest
from docs import generate

from contracts.conftest import ROOT, Block, all_pages, blocks, name_of, written_pages
from graftwork.cli.main import cli
from graftwork.config.workspace import Settings, setting_variables
from graftwork.core import usecase, usecase_file
from graftwork.core.charter.file import charter_from
from graftwork.core.charter.schema import Charter
from graftwork.core.errors import GraftworkError
from graftwork.systems.contract import Event
from graftwork.systems.loading import load_connector
from support.charters import WHOLE

LEAST_USE_CASE = """\
name = "docs_example"
title = "An example of the docs"

[input.fields.text]

[instructions]
system = "Answer."
"""


@pytest.fixture(scope="module")
def fresh() -> dict[Path, str]:
    return generate.pages()


@pytest.mark.parametrize("name", ["cli", "settings", "usecase", "connectors", "charter", "systems", "errors", "rest"])
def test_a_stored_page_of_the_reference_is_the_one_that_is_generated_now(fresh, name):
    page = generate.REFERENCE / f"{name}.md"
    assert page.read_text(encoding="utf-8") == fresh[page], f"docs/reference/{name}.md is old; run `make docs`"


def test_no_other_page_lies_in_the_reference(fresh):
    assert set(generate.REFERENCE.iterdir()) == set(fresh)


def test_a_published_error_code_that_is_gone_is_refused(monkeypatch):
    monkeypatch.setattr(generate, "stored_codes", lambda: {"input.row", "input.long_gone"})
    with pytest.raises(generate.CodeLostError, match=r"input\.long_gone"):
        generate.pages()


# --- errors -----------------------------------------------------------------------------------------------------------


def test_every_error_code_is_used_once(fresh):
    del fresh  # only so that every module is imported
    raised = [cls for cls in generate.error_classes() if cls is not GraftworkError]
    twice = [code for code, count in Counter(cls.code for cls in raised).items() if count > 1]
    assert not twice


def test_every_error_says_what_is_wrong_and_what_to_do(fresh):
    del fresh
    for cls in generate.error_classes():
        if cls is GraftworkError or generate.is_group(cls):
            continue
        assert re.fullmatch(r"[a-z]+(\.[a-z_]+)?", cls.code), cls
        assert cls.summary != GraftworkError.summary, cls
        assert cls.next_step, cls
        assert not cls.summary.endswith("."), cls
        assert 400 <= cls.status < 600, cls
        assert cls.exit_code in (1, 2, 3), cls


def test_troubleshooting_names_only_codes_and_keys_that_exist(fresh):
    del fresh
    groups = {cls.code for cls in generate.error_classes()}
    known = groups | set(_setting_keys()) | set(_usecase_keys()) | {f"review.{event}" for event in get_args(Event)}
    heads = {word.partition(".")[0] for word in known if "." in word}
    for page in written_pages():
        for word in re.findall(r"`([a-z]+(?:\.[a-z_]+)+)`", page.read_text(encoding="utf-8")):
            is_file = word.endswith((".md", ".py", ".toml", ".json", ".jsonl", ".eml"))
            if word.partition(".")[0] in heads and not is_file:
                assert word in known, f"{name_of(page)} names `{word}`"


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", all_pages(), ids=name_of)
def test_every_relative_link_leads_somewhere(page):
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{target} of {name_of(page)}"
        if anchor and file.suffix == ".md":
            assert anchor in _anchors(file), f"{target} of {name_of(page)}"


def test_every_page_of_the_docs_is_linked_from_another():
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in all_pages()
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target and target.partition("#")[0]
    }
    for page in (ROOT / "docs").rglob("*.md"):
        in_a_listed_folder = page.name == "README.md" and page.parent in linked
        assert page in linked or in_a_listed_folder, name_of(page)


def _anchors(file: Path) -> set[str]:
    """What GitHub makes of headings: lower case, spaces to hyphens, other marks left out."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- commands ---------------------------------------------------------------------------------------------------------

SHELL_BLOCKS = [block for page in written_pages() for block in blocks(page) if block.language == "sh"]


@pytest.mark.parametrize("block", SHELL_BLOCKS, ids=lambda block: f"{name_of(block.page)}-{block.lines[0][:40]}")
def test_every_command_of_the_docs_is_one_that_the_command_line_takes(block: Block, monkeypatch, tmp_path):
    for words in _graftwork_commands(block):
        try:
            _parse(words)
        except click.UsageError as error:
            pytest.fail(f"{name_of(block.page)}: graftwork {shlex.join(words)}: {error.format_message()}")


def _graftwork_commands(block: Block) -> list[list[str]]:
    """The words after `graftwork`, without redirections; also of a command inside $( )."""
    found = []
    for line in block.lines:
        for command in re.findall(r"(?:^|\$\(|\s)graftwork ([^)|<>&;\n]*)", line):
            found.append(shlex.split(command))
    return found


def _parse(words: list[str]) -> None:
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group) and (words or not command.invoke_without_command):
        name = words[0]
        found = command.get_command(context, name)
        if found is None:
            raise click.UsageError(f"there is no command {name}")
        command, words = found, words[1:]
    command.make_context(command.name, list(words))


def test_every_command_has_a_place_in_what_people_write():
    written = "\n".join(page.read_text(encoding="utf-8") for page in written_pages())
    for name, command, _ in generate.commands():
        if not isinstance(command, click.Group):
            assert name in written, f"no page mentions `{name}`"


def test_every_make_target_of_the_docs_is_in_the_makefile():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    commands = [line for block in SHELL_BLOCKS for line in block.lines if re.search(r"(^| )make ", line)]
    assert commands
    for line in commands:
        words = [word for word in shlex.split(line.partition("make ")[2]) if "=" not in word]
        assert set(words) <= targets, line


def test_every_exit_code_that_a_command_page_names_is_in_the_reference():
    cli_page = (generate.REFERENCE / "cli.md").read_text(encoding="utf-8")
    for code in (0, 1, 2, 3, 130):
        assert f"| {code} |" in cli_page


# --- settings and use cases -------------------------------------------------------------------------------------------


def test_every_setting_and_variable_is_in_the_reference():
    page = (generate.REFERENCE / "settings.md").read_text(encoding="utf-8")
    for variable, table, key in setting_variables():
        assert f"`{table}.{key}`" in page
        assert f"`{variable}`" in page


def test_every_variable_that_the_code_reads_is_documented():
    known = {variable for variable, _, _ in setting_variables()} | set(generate.VARIABLES) | generate.INTERNAL_VARIABLES
    for file in (ROOT / "src").rglob("*.py"):
        for name in re.findall(r"[\"'](GRAFTWORK_[A-Z_]*[A-Z])[\"']", file.read_text(encoding="utf-8")):
            assert name in known, f"{name} in {name_of(file)}"


def test_every_key_of_a_use_case_is_in_the_reference():
    page = (generate.REFERENCE / "usecase.md").read_text(encoding="utf-8")
    for key in _usecase_keys():
        assert f"`{key.rpartition('.')[2]}`" in page, key


# Pages with pieces of connectors, and of systems: each page has a test of its own, which puts them together.
CONNECTOR_PAGES = (
    "connect-a-database", "connect-a-folder", "connect-a-helpdesk", "connect-a-mailbox", "connect-an-http-system",
    "connect-webhooks", "connectors",
)  # fmt: skip
OF_A_CHARTER = Charter.model_fields.keys() - usecase.UseCase.model_fields.keys()
TOML_BLOCKS = [block for page in written_pages() for block in blocks(page) if block.language == "toml"]


@pytest.mark.parametrize("block", TOML_BLOCKS, ids=lambda block: f"{name_of(block.page)}-{block.lines[0]}")
def test_every_piece_of_toml_in_the_docs_is_taken(block: Block, tmp_path):
    if block.text.startswith("# graftwork.toml"):
        Settings.model_validate(tomllib.loads(block.text))
        return
    if block.page.stem in CONNECTOR_PAGES and ("system" not in tomllib.loads(block.text) or "case_desk" in block.text):
        return
    if "system" in tomllib.loads(block.text):
        file = tmp_path / f"{tomllib.loads(block.text)['name']}.toml"
        file.write_text(block.text, encoding="utf-8")
        load_connector(file)
        return
    if OF_A_CHARTER & tomllib.loads(block.text).keys():
        charter_from({**WHOLE, **tomllib.loads(block.text)}, name_of(block.page))
        return
    file = tmp_path / "docs_example.toml"
    file.write_text(f"{LEAST_USE_CASE}\n{block.text}", encoding="utf-8")
    usecase_file.load(file)


def _setting_keys() -> list[str]:
    return [f"{table}.{key}" for _, table, key in setting_variables()]


def _usecase_keys() -> list[str]:
    found = []
    for path, model in generate._tables("", usecase.UseCase):
        inside = path.strip("[]").replace(".NAME", "")
        found += [f"{inside}.{key}" if inside else key for key, _ in generate._fields(model)]
    return found
