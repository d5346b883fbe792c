"""The detector of a use case, with the workspace's own terms in it from the moment they are reported."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from graftwork.apps.work.missed import terms_version, workspace_terms
from graftwork.apps.work.usecases import usecase_files
from graftwork.core.privacy.finding import KINDS
from graftwork.core.usecase import UseCase

if TYPE_CHECKING:
    from graftwork.core.privacy.detector import Detector, Reader

_lock = threading.Lock()
_terms: dict[tuple[int, str], "Reader"] = {}


def detector_of(use_case: UseCase) -> "Detector":
    """What searches the items of `use_case` now. Raises a `PrivacyError` where the file asks for what is not there."""
    # Word lists and recognizers: the web process and a house with local engines only never need them.
    from graftwork.core.privacy.searching import detector_by  # noqa: PLC0415

    file = usecase_files().get(use_case.name)
    return detector_by(use_case.privacy, file.parent if file else Path(), workspace_readers())


def workspace_readers() -> "tuple[Reader, ...]":
    """The terms that reviewers reported, read again when one comes or goes."""
    from graftwork.core.privacy.recognizers.dictionary import Dictionary, Term  # noqa: PLC0415 - as above

    version = terms_version()
    if version[0] == 0:
        return ()
    with _lock:
        if version not in _terms:
            kinds = {str(kind): kind for kind in KINDS}
            _terms.clear()
            _terms[version] = Dictionary(
                Term(text, kinds.get(kind, "term")) for text, kind in workspace_terms().items()
            )
        return (_terms[version],)
