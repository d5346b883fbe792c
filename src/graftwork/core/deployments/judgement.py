"""What is judged, not measured, of three ways to run a model: the words, each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aspect:
    key: str
    title: str
    in_house: str
    managed: str
    hybrid: str


ASPECTS: tuple[Aspect, ...] = (
    Aspect(
        "data_control",
        "Data control",
        "Strong: texts never leave machines that you run, so no contract has to promise what happens to them.",
        "By contract: a third party reads what it is sent. Masking narrows what that is; keeping and region are the "
        "provider's word.",
        "By rule: sensitive items stay in the house, the rest goes out. As strong as the rule that tells them apart.",
    ),
    Aspect(
        "customisation",
        "Customisation",
        "Widest: any open model, own tuning, versions that stay as long as you keep them.",
        "Instructions, examples and own documents; the model itself changes when its provider changes it.",
        "Both, at the price that instructions have to hold for two models.",
    ),
    Aspect(
        "set_up",
        "Set-up",
        "Weeks: machines have to be bought or rented, sized and secured before the first draft.",
        "Days: a key and a contract; the review of the contract takes longer than the connection.",
        "The longest: both of it, and the rule between them.",
    ),
    Aspect(
        "upkeep",
        "Upkeep",
        "Yours: drivers, models, capacity and nights, because nobody else watches the machine.",
        "Little to run, but models are withdrawn on the provider's dates, and each successor has to be evaluated.",
        "Two of everything to watch, and each can stand in for the other when it is down.",
    ),
    Aspect(
        "cost_predictability",
        "Cost predictability",
        "Fixed until the machine is full, then a step: capacity is paid for whether or not it is used.",
        "Follows the traffic: low when little comes in, and without an upper end unless a budget stops it.",
        "A fixed part and a part that follows the traffic; moving the rule moves the bill.",
    ),
    Aspect(
        "integration",
        "Integration",
        "The desk, the connectors and the REST interface are the same; what differs is that no way out is needed.",
        "The same surroundings; the network has to let requests out, and quotas of the provider slow bursts down.",
        "The same surroundings; routing between the two is part of the use case's file.",
    ),
)
