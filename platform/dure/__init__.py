"""The ground that every room of Dure stands on."""

# Without this import a `@shared_task` would bind to a default application without a broker.
from dure.celery import app as celery_app

__all__ = ["celery_app"]
