"""The releases that are given out, read again against the log: nobody in them has withdrawn.

Written apart from what builds and recalls releases, and from other sources: what somebody decided
is read from the leaves of the log, in the log's own order, not from the states that the platform
keeps. Who decided stands in the consents alone, because leaves name nobody.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

from contributions.models import Release, ReleaseState
from dure.core.canonical import Json
from dure.core.clock import now
from governance.log.selectors import is_head

#: The longest that a release may stand with rows of somebody who withdrew; downloads are off
#: from the withdrawal itself.
NOTICED_WITHIN_S: Final = 60

#: Rows of published releases, those of them that may not be used, and those since too long.
#: Per member: its state, the latest decisions of its party by the leaves, and restrictions.
_SCAN: Final = """
WITH held AS (
    SELECT member.release_id, member.rows, release.kind, release.recipient, release.purpose,
           call.slug, own.party_id, own.state, own.excluded_at, own.updated_at
    FROM contributions_release release
    JOIN contributions_call call ON call.id = release.call_id
    JOIN contributions_releasemember member ON member.release_id = release.id
    JOIN contributions_contribution own ON own.id = member.contribution_id
    WHERE release.state = 'published'
), leaves AS (
    SELECT consent.party_id, consent.recipient, event.valid_until, entry.origin_seq,
           convert_from(entry.body, 'UTF8')::jsonb AS leaf, event.id AS event_id
    FROM (SELECT DISTINCT party_id FROM held) party
    JOIN governance_consent consent ON consent.party_id = party.party_id
    JOIN governance_consentevent event ON event.consent_id = consent.id
    JOIN governance_logentry entry ON entry.id = event.log_entry_id
), said AS (
    SELECT DISTINCT ON (party_id, scope, purpose, recipient) *
    FROM (
        SELECT party_id, recipient, valid_until, origin_seq,
               leaf #>> '{payload,scope}' AS scope, leaf #>> '{payload,purpose}' AS purpose,
               leaf ->> 'type' AS type, (leaf ->> 'ts')::timestamptz AS at
        FROM leaves WHERE leaf #>> '{payload,event}' = event_id::text
    ) one
    ORDER BY party_id, scope, purpose, recipient, origin_seq DESC
), judged AS (
    SELECT said.*,
           type IN ('consent.given', 'consent.renewed') AND valid_until > %(now)s AS allows,
           type IN ('consent.refused', 'consent.withdrawn', 'consent.revoked') AS denies,
           CASE WHEN type IN ('consent.given', 'consent.renewed')
                THEN valid_until ELSE at END AS since
    FROM said
), looked AS (
    SELECT held.release_id, cardinality(held.rows) AS rows,
        LEAST(
            CASE WHEN held.state <> 'accepted' THEN held.updated_at END,
            held.excluded_at,
            CASE WHEN city.allows IS NOT TRUE THEN coalesce(city.since, '-infinity') END,
            CASE WHEN held.recipient <> '' AND named.allows IS NOT TRUE
                 THEN coalesce(named.since, '-infinity') END,
            CASE WHEN held.kind = 'open' THEN (
                SELECT min(other.at) FROM judged other
                WHERE other.denies AND other.recipient <> '' AND other.party_id = held.party_id
                  AND other.scope = held.slug AND other.purpose = held.purpose
            ) END,
            (SELECT min(since) FROM governance_restriction stopped
             WHERE stopped.party_id = held.party_id AND stopped.lifted_at IS NULL)
        ) AS gone
    FROM held
    LEFT JOIN judged city ON city.party_id = held.party_id AND city.recipient = ''
        AND city.scope = held.slug AND city.purpose = held.purpose
    LEFT JOIN judged named ON named.party_id = held.party_id
        AND named.recipient = held.recipient AND held.recipient <> ''
        AND named.scope = held.slug AND named.purpose = held.purpose
)
SELECT count(DISTINCT release_id), coalesce(sum(rows), 0),
       coalesce(sum(rows) FILTER (WHERE gone IS NOT NULL), 0),
       coalesce(sum(rows) FILTER (WHERE gone < %(now)s - make_interval(secs => %(slack)s)), 0)
FROM looked
"""


def releases_check() -> dict[str, Json]:
    """Whether any release that is up holds rows that may not be used.

    `rows` were read in `releases`; `withdrawn` of them may not be used now, `late` of these since
    more than a minute, which must be 0. `heads_unknown` counts releases whose manifest names a
    head of the log that the log never had.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SCAN, {"now": now(), "slack": NOTICED_WITHIN_S})
        releases, rows, withdrawn, late = (int(each) for each in cursor.fetchone() or (0, 0, 0, 0))
    unknown = sum(
        not is_head(int(head["size"]), str(head["root"]))
        for head in Release.objects.filter(
            state=ReleaseState.PUBLISHED, document__consent__log__isnull=False
        ).values_list("document__consent__log", flat=True)
        if head is not None
    )
    return {
        "ok": not late and not unknown,
        "releases": releases,
        "rows": rows,
        "withdrawn": withdrawn,
        "late": late,
        "heads_unknown": unknown,
    }
