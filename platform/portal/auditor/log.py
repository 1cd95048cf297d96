"""The public log as pages: the signed head, the latest entries, one entry with its proof."""

from __future__ import annotations

import base64
import json

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dure.core import signing
from dure.core.clock import rfc3339
from governance.log.kinds import KINDS
from governance.log.selectors import (
    entry_document,
    inclusion_document,
    latest_checkpoint,
    recent_entries,
)
from portal.doors import shows_problems

ENTRIES_SHOWN = 50


def kind_text(kind: str) -> str:
    """A kind of entry in words."""
    return {
        "consent.given": _("Consent given"),
        "consent.refused": _("Consent refused"),
        "consent.withdrawn": _("Consent withdrawn"),
        "notice.published": _("Notice published"),
        "contribution.received": _("Contribution received"),
        "contribution.accepted": _("Contribution accepted"),
        "contribution.returned": _("Contribution returned"),
        "contribution.rejected": _("Contribution refused"),
        "contribution.failed": _("Contribution could not be processed"),
        "contribution.withdrawn": _("Contribution withdrawn"),
        "quality.run": _("Quality checked"),
        "call.drafted": _("Call drafted"),
        "call.revised": _("Call revised"),
        "call.publication_proposed": _("Publication of a call proposed"),
        "call.published": _("Call published"),
        "reference.registered": _("Reference population registered"),
        "epoch.opened": _("Settlement opened"),
        "epoch.closed": _("Settlement closed"),
        "epoch.approved": _("Settlement approved"),
        "epoch.rejected": _("Settlement rejected"),
        "epoch.reversal_proposed": _("Reversal of a settlement proposed"),
        "epoch.reversed": _("Settlement reversed"),
        "reward.issued": _("Rewards issued"),
        "transfer.reversed": _("Transfer reversed"),
        "dividend.posted": _("Dividend posted to everybody"),
        "period.closed": _("Month of the books closed"),
        "training.questions_stored": _("Questions of a model stored"),
        "treasury.rule_proposed": _("Rule of the treasury proposed"),
        "treasury.rule_approved": _("Rule of the treasury in force"),
        "payout.batched": _("Pay-out batch proposed"),
        "payout.approved": _("Pay-out batch approved"),
        "payout.sent": _("Pay-out batch sent"),
        "payout.discarded": _("Pay-out batch discarded"),
        "payout.settled": _("Pay-outs settled"),
        "payout.failed": _("Pay-outs refused by the rail"),
        "payout.returned": _("Pay-outs returned after payment"),
        "revenue.recorded": _("Revenue recorded"),
        "unclaimed.set_aside": _("Unclaimed amounts set aside"),
        "unclaimed.expired": _("Unclaimed amounts given to neighbourhood funds"),
        "unclaimed.claimed": _("Unclaimed amounts claimed"),
        "report.published": _("Report published"),
        "key.rotated": _("Signing key changed"),
        "algorithm.registered": _("Algorithm registered"),
        "role.granted": _("Role granted"),
        "api_key.issued": _("API key issued"),
        "release.built": _("Release of data built"),
        "release.superseded": _("Release of data superseded"),
        "rights.received": _("Request under data protection law received"),
        "rights.answered": _("Request under data protection law answered"),
        "objection.received": _("Objection received"),
        "objection.answered": _("Objection answered"),
        "erasure.executed": _("Personal data erased"),
        "audit.run": _("Audit run"),
    }.get(kind, kind)


def public_key_text() -> str:
    """The log's Ed25519 public key in base64."""
    return base64.b64encode(signing.public_key()).decode()


@gzip_page
@require_safe
def log(request: HttpRequest) -> HttpResponseBase:
    chosen = request.GET.get("kind", "")
    chosen = chosen if chosen in KINDS else ""
    checkpoint = latest_checkpoint()
    context = {
        "checkpoint": checkpoint
        and {
            "size": checkpoint.size,
            "at": rfc3339(checkpoint.signed_at),
            "root": bytes(checkpoint.root).hex(),
        },
        "public_key": public_key_text(),
        "kinds": [{"code": kind, "label": kind_text(kind)} for kind in KINDS],
        "chosen": chosen,
        "entries": [
            {"index": entry.index, "label": kind_text(entry.kind), "at": entry.recorded_at}
            for entry in recent_entries(ENTRIES_SHOWN, chosen or None)
        ],
    }
    return render(request, "portal/auditor/log.html", context)


@gzip_page
@require_safe
@shows_problems
def log_entry(request: HttpRequest, index: int) -> HttpResponseBase:
    document = entry_document(index)
    address = f"/api/v1/log/entries/{index}/"
    context = {
        "index": index,
        "label": kind_text(document["type"]),
        "at": document["ts"],
        "entry_json": json.dumps(document["leaf"], ensure_ascii=False, indent=2),
        "proof": inclusion_document(index),
        "entry_url": address,
        "proof_url": f"{address}proof/",
        "public_key": public_key_text(),
    }
    return render(request, "portal/auditor/log_entry.html", context)
