"""`graftwork knowledge`: the documents that drafts may draw on."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from graftwork.cli.knowledge_refresh import refresh_all
from graftwork.cli.knowledge_status import one_line, open_to, show_source, watched_usecases
from graftwork.cli.session import open_store
from graftwork.cli.tables import counted


@click.group()
def knowledge() -> None:
    """Add documents that drafts draw on, search them, remove them."""


@knowledge.command()
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--group", "groups", multiple=True, help="Only this group may read it; can be repeated. All if absent.")
@click.pass_context
def add(ctx: click.Context, name: str, path: Path | None, groups: tuple[str, ...]) -> None:
    """Read the folder or file at PATH as the source NAME; without PATH, make a feed that programs fill over REST.

    A source that is there already is read again: only what changed is read and embedded. The embedding model is brought
    here first where it is not.
    """
    workspace = open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge.actions.sources import add_source, set_groups

    source, new = add_source(operator(), name, path, timezone.now(), groups=groups)
    if groups and not new:
        set_groups(operator(), name, groups, timezone.now())
    if new:
        click.echo(f"Added {name}, {open_to(groups)}")
    refresh_all(ctx, workspace, [source])


@knowledge.command()
@click.argument("name", required=False)
@click.option("--all-gone", is_flag=True, help="The folder of NAME is empty, and is meant to be: forget its documents.")
@click.pass_context
def refresh(ctx: click.Context, name: str | None, all_gone: bool) -> None:
    """Read what changed in the source NAME, or in all sources; what is gone from a folder is gone from answers.

    A folder that holds no document any more, as that of a disk that is not mounted, keeps what was read from it.
    """
    if all_gone and not name:
        raise click.UsageError("--all-gone needs the NAME of a source")
    workspace = open_store()
    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge.queries import source_by_name, visible_sources

    refresh_all(ctx, workspace, [source_by_name(name)] if name else visible_sources(operator()), all_gone=all_gone)


@knowledge.command()
@click.argument("query")
@click.option("--source", "sources", multiple=True, help="Search this source only; can be repeated. All if absent.")
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True, help="Most passages to show.")
@click.option("--as", "username", metavar="USER", help="Search what this person may read, and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def search(query: str, sources: tuple[str, ...], limit: int, username: str | None, as_json: bool) -> None:
    """Show the passages that answer QUERY best, each with where it stands and how relevant it is, 0 to 1."""
    open_store()
    from graftwork.apps.accounts.queries import actor_for_user, user_by_name
    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge.searching import search as find

    actor = actor_for_user(user_by_name(username)) if username else operator()
    found = find(actor, query, sources=sources, limit=limit)
    if as_json:
        rows = [asdict(one) | {"document_id": str(one.document_id)} for one in found.passages]
        shown = {"passages": rows, "sources": found.sources, "snapshot": found.snapshot}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for one in found.passages:
        click.secho(f"{one.rank}. {one_line(one.place)}", bold=True, nl=False)
        click.echo(f"  (relevance {one.relevance:.2f})")
        click.echo("\n".join(f"   {one_line(line)}" for line in one.text.strip().splitlines()) + "\n")
    if not found.passages:
        click.echo("Nothing found." if found.sources else "There is no source to search.", err=True)


@knowledge.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def status(name: str | None, as_json: bool) -> None:
    """Show the sources: documents, passages, who may read them, what draws on them, and what could not be read."""
    workspace = open_store()
    from graftwork.apps.knowledge.embedding import embedding_of_settings
    from graftwork.apps.knowledge.status import status as read_status
    from graftwork.apps.work.usecases import all_usecases

    found = read_status(all_usecases()[0], embedding_of_settings(), name, watched_usecases(workspace))
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
        return
    for one in found.sources:
        show_source(one)
    for left_out in found.left_out:
        click.secho(f"{left_out.use_case} does not draw on {left_out.source}: {left_out.reason}", fg="yellow")
    if found.sources:
        click.echo(
            f"snapshot {found.snapshot[:12] or 'none: nothing can be searched'}, embedded by {found.embedded_by}"
        )
    else:
        click.echo("None yet. Add one with: graftwork knowledge add NAME PATH", err=True)


@knowledge.command()
@click.argument("name")
@click.option("--document", "path", help="Only this document, by its path in the source.")
def rm(name: str, path: str | None) -> None:
    """Take the source NAME out of answers, at once and in all processes. Files on the disk stay as they are."""
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge.actions.documents import remove_document
    from graftwork.apps.knowledge.actions.sources import remove_source

    if path is not None:
        remove_document(operator(), name, path, timezone.now())
        click.echo(f"Removed {path} from {name}")
        return
    count = remove_source(operator(), name, timezone.now())
    click.echo(f"Removed {name}, {counted(count, 'document')}")


@knowledge.command("groups")
@click.argument("name")
@click.argument("groups", metavar="[GROUP]...", nargs=-1)
@click.option("--everybody", is_flag=True, help="Open it to everybody in the workspace.")
def set_groups_of(name: str, groups: tuple[str, ...], everybody: bool) -> None:
    """Keep the source NAME to these groups; without any, say to whom it is open."""
    if groups and everybody:
        raise click.UsageError("give groups or --everybody, not both")
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge.actions.sources import set_groups
    from graftwork.apps.knowledge.queries import source_by_name

    source = set_groups(operator(), name, groups, timezone.now()) if groups or everybody else source_by_name(name)
    click.echo(f"{name} is {open_to(source.groups)}")
