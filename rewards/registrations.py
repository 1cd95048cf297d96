"""What this room answers to those below it: gates, prices, checks, reports, personal data."""

from __future__ import annotations

from contributions.registries import (
    approval_gates,
    document_examiners,
    licence_provider,
    price_provider,
    proposal_gates,
    publication_gates,
    reward_page_provider,
    reward_provider,
    settlement_provider,
)
from governance.registries import (
    audit_populations,
    audit_sources,
    audit_subjects,
    data_holders,
    decision_makers,
    farewells,
    granted_parts,
    integrity_checks,
    report_sections,
)
from rewards import algorithms, personal_data, report, webhook_news
from rewards.audits.sources import SOURCES
from rewards.dividends import city
from rewards.epochs import examined, pledges, pools, providers, receivers
from rewards.holdback.giving_back import giving_back_check
from rewards.holdback.overruling import grant_part
from rewards.ledger.integrity import check_ledger
from rewards.licences.selectors import licensees
from rewards.parameters import services as parameters
from rewards.wallet.leaving import BalanceFarewell


def register() -> None:
    """Connect everything; once, when the application starts."""
    assert receivers, "importing the receivers connects them"
    algorithms.register()
    webhook_news.register()
    city.register()
    document_examiners.register("deterrence", pledges.examine)
    document_examiners.register("pool", pools.examine)
    publication_gates.register("pool", pools.fund_pool)
    proposal_gates.register("parameters", parameters.simulate_proposal)
    approval_gates.register("parameters", parameters.activate_proposal)
    reward_provider.register("reward", providers.reward)
    reward_page_provider.register("rewards", providers.rewards)
    settlement_provider.register("epochs", providers.settled)
    price_provider.register("prices", providers.prices)
    licence_provider.register("licences", licensees)
    integrity_checks.register("ledger", check_ledger)
    integrity_checks.register("giving-back", giving_back_check)
    report_sections.register("rewards", report.section)
    decision_makers.register("reward", providers.who_decided)
    granted_parts.register("reward", grant_part)
    data_holders.register("rewards", personal_data.RewardsHolder())
    farewells.register("balance", BalanceFarewell())
    audit_subjects.register("epoch", examined.epoch_subject)
    audit_populations.register("epoch", examined.inputs_of_epoch)
    for algorithm, source in SOURCES.items():
        audit_sources.register(algorithm, source)
