"""What only an assistant's calls can meet. All else comes from the tree in `core.errors`."""

from dataclasses import dataclass

from graftwork.core.errors import GraftworkError


class McpError(GraftworkError):
    code = "mcp"


@dataclass(eq=False)
class TokenMissing(McpError):
    """Of the command, not of a call: over stdio the one token of the process stands in its environment."""

    variable: str
    code = "mcp.no_token"
    status = 401
    exit_code = 2
    summary = "{variable} is not set"
    next_step = (
        "Make a token with `graftwork token add NAME --user USER --scope knowledge:read ...`, and put it into the "
        "environment that the assistant starts this command with."
    )


@dataclass(eq=False)
class OriginRefused(McpError):
    """A page of another site must not use a browser to reach a server on this network (DNS rebinding)."""

    header: str
    code = "mcp.origin"
    status = 403
    summary = "the {header} of this request is not one that this server is known by"
    next_step = "Set `mcp.public_url` in graftwork.toml to the address that assistants use."


@dataclass(eq=False)
class TokenRefused(McpError):
    code = "mcp.token_refused"
    status = 401
    exit_code = 2
    summary = "the token of this process does not hold: it is wrong, was revoked or has expired"
    next_step = "Make one with `graftwork token add`; `graftwork token list` names those there are."
