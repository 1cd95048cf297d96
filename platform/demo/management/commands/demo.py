"""`manage.py demo`: build the demo city, run its main job, say what happened."""

from __future__ import annotations

import time
import urllib.request
from argparse import ArgumentParser
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from contributions.models import Contribution, Release
from contributions.selectors.contributions import contribution_documents
from demo.calls import MOBILITY_SURVEY
from demo.city import City, found_city
from demo.claims import check_claims
from demo.generators import Submission, later_submissions, submissions
from demo.job import NotChecked, examine, report, send, settle, spend, wait_until_decided
from demo.licences import license_footfall
from demo.logins import DemoDocument, write_logins
from demo.releases import release
from dure.core.money import format_amount
from dure.core.problems import Problem
from dure.embedded.stack import port
from governance.models import AuditFinding, Objection
from rewards.models import Epoch, Licence, Redemption

# A cold worker imports its quality engine first, which costs most of a minute on a small machine.
CHECKING_LIMIT_S = 420
TABLE_WIDTH = 165
PORTAL_LIMIT_S = 60


@dataclass(frozen=True)
class _Outcome:
    """What the job did, or found done by an earlier start."""

    city: City
    sent: list[Submission]
    decided: list[Contribution]
    epochs: list[Epoch]
    spent: list[Redemption]
    period: str
    release: Release | None
    licence: Licence | None
    objection: Objection | None
    finding: AuditFinding | None


class Command(BaseCommand):
    help = "Build a small believable city and run its main job; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="the caller stops the services afterwards"
        )
        parser.add_argument(
            "--limit", type=int, default=CHECKING_LIMIT_S, help="seconds to wait for the checks"
        )

    def handle(self, *_: Any, once: bool, limit: int, **__: Any) -> None:
        if settings.SECURE:
            # The demo's password is public; an installation that serves https is a real one.
            raise CommandError("This installation serves a real city: no demo is built in it.")
        console = Console()
        if not console.is_terminal:
            # In a file or a pipe there is no width to fit into.
            console = Console(width=TABLE_WIDTH)
        try:
            outcome = self._run(console, limit)
        except NotChecked as error:
            raise CommandError(str(error)) from None
        except Problem as problem:
            raise CommandError(f"The demo city could not be built: {problem}") from None
        document = write_logins(outcome.city, url=_url(), target=settings.VAR_DIR / "demo.json")
        console.print(_what_happened(outcome.sent, outcome.decided))
        for epoch in outcome.epochs:
            console.print(
                f"  {epoch.call.slug}: epoch {epoch.number} paid "
                f"[bold]{format_amount(epoch.total)} {epoch.asset}[/] for "
                f"{epoch.inputs_count} contributions, closed by one operator, approved by another"
            )
        for redemption in outcome.spent:
            console.print(
                f"  {format_amount(redemption.amount)} {redemption.asset} to "
                f"{redemption.rail}: {redemption.state}"
            )
        if outcome.release is not None:
            console.print(
                f"  {outcome.release.call.slug}: release {outcome.release.number} of "
                f"{outcome.release.records} records is in the catalogue, at /data/"
            )
        if outcome.licence is not None:
            console.print(
                f"  {outcome.licence.call.slug}: a licence of "
                f"{format_amount(outcome.licence.total)} KRW is paid, its dividend is in the "
                f"wallets, and a model was trained, at /licences/{outcome.licence.id}/"
            )
        if outcome.objection is not None:
            console.print(
                "  a check of a claim took something back, its owner objected and was right: "
                "an approver can give it back, at /console/checks/"
            )
        if outcome.finding is not None:
            console.print(
                f"  the auditor drew a sample by a seed nobody could choose and signed a finding, "
                f"at /findings/{outcome.finding.id}/"
            )
        console.print(f"  transparency report {outcome.period} is published, the log is signed\n")
        console.print(_logins(document))
        if not once:
            if not _answers(document["url"]):
                console.print("  [yellow]The portal does not answer yet; see logs/web.log[/]")
            console.print(f"\n  The portal: [bold]{document['url']}[/]   (make clean forgets it)\n")

    def _run(self, console: Console, limit: int) -> _Outcome:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<34}"),
            BarColumn(),
            MofNCompleteColumn(),
        )
        first, later = submissions(), later_submissions()
        with Progress(*columns, console=console) as progress:

            def step(text: str, total: int) -> Any:  # Any: rich's id of a task
                return progress.add_task(text, total=total)

            founding = step("People, populations, calls", 1)
            city = found_city()
            progress.advance(founding)
            if not city.founded_now:
                console.print("The city is there already; only what is missing is added.")
            decided = self._send(progress, city, first, limit, "Files")
            settling = step("Epochs: closed, approved, paid", len(city.calls))
            epochs = []
            for call in city.calls:
                epoch = settle(city, call)
                if epoch is not None:
                    epochs.append(epoch)
                progress.advance(settling)
            decided += self._send(progress, city, later, limit, "Files after the epoch")
            spending = step("Rewards spent", 1)
            spent = spend(city)
            progress.advance(spending)
            releasing = step("Data released, with weights", 1)
            released = release(city)
            progress.advance(releasing)
            licensing = step("Data licensed, dividend paid", 1)
            licence = license_footfall(city)
            progress.advance(licensing)
            checking = step("Claims checked, one disputed", 1)
            survey = next((each for each in epochs if each.call.slug == MOBILITY_SURVEY), None)
            objection = check_claims(city, survey) if survey else None
            progress.advance(checking)
            reporting = step("Report published, log signed", 1)
            period = report(city)
            progress.advance(reporting)
            examining = step("A case of the auditor's, a finding", 1)
            finding = examine(city, epochs[0]) if epochs else None
            progress.advance(examining)
        return _Outcome(
            city=city,
            sent=[*first, *later],
            decided=decided,
            epochs=epochs,
            spent=spent,
            period=period,
            release=released,
            licence=licence,
            objection=objection,
            finding=finding,
        )

    def _send(
        self, progress: Progress, city: City, files: list[Submission], limit: int, what: str
    ) -> list[Contribution]:
        sending = progress.add_task(f"{what} sent", total=len(files))
        sent = []
        for submission in files:
            sent.append(send(city, submission))
            progress.advance(sending)
        checking = progress.add_task(f"{what} checked", total=len(sent))
        return wait_until_decided(
            sent,
            limit_s=limit,
            tell=lambda done: progress.update(checking, completed=done),
        )


