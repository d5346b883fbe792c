"""Which rules hold for a call: those of the use case that its key is for, or those of `[gateway]`.

Read in the thread of the database, and kept for seconds: what reviewers report as missed, and what somebody changes in
a use case's file, is followed as fast as the revoking of a key.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from graftwork.apps.work.detectors import detector_of as detector_of_use_case
from graftwork.apps.work.detectors import workspace_readers
from graftwork.apps.work.usecases import get_usecase, usecase_files
from graftwork.config.workspace import GatewaySettings
from graftwork.core.errors import GatewayMaskingFailed, GraftworkError
from graftwork.core.privacy.detector import Detector
from graftwork.core.privacy.policy import Classifier
from graftwork.core.privacy.sinks import TOOLS, SinkPolicy
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import PrivacyRules
from graftwork.gateway.guarding import RuleGuard, open_guard, terms_of
from graftwork.gateway.privacy import Guard
from graftwork.gateway.searching import detector_of, readers_of

KEPT_SECONDS = 2.0
Run = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Rules:
    """`privacy` is the table of the use case; `None` where `[gateway]` holds."""

    guard: Guard
    privacy: PrivacyRules | None = None


@dataclass(slots=True)
class _Entry:
    rules: Rules
    detector: Detector
    read_at: float


class Rulebook:
    """`run` calls a function in the thread of the database."""

    def __init__(
        self, folder: Path, settings: GatewaySettings, run: Run, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._run = run
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._reading: dict[str, asyncio.Future[Rules]] = {}

    def known(self, use_case: str) -> Rules | None:
        """What was read within the last seconds; `None` where `read` has to."""
        entry = self._entries.get(use_case)
        return entry.rules if entry is not None and self._clock() - entry.read_at < KEPT_SECONDS else None

    async def read(self, use_case: str) -> Rules:
        """One read at a time for each use case. Raises `GatewayMaskingFailed` where its rules cannot be had."""
        if (reading := self._reading.get(use_case)) is None:
            reading = self._reading[use_case] = asyncio.ensure_future(self._run(self._read, use_case))
            reading.add_done_callback(lambda _: self._reading.pop(use_case, None))
        try:
            return await asyncio.shield(reading)
        except GraftworkError as error:
            raise GatewayMaskingFailed(error.code) from None
        except Exception as error:  # noqa: BLE001 - fails closed: without its rules, nothing of a call may leave
            raise GatewayMaskingFailed(type(error).__name__) from None

    def _read(self, name: str) -> Rules:
        began = self._clock()
        use_case = get_usecase(name) if name and name in usecase_files() else None
        privacy = use_case.privacy if use_case is not None else None
        detector = self._detector(use_case)
        entry = self._entries.get(name)
        # What a guard remembers of texts holds for one detector only.
        guard = (
            entry.rules.guard
            if entry is not None and entry.detector is detector and entry.rules.privacy == privacy
            else self._guard(use_case, detector)
        )
        rules = Rules(guard, privacy)
        self._entries[name] = _Entry(rules, detector, began)
        return rules

    def _detector(self, use_case: UseCase | None) -> Detector:
        if use_case is not None:
            return detector_of_use_case(use_case)
        return detector_of(self._folder, self._settings, (*workspace_readers(), *readers_of(self._settings)))

    def _guard(self, use_case: UseCase | None, detector: Detector) -> RuleGuard:
        readers = workspace_readers()
        if use_case is None:
            return open_guard(self._folder, self._settings, detector, readers)
        rules = use_case.privacy
        folder = usecase_files()[use_case.name].parent
        return RuleGuard(
            detector,
            terms_of([folder / name for name in rules.dictionaries], readers),
            quick=not rules.ner and not rules.detectors,
            classifier=_classifier(use_case),
            sinks=_sinks(rules),
            lifetime=timedelta(days=rules.vault_days),
            keep_format=rules.keep_format,
        )


def _classifier(use_case: UseCase) -> Classifier | None:
    rules = use_case.privacy
    if not rules.classes:
        return None
    return Classifier({name: use_case.privacy_texts[file] for name, file in rules.words.items()})


def _sinks(rules: PrivacyRules) -> SinkPolicy:
    """A tool's arguments go back to the application that sent the data; the rest is as the use case says."""
    return SinkPolicy(
        link="restore" if "link" in rules.sinks else TOOLS.link,
        image="restore" if "image" in rules.sinks else TOOLS.image,
        tool=TOOLS.tool,
    )
