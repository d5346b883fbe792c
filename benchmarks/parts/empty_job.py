"""A job that does nothing, in a module that the queue can import."""

from graftwork.apps.jobs.compat import task


@task()
def nothing() -> None:
    """Nothing."""
