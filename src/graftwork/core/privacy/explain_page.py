"""The explanation as one HTML page that needs nothing but itself: no script, no font, no server. Values stay hidden."""

from html import escape

from graftwork.core.privacy.explain import Explanation, Place, Sight

SEES = {"local": "the text as it is", "masked": "masked text", "allowed": "the text as it is", None: "nothing"}
WHERE = {"local": "in the house", "managed": "managed by a third party"}

_STYLE = """\
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; }
body { overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8886; }
pre { white-space: pre-wrap; padding: .8rem; border: 1px solid #8886; border-radius: 6px; }
pre { font: .875rem/1.5 ui-monospace, monospace; }
.lead { font-size: 1.1rem; border-left: 4px solid #1f7a6d; padding-left: .8rem; }
"""


def page(explanation: Explanation, name: str) -> str:
    """The page for the file called `name`."""
    parts = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="lead">{escape(decision(explanation))}</p>',
        *(f"<p><strong>Note:</strong> {escape(notice)}</p>" for notice in explanation.notices),
        "<h2>What was found</h2>",
        _table(explanation),
        f"<pre>{escape(explanation.hidden_text)}</pre>",
        "<h2>What each engine would see</h2>",
        *(_sight(sight) for sight in explanation.sights),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(name)} \u00b7 where it may go</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def decision(explanation: Explanation) -> str:
    """Where the item goes and why, in one sentence."""
    first = next((sight for sight in explanation.sights if sight.turn == 1), None)
    to = f"Goes to {first.name} ({WHERE[first.zone]}), which sees {SEES[first.sees]}" if first else "Goes nowhere"
    return f"{to}: {explanation.decision}."


def _table(explanation: Explanation) -> str:
    if not explanation.places:
        return "<p>Nothing.</p>"
    rows = "\n".join(_row(place) for place in explanation.places)
    head = "<tr><th>Kind</th><th>Where</th><th>Length</th><th>Found by</th><th>Because</th></tr>"
    classes = f"<p>Classes of data: {', '.join(explanation.classes)}.</p>" if explanation.classes else ""
    return f"<table>\n{head}\n{rows}\n</table>\n{classes}"


def _row(place: Place) -> str:
    cells = (place.kind, f"line {place.line}, column {place.column}", str(place.characters), place.recognizer)
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in (*cells, place.reason)) + "</tr>"


def _sight(sight: Sight) -> str:
    about = [WHERE[sight.zone], *([f"region {sight.region}"] if sight.region else [])]
    about += [f"{key}: {value}" for key, value in sight.facts]
    turn = f"asked as number {sight.turn}" if sight.turn else "not asked"
    head = f"<h3>{escape(sight.name)}, {escape(sight.model)}</h3>\n<p>{escape('; '.join(about))}; {turn}.</p>"
    if sight.sees == "masked":
        return f"{head}\n<p>Sees masked text:</p>\n<pre>{escape(sight.text)}</pre>"
    return f"{head}\n<p>Sees {SEES[sight.sees]}.</p>"
