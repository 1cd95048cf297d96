"""Pages for programmers: the quickstart, webhooks."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contributions.selectors.calls import call_document, open_calls, published_version
from dure.accounts.api_key_services import OVERLAP as KEY_OVERLAP
from dure.accounts.rate_limits import parse_rate
from dure.accounts.webhooks import delivery, services
from dure.accounts.webhooks.kinds import webhook_kinds
from portal.formatting import number_text

PUSH_IN_PYTHON = """\
import json, os, time, urllib.request

city = "{base}/api/v1/"
key = {{"Authorization": "Bearer " + os.environ["DURE_KEY"]}}

with urllib.request.urlopen("{sample}") as answer:
    data = answer.read()

request = urllib.request.Request(
    city + "contributions/?call={slug}{consents}&filename=data.csv",
    data=data,
    headers={{**key, "Content-Type": "text/csv", "Idempotency-Key": "quickstart-python-1"}},
)
with urllib.request.urlopen(request) as answer:
    receipt = json.load(answer)["receipt"]

request = urllib.request.Request(city + f"contributions/{{receipt}}/", headers=key)
for second in range(9):
    with urllib.request.urlopen(request) as answer:
        found = json.load(answer)
    if found["state"] not in ("received", "checking"):
        break
    time.sleep(1)
print(receipt, found["state"], found["counts"])
"""

VERIFY_IN_PYTHON = """\
import base64, hashlib, hmac, time

def is_from_the_city(secret: str, headers: dict[str, str], body: bytes) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = headers["webhook-timestamp"]
    if abs(time.time() - int(stamp)) > 300:
        return False
    signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    sent = [each.partition(",") for each in headers["webhook-signature"].split()]
    return any(
        version == "v1" and hmac.compare_digest(wanted, given) for version, _comma, given in sent
    )
"""


def snippets(base: str, slug: str) -> dict[str, str]:
    """Commands that run as they stand in a shell that has ``DURE_KEY``; few without a call."""
    if not slug:
        return {"look": f"curl -sS {base}/api/v1/calls/"}
    document = call_document(published_version(slug), live=False)
    purposes = [one["key"] for one in document.get("purposes", []) if one["required"]]
    consents = " ".join(f"-F purpose={purpose}" for purpose in purposes)
    bearer = '-H "Authorization: Bearer $DURE_KEY"'
    sample = f"{base}{reverse('portal:call-sample', args=[slug])}"
    flags = "".join(f" --purpose {purpose}" for purpose in purposes)
    return {
        "look": f"curl -sS {base}/api/v1/calls/{slug}/",
        "send": (
            f"curl -sS -o data.csv {sample}\n"
            f"RECEIPT=$(curl -sS {base}/api/v1/contributions/ \\\n"
            f"  {bearer} \\\n"
            '  -H "Idempotency-Key: quickstart-1" \\\n'
            f"  -F call={slug} {consents} -F file=@data.csv \\\n"
            """  | sed -E 's/.*"receipt": ?"([^"]+)".*/\\1/')\n"""
            "echo $RECEIPT"
        ),
        "follow": (
            "for second in 1 2 3 4 5 6 7 8 9; do\n"
            f"  curl -sS {base}/api/v1/contributions/$RECEIPT/ {bearer} > receipt.json\n"
            """  grep -qE '"state": ?"(received|checking)"' receipt.json || break\n"""
            "  sleep 1\n"
            "done\n"
            "cat receipt.json; echo\n"
            f"curl -sS {base}/api/v1/contributions/$RECEIPT/reward/ {bearer}"
        ),
        "python": PUSH_IN_PYTHON.format(
            base=base,
            sample=sample,
            slug=slug,
            consents="".join(f"&purpose={purpose}" for purpose in purposes),
        ),
        "client": (
            f"export DURE_CLIENT_URL={base} DURE_CLIENT_KEY=$DURE_KEY\n"
            f"curl -sS -o data.csv {sample}\n"
            "dure scan data.csv\n"
            f"RECEIPT=$(dure push data.csv --call {slug}{flags})\n"
            "dure status $RECEIPT"
        ),
    }


def _rate_text(rate: str) -> str:
    """``1,200 requests a minute`` of ``1200/min``."""
    limit, window_s = parse_rate(rate)
    count = {"count": number_text(limit)}
    if window_s == 1:
        return _("%(count)s requests a second") % count
    if window_s == 3600:
        return _("%(count)s requests an hour") % count
    return _("%(count)s requests a minute") % count


@require_safe
def developers(request: HttpRequest) -> HttpResponseBase:
    """From a key to an accepted contribution, by three ways that each run as they stand."""
    first = open_calls().first()
    slug = first.slug if first else ""
    context = {
        "base": settings.PUBLIC_URL,
        "slug": slug,
        "snippets": snippets(settings.PUBLIC_URL, slug),
        "keys_url": reverse("portal:firm-keys"),
        "limits": {
            "live": _rate_text(settings.RATE_LIMITS["key"]),
            "test": _rate_text(settings.RATE_LIMITS["test-key"]),
        },
        "overlap_days": KEY_OVERLAP.days,
    }
    return render(request, "portal/public/developers.html", context)


@require_safe
def webhooks(request: HttpRequest) -> HttpResponseBase:
    """What news there is, what a message looks like, and how to know that it is the city's."""
    waits = [int(each.total_seconds()) for each in delivery.BACK_OFF]
    context = {
        "kinds": [{"kind": kind, "label": item.label} for kind, item in webhook_kinds.items()],
        "verify": VERIFY_IN_PYTHON,
        "attempts": len(waits) + 1,
        "hours": sum(waits) // 3600,
        "patience_days": delivery.PATIENCE.days,
        "overlap_hours": int(services.OVERLAP.total_seconds()) // 3600,
    }
    return render(request, "portal/public/webhooks.html", context)
