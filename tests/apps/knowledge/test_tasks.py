"""What a worker does for sources between its other jobs."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graftwork.apps.actors import operator
from graftwork.apps.jobs.process import become
from graftwork.apps.knowledge import tasks
from graftwork.apps.knowledge.actions import refreshing
from graftwork.apps.knowledge.actions.sources import add_source
from graftwork.apps.knowledge.models import Source, SourceDocument
from graftwork.apps.knowledge.searching import search

pytestmark = pytest.mark.django_db


def waiting():
    return [(job.task_path.rpartition(".")[2], job.args_kwargs["args"]) for job in DBTaskResult.objects.ready()]


def test_a_source_that_has_waited_is_put_into_the_queue_once_and_then_refreshed(add, folder):
    process = become("worker-test")
    add("policies", folder)
    Source.objects.update(tried_at=timezone.now())
    tasks.sweep(process)
    assert waiting() == []
    Source.objects.update(tried_at=timezone.now() - timedelta(hours=1))
    tasks.sweep(process)
    tasks.sweep(process)
    assert waiting() == [("refresh_source", ["policies"])]
    (folder / "warranty.txt").unlink()
    tasks.refresh_source.func("policies")
    assert SourceDocument.objects.count() == 2
    assert not any("zipper" in one.text for one in search(operator(), "zipper").passages)
    DBTaskResult.objects.all().delete()
    tasks.sweep(process)
    assert waiting() == []


def test_a_long_refresh_gives_other_jobs_their_turn_and_goes_on(add, folder, monkeypatch):
    become("worker-test")
    add("policies", folder)
    for number in range(3):
        (folder / f"new{number}.txt").write_text(f"News {number}.", encoding="utf-8")
    monkeypatch.setattr(tasks, "TURN_SECONDS", -1.0)
    tasks.refresh_source.func("policies")
    assert SourceDocument.objects.count() == 3
    assert waiting() == [("refresh_source", ["policies"])]
    monkeypatch.setattr(tasks, "TURN_SECONDS", 60.0)
    tasks.refresh_source.func("policies")
    assert SourceDocument.objects.count() == 6


def test_a_source_whose_folder_is_gone_keeps_its_documents_and_is_tried_in_the_next_period(add, folder):
    process = become("worker-test")
    add("policies", folder)
    folder.rename(folder.with_name("moved"))
    Source.objects.update(tried_at=timezone.now() - timedelta(hours=1))
    tasks.refresh_source.func("policies")
    assert SourceDocument.objects.count() == 3
    tasks.sweep(process)
    assert waiting() == [], "not every few seconds"
    tasks.refresh_source.func("gone")


def test_a_source_whose_folder_is_empty_keeps_its_documents_and_is_tried_in_the_next_period(add, folder, caplog):
    process = become("worker-test")
    add("policies", folder)
    folder.rename(folder.with_name("moved"))
    folder.mkdir()
    Source.objects.update(tried_at=timezone.now() - timedelta(hours=1))
    tasks.refresh_source.func("policies")
    assert SourceDocument.objects.count() == 3
    assert "source policies was not refreshed: knowledge.source_emptied" in caplog.text
    tasks.sweep(process)
    assert waiting() == [], "not every few seconds"


def test_while_somebody_is_at_a_source_no_worker_begins_it(refresh, folder, monkeypatch):
    process = become("worker-test")
    add_source(operator(), "policies", folder, timezone.now() - timedelta(hours=1))
    tasks.sweep(process)
    assert waiting() == [("refresh_source", ["policies"])], "a first reading that was broken off is taken up"
    DBTaskResult.objects.all().delete()
    during = []
    monkeypatch.setattr(refreshing, "BATCH_PASSAGES", 1)
    refresh("policies", on_progress=lambda progress: (tasks.sweep(process), during.append(waiting())))
    assert during
    assert not any(during)
