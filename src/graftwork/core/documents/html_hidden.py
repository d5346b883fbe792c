"""What a page does not show. Instructions to a model are hidden this way, so it is left out, with a notice."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# A style sheet that hides by thousands of rules hides a layout, not a text.
_MOST_RULES = 2_000
_MOST_STYLE_CHARACTERS = 500_000

_HIDING = re.compile(
    r"(?:^|[;{\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?:px|pt|em|rem|%)?\s*(?:;|!|$)"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|mso-hide\s*:\s*all)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{0,20000})\}")


def is_hidden(node: "LexborNode", by_style: frozenset[int]) -> bool:
    attributes = node.attributes
    if "hidden" in attributes or node.mem_id in by_style:
        return True
    style = attributes.get("style")
    return bool(style and _HIDING.search(style))


def hidden_by_style(tree: "LexborHTMLParser") -> frozenset[int]:
    """The elements that rules of the page's own style sheets hide. Rules for other media (`@media`) are not asked."""
    found: set[int] = set()
    sheets = "\n".join(node.text() for node in tree.css("style"))[:_MOST_STYLE_CHARACTERS]
    if not _HIDING.search(sheets):
        return frozenset()
    for number, (selector, rule) in enumerate(_RULE.findall(_without_at_rules(_COMMENT.sub("", sheets)))):
        if number < _MOST_RULES and _HIDING.search(rule):
            found.update(node.mem_id for node in _selected(tree, selector.strip()))
    return frozenset(found)


def _selected(tree: "LexborHTMLParser", selector: str) -> list["LexborNode"]:
    if not selector or selector in ("*", "body", "html") or ":" in selector:  # states, such as :hover, and our own root
        return []
    try:
        return tree.css(selector)
    except Exception:  # noqa: BLE001 - lexbor raises its own kinds for selectors that it does not know
        return []


def _without_at_rules(sheet: str) -> str:
    """The rules outside `@media` and its kind."""
    kept: list[str] = []
    at = 0
    while (begin := sheet.find("@", at)) >= 0:
        kept.append(sheet[at:begin])
        at = _end_of_rule(sheet, begin)
    return "".join(kept) + sheet[at:]


def _end_of_rule(sheet: str, begin: int) -> int:
    depth = 0
    for match in re.compile(r"[{};]").finditer(sheet, begin):
        if match[0] == ";" and depth == 0:
            return match.end()
        depth += {"{": 1, "}": -1, ";": 0}[match[0]]
        if match[0] == "}" and depth <= 0:
            return match.end()
    return len(sheet)
