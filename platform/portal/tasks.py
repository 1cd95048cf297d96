"""What the portal does in the background: letters."""

from __future__ import annotations

from celery import shared_task

from dure.accounts.invitations import sweep_invitations
from portal.letters import post


@shared_task(name="portal.tasks.post_letters", ignore_result=True)
def post_letters() -> None:
    """Sends the letters that wait; another worker may do the same."""
    post.send_waiting()


@shared_task(name="portal.tasks.tidy_letters", ignore_result=True)
def tidy_letters() -> None:
    """Forgets what went out long ago, and addresses that nobody answered for."""
    post.forget_old()
    sweep_invitations()
