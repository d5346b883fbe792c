"""The detector that the `[privacy]` of a use case asks for."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graftwork.core.privacy.adapters.opening import readers_for
from graftwork.core.privacy.assembly import detector_for
from graftwork.core.privacy.detector import Detector, Reader

if TYPE_CHECKING:
    from graftwork.core.usecase_tables import PrivacyRules


def detector_by(rules: "PrivacyRules", folder: Path, terms: Sequence[Reader] = (), *, ner: bool = True) -> Detector:
    """Made once for the same rules. `folder` is that of the use case's file, from which the files it names count.

    `terms` are the workspace's own; `ner = False` leaves the model for names out whatever the rules say. Raises a
    `PrivacyError` where something is asked for that is not there.
    """
    return detector_for(
        profile_of(rules.profile, folder),
        rules.languages,
        ner and rules.ner,
        [folder / name for name in rules.dictionaries],
        (*terms, *readers_for(rules.detectors, folder)),
    )


def profile_of(profile: str, folder: Path) -> str:
    """A packaged profile by its name, one of the company's by its path from `folder`."""
    return str(folder / profile) if profile.endswith(".toml") else profile
