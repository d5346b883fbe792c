"""What the grounded items of the browser tests say. All of it is invented."""

import json

HANDBOOK = [
    {
        "number": 1, "source": "handbook", "document": "leave.md", "title": "Annual leave", "start": 0, "end": 150,
        "text": "😀 Up to five days may be carried over into the next year. Carried-over leave must be taken by "
        "31 March; after that it lapses. Leave is not paid out while the employment lasts.",
        "headings": ["Annual leave", "Leave that was not taken"], "page": 3,
    },
    {
        "number": 2, "source": "handbook", "document": "leave.md", "title": "Annual leave", "start": 300, "end": 400,
        "text": "A full-time employee has 28 working days of paid leave in a calendar year. After five years of "
        "service it is 30 working days.",
        "headings": ["Annual leave", "How much leave"],
    },
]  # fmt: skip
SECRET = {
    "number": 3, "source": "board", "document": "pay.md", "title": "Pay of the board", "start": 0, "end": 60,
    "text": "The members of the board receive 400 shares in January.", "headings": ["Golden rules"],
}  # fmt: skip
ANSWER = (
    "Hello,\n\nup to five days may be carried over into the next year [1]. Carried-over leave must be taken by "
    "30 June [1]. A full-time employee has 28 working days of paid leave in a calendar year [2].\n\nKind regards"
)
REPORT = (
    "Discharge letter 😀, Hollbeck District Hospital.\n\nWe report on a 46-year-old woman who fell from a ladder at "
    "work on 3 March 2024.\n\nThe X-ray showed a displaced fracture of the right distal radius. There was a contusion "
    "of the left knee.\n\nOn the last page the age is given as 47 years.\n"
)


def quoted(quote, value=None):
    return {"quote": quote, "value": quote if value is None else value}


FACTS = {
    "patient": {"age": quoted("46-year-old", 46), "sex": quoted("woman", "female")},
    "admitted": quoted("3 March 2024", "2024-03-03"),
    "cause": quoted("fell from a ladder at work", "W1"),
    "at_work": True,
    "remarks": [quoted("There was a contusion")],
    "diagnoses": [
        {"name": quoted("displaced fracture of the right distal radius"), "side": quoted("right")},
        {"name": quoted("contusion of the left knee"), "side": {"quote": "both", "value": "both"}},
    ],
}
NONE_FACTS = {"patient": {"age": quoted("47 years", 47)}, "diagnoses": []}


def answer_of_handbook(house, text=ANSWER, excerpts=HANDBOOK, question="How many days can I carry over?", **row):
    for source in sorted({one["source"] for one in excerpts}):
        house.order("add_knowledge", source=source, documents={"x.md": "Nothing."}, groups=[])
    row = {"id": "leave-1", "question": question, **row}
    return house.order("add_grounded", use_case="handbook_reply", row=row, answers=[text], excerpts=excerpts)


def facts_of_report(house, report=REPORT, facts=FACTS, external_id="report-1", parts=(), more=()):
    answers = [json.dumps(one) for one in (facts, *more)]
    row = {"id": external_id, "report": report}
    return house.order("add_grounded", use_case="report_facts", row=row, answers=answers, parts=list(parts))


def in_two_parts(house):
    """The second part gives another age than the first."""
    cut = REPORT.index("On the last page")
    parts = [{"report": REPORT[:cut]}, {"report": REPORT[cut:]}]
    return facts_of_report(house, parts=parts, more=[NONE_FACTS])


def long_report(pages=300, facts=200):
    """A report of so many pages, where each begins, and a digest with as many statements."""
    texts, starts, told = [], [], []
    at = 0
    for page in range(1, pages + 1):
        line = f"Sensor {page} measured {page * 7} bar in hall {page}."
        body = f"{line}\n" + "The plant ran without interruption during the night shift, as the log says.\n" * 33
        starts.append(at)
        texts.append(body)
        at += len(body)
        if page % 3 != 0 and len(told) < facts:
            told.append(line)
    return "".join(texts), starts, "\n".join(f"- {line}" for line in told)
