"""`graftwork completion`: what a shell runs to complete our commands."""

import click
from click.shell_completion import get_completion_class

from graftwork.cli.main import cli

COMPLETE_VARIABLE = "_GRAFTWORK_COMPLETE"
INSTALL = {
    "bash": "graftwork completion bash > ~/.local/share/bash-completion/completions/graftwork",
    "zsh": 'graftwork completion zsh > "${fpath[1]}/_graftwork"',
    "fish": "graftwork completion fish > ~/.config/fish/completions/graftwork.fish",
}


@click.command()
@click.argument("shell", type=click.Choice(list(INSTALL)))
def completion(shell: str) -> None:
    """Print the completion script of SHELL; its last line says how to install it."""
    script = get_completion_class(shell)
    assert script is not None, "click knows all three"
    click.echo(script(cli, {}, "graftwork", COMPLETE_VARIABLE).source().strip())
    # The last line, because zsh wants its #compdef first.
    click.echo(f"# install, then open a new shell: {INSTALL[shell]}")
