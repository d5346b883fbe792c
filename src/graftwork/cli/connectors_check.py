"""The first records of a system, as a connector's file maps them: shown, and stored nowhere."""

import json

import click

from graftwork.apps.connectors.actions.storing import as_item
from graftwork.apps.connectors.foreign import foreign
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import RowRejected
from graftwork.systems.contract import System
from graftwork.systems.file import ConnectorFile


def show_records(file: ConnectorFile, system: System, count: int) -> None:
    if file.pull is None:
        click.echo("  nothing is pulled: there is no table [pull]")
        return
    use_case = get_usecase(file.use_case)
    with foreign():
        pulled = system.pull(None, count)
    for number, record in enumerate(pulled.records, 1):
        click.secho(f"{number}. {record.key}", bold=True)
        if record.problem:
            click.secho(f"   {record.problem}", fg="red")
            continue
        try:
            item = as_item(use_case, record, number)
        except RowRejected as error:
            click.secho(f"   {error.reason}", fg="red")
            continue
        for name, value in item.content.fields.items():
            text = [{"from": turn.speaker, "text": turn.text} for turn in value] if isinstance(value, tuple) else value
            click.echo(f"   {name}: {json.dumps(text, ensure_ascii=False)}")
