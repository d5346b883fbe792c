"""Messages and replies for pilots that nobody took part in: invented sentences, put together by chance."""

from dataclasses import dataclass

import numpy as np

from graftwork.core.items import NewItem
from graftwork.core.types import FieldValue, ItemContent, Turn
from graftwork.core.usecase import UseCase

TOPICS = ("Delivery", "Return", "Fault", "Invoice")
_ASKED = {
    "Delivery": "My parcel was to be here on Tuesday, and there is no sign of it.",
    "Return": "I would like to send the lamp back, since it is too tall for the corner.",
    "Fault": "The kettle I bought from you has begun to leak at the handle.",
    "Invoice": "The invoice shows two lamps, but I ordered one and got one.",
}
_MORE = (
    "I have looked into the tracking page twice today.",
    "The box looked fine from outside, for what that is worth.",
    "It was a present, so there is some hurry in this.",
    "Last year you solved a similar matter within a day, which was very kind.",
    "Please tell me what you need from me, and where to send it.",
    "I am at home in the mornings, and can be called then.",
    "My neighbour ordered the same one and had no trouble at all.",
    "If that cannot be done, I would rather have the money back.",
)
_ANSWERED = {
    "Delivery": "A parcel that has not arrived 10 working days after dispatch counts as lost.",
    "Return": "You can return an unused item within 30 days, and we send you a label.",
    "Fault": "Lamps and kettles have a warranty of 2 years, so we repair or replace it.",
    "Invoice": "We have passed this to our accounts, who will send you a new invoice.",
}
_FURTHER = (
    "Please send us the order number and one photo.",
    "A colleague will look at your order today.",
    "You need not send anything back before that.",
    "You will hear from us within two working days.",
    "The money is with you within ten days after that.",
)
_OWN = (
    "I have checked your order myself.",
    "Thank you for your patience so far.",
    "I am sorry that you had to write twice.",
    "Please answer this message if anything is still open.",
)
_GREETING, _SIGNATURE = "Hello, thank you for your message.", "Pellandine customer service"


@dataclass(frozen=True, slots=True)
class Message:
    """`sentences` is how long it is, which is also how long it takes to answer."""

    topic: str
    sentences: int
    text: str


def message(chance: np.random.Generator, order: int, topics: tuple[str, ...] = TOPICS) -> Message:
    topic = topics[int(chance.integers(len(topics)))]
    asked = _ASKED.get(topic, f"I have a question about {topic}.")
    more = [_MORE[at] for at in chance.permutation(len(_MORE))[: int(chance.integers(0, 6))]]
    closing = f"My order number is PL-{order:06d}."
    return Message(topic, len(more) + 2, " ".join(["Hello,", asked, *more, closing]))


def new_item(use_case: UseCase, name: str, said: Message, typed_by: str) -> NewItem:
    """The message as an item of `use_case`: its topic in the field `typed_by`, else in a short text; the rest empty."""
    fields: dict[str, FieldValue] = {}
    told = False
    for field, spec in use_case.input.fields.items():
        if field == typed_by or (not typed_by and field == "subject"):
            fields[field] = said.topic
        elif spec.type in ("thread", "text") and not told:
            fields[field] = (Turn("customer", said.text),) if spec.type == "thread" else said.text
            told = True
        else:
            fields[field] = None
    return NewItem(name, name, ItemContent(fields))


def draft(chance: np.random.Generator, topic: str) -> str:
    return _reply(topic, [_FURTHER[at] for at in chance.permutation(len(_FURTHER))[:3]])


def edited(chance: np.random.Generator, text: str) -> str:
    """A reply as somebody leaves it who changed a sentence or two."""
    head, *body, end = text.split("\n")
    for _ in range(int(chance.integers(1, 3))):
        at = int(chance.integers(len(body)))
        own = _OWN[int(chance.integers(len(_OWN)))]
        body = [*body[:at], own, *body[at + int(chance.integers(2)) :]]
    return "\n".join([head, *body, end])


def written(chance: np.random.Generator, topic: str) -> str:
    """A reply without help."""
    own = [_OWN[at] for at in chance.permutation(len(_OWN))[: int(chance.integers(1, 3))]]
    return _reply(topic, [*own, _FURTHER[int(chance.integers(len(_FURTHER)))]])


def _reply(topic: str, body: list[str]) -> str:
    answered = _ANSWERED.get(topic, "A colleague will check this and reply to you.")
    return "\n".join([_GREETING, answered, *body, _SIGNATURE])
