"""One name for Django's Tasks API, which moved into Django itself with 6.0."""

import sys

# pyproject.toml pairs Python 3.12 with Django 6; a type checker follows this condition, not Django's version.
if sys.version_info >= (3, 12):
    from django.tasks import task
    from django.tasks.base import Task, TaskResultStatus
else:
    from django_tasks import task
    from django_tasks.base import Task, TaskResultStatus

__all__ = ["Task", "TaskResultStatus", "task"]
