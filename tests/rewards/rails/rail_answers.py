"""What a bank or another rail would send back, for tests."""

from __future__ import annotations

from rewards.models import PayoutBatch, PayoutItem
from rewards.rails.answers import CAMT053, PAIN002, RESULT_COLUMNS

URN = "urn:iso:std:iso:20022:tech:xsd:"


def won(item: PayoutItem) -> str:
    return str(item.pays // 1_000_000)


def pain002(
    batch: PayoutBatch,
    statuses: dict[PayoutItem, str],
    *,
    group: str = "PART",
    payment: str = "",
) -> bytes:
    """A payment status report; ``payment`` is the status of the payment information as a whole."""
    whole = f"<PmtInfSts>{payment}</PmtInfSts>" if payment else ""
    if payment == "RJCT":
        whole += "<StsRsnInf><Rsn><Cd>DT01</Cd></Rsn></StsRsnInf>"
    rows = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{item.uid.hex}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        + ("<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>" if status == "RJCT" else "")
        + f'<OrgnlTxRef><Amt><InstdAmt Ccy="KRW">{won(item)}</InstdAmt></Amt></OrgnlTxRef>'
        + "</TxInfAndSts>"
        for item, status in statuses.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{URN}{PAIN002}"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-11-23T09:00:00Z</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{batch.message_id}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>{group}</GrpSts></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch.message_id}</OrgnlPmtInfId>{whole}{rows}"
        "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def entry(
    reference: str,
    amount: str,
    own: str,
    *,
    direction: str = "DBIT",
    returned: bool = False,
    number: str = "",
    reversal: bool = False,
    day: str = "2026-11-23",
) -> str:
    """A booked line of a statement; ``number`` counts it there, ``own`` is the bank's for ever."""
    back = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if returned else ""
    return (
        f"<Ntry>{f'<NtryRef>{number}</NtryRef>' if number else ''}"
        f'<Amt Ccy="KRW">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"{'<RvslInd>true</RvslInd>' if reversal else ''}"
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls><TxDtls>"
        f"<Refs><AcctSvcrRef>{own}</AcctSvcrRef><EndToEndId>{reference}</EndToEndId></Refs>"
        f'<Amt Ccy="KRW">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{back}'
        "</TxDtls></NtryDtls></Ntry>"
    )


def camt053(*entries: str, name: str = "STMT-1") -> bytes:
    """A bank statement."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{URN}{CAMT053}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>{name}</MsgId><CreDtTm>2026-11-23T09:00:00Z</CreDtTm></GrpHdr>"
        f"<Stmt><Id>1</Id>{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def result(*rows: tuple[str, ...]) -> bytes:
    """A CSV result."""
    lines = [",".join(RESULT_COLUMNS), *(",".join(row) for row in rows)]
    return ("\r\n".join(lines) + "\r\n").encode()
