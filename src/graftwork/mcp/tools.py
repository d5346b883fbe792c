"""The tools of this server, by name."""

from collections.abc import Mapping
from typing import Any

from graftwork.mcp import knowledge, results, submitting, usecases
from graftwork.mcp.told import Tool

TOOLS: Mapping[str, Tool[Any]] = {
    tool.name: tool for tool in (knowledge.TOOL, usecases.TOOL, submitting.TOOL, results.TOOL)
}