def _url() -> str:
    """The public address; on this machine with the port that the web server really has."""
    parts = urlsplit(str(settings.PUBLIC_URL))
    if parts.hostname in {"127.0.0.1", "localhost"}:
        parts = parts._replace(netloc=f"{parts.hostname}:{port()}")
    return parts.geturl()


def _answers(url: str) -> bool:
    """Whether the portal answers, given the time that a small machine needs to start it."""
    deadline = time.monotonic() + PORTAL_LIMIT_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.3)
    return False


def _what_happened(sent: list[Submission], decided: list[Contribution]) -> Table:
    table = Table(title="\nWhat happened", title_justify="left")
    for heading in ("receipt", "call", "sender", "file", "state"):
        table.add_column(heading, no_wrap=heading == "receipt")
    for heading in ("rows", "accepted", "set aside", "repeated", "reward"):
        table.add_column(heading, justify="right")
    documents = contribution_documents(decided)
    for submission, document in zip(sent, documents, strict=True):
        counts, reward = document["counts"], document["reward"]
        pending = reward["confirmed"] in {"0", ""}
        amount = reward["pending"] if pending else reward["confirmed"]
        state = document["state"]
        colour = "green" if state == "accepted" else "yellow"
        table.add_row(
            document["receipt"],
            document["call"],
            submission.sender,
            submission.filename,
            f"[{colour}]{state}[/]",
            str(counts["received"]),
            str(counts["accepted"]),
            str(counts["quarantined"]),
            str(counts["duplicate"]),
            f"{amount} {reward['asset']}" + (" pending" if pending and amount != "0" else ""),
        )
    return table


def _logins(document: DemoDocument) -> Table:
    table = Table(title="Who can sign in", title_justify="left")
    for heading in ("role", "name", "e-mail", "password"):
        table.add_column(heading)
    for person in document["people"]:
        table.add_row(person["role"], person["name"], person["email"], person["password"])
    table.caption = "API keys are in demo.json, in the folder of this installation."
    return table
