"""One name for Django's Tasks API, which moved into Django itself with 6.0."""

import django

if django.VERSION >= (6, 0):
    from django.tasks import task
    from django.tasks.base import Task
else:
    from django_tasks import task
    from django_tasks.base import Task

__all__ = ["Task", "task"]
