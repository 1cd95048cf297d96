"""Labelled cells by the thousand: what people really type into tables, drawn from a seed.

Written from the legal forms of the identifiers and from how people write, hide and mistake them;
it shares no table, pattern or checksum with the code under test.
"""

# ruff: noqa: E501

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.contributions.privacy import forms
from tests.contributions.privacy.people import card, hyphened, number, with_check

Maker = Callable[[random.Random], str]


@dataclass(frozen=True)
class Cell:
    """`kind`: the type that must be reported, "" for none; `form`: which sort of case it is."""

    form: str
    kind: str
    column: str
    text: str


KOREAN_CARRIERS = (
    "{}", "{} 확인 바랍니다", "본인 {}입니다", "민원 내용: {} 처리 요망", "어제 접수함({})", "메모 {}", "{}, 오후 방문",
    "참고로 {}라고 합니다", "신청인이 적은 내용 {}", "★{}★", "[{}]", "맑음 / {} / 소음 없음", "문의는 {}로",
)  # fmt: skip
ENGLISH_CARRIERS = (
    "{}", "noted: {}", "please check {} again", "({})", "visitor left {} at the desk",
    "remarks - {}, follow up", "{} was written on the form", "see {}", "\"{}\"", "today; {}; done",
)  # fmt: skip
FREE_COLUMNS = ("비고", "메모", "내용", "의견", "memo", "note", "comment", "remarks")


def _carried(draw: random.Random, text: str, said: str = "") -> str:
    carrier = draw.choice(draw.choice((KOREAN_CARRIERS, ENGLISH_CARRIERS)))
    return carrier.format(f"{said}{text}")


def ordinary(draw: random.Random) -> Iterator[Cell]:
    """Each type once in each of its usual forms, in running text of both languages."""
    for form, kind, make, announced in ORDINARY:
        said = draw.choice(announced) if announced else ""
        text = _carried(draw, make(draw), said)
        yield Cell(form, kind, draw.choice(FREE_COLUMNS), text)


ORDINARY: tuple[tuple[str, str, Maker, tuple[str, ...]], ...] = (
    ("rrn hyphen", "rrn", forms.resident, ()),
    ("rrn after 2020", "rrn", forms.child, ()),
    ("rrn bare and announced", "rrn", lambda d: forms.resident(d).replace("-", ""),
     ("주민번호 ", "주민등록번호: ", "RRN ", "resident registration number ")),
    ("rrn bare with check digit", "rrn", lambda d: forms.resident(d).replace("-", ""), ()),
    ("frn hyphen", "frn", forms.foreigner, ()),
    ("frn announced", "frn", lambda d: forms.foreigner(d).replace("-", ""),
     ("외국인등록번호 ", "거소신고번호 ", "alien registration no. ", "ARC number ")),
    ("passport", "passport", forms.passport,
     ("여권 ", "여권번호: ", "여권번호 ", "passport ", "Passport No. ", "passport number is ")),
    ("licence", "driver_license", forms.licence, ()),
    ("licence announced", "driver_license", forms.licence,
     ("면허번호 ", "운전면허 ", "driver's license ", "driving licence no. ")),
    ("card grouped", "card", lambda d: hyphened(card(d), 4, 4, 4, 4), ()),
    ("card spaced", "card", lambda d: hyphened(card(d), 4, 4, 4, 4).replace("-", " "), ()),
    ("card announced", "card", card, ("카드번호 ", "신용카드 ", "card number ", "credit card ")),
    ("card american", "card", forms.american_card, ("카드 ", "Amex card ")),
    ("account", "bank_account", forms.account,
     ("국민은행 ", "신한 ", "농협 계좌 ", "카카오뱅크 ", "우리은행 계좌번호 ", "계좌: ", "bank account ", "account no. ")),
    ("account bare", "bank_account", lambda d: forms.account(d).replace("-", ""),
     ("계좌번호 ", "입금계좌 ", "환불 계좌: ", "bank account ", "account number ")),
    ("mobile", "phone", forms.mobile, ()),
    ("mobile bare", "phone", lambda d: forms.mobile(d).replace("-", ""), ()),
    ("mobile spaced", "phone", lambda d: forms.mobile(d).replace("-", " "), ()),
    ("mobile dotted", "phone", lambda d: forms.mobile(d).replace("-", "."), ()),
    ("mobile abroad", "phone", forms.abroad, ()),
    ("landline", "phone", forms.landline, ()),
    ("virtual number", "phone", forms.virtual, ()),
    ("email", "email", forms.email, ()),
    ("plate", "plate", forms.plate, ()),
    ("plate with region", "plate", forms.old_plate, ()),
    ("imei", "device_id", forms.imei, ("IMEI ", "IMEI: ", "단말기번호 ", "imei=")),
    ("imei grouped", "device_id", forms.grouped_imei, ("IMEI ", "IMEI: ")),
    ("public ip", "ip", forms.public_ip, ()),
    ("public ip announced", "ip", forms.public_ip, ("접속 IP ", "client ip: ", "IP=")),
    ("ipv6", "ip", forms.public_ipv6, ("IP ", "ip addr ")),
    ("mac", "mac", forms.mac, ()),
    ("mac dotted", "mac", forms.dotted_mac, ("MAC ", "MAC 주소 ")),
    ("name announced", "name", forms.korean_name, ("성명: ", "이름: ", "성명 : ", "신청인 성명: ", "이름=")),
    ("name announced in English", "name", forms.english_name,
     ("Name: ", "Full name: ", "name = ", "Applicant name: ")),
    ("dob announced", "dob", forms.birthday,
     ("생년월일 ", "생년월일: ", "DOB: ", "date of birth ", "Date of birth: ", "출생일 ")),
    ("dob in words", "dob", forms.spoken_birthday, ("생년월일 ", "생일 ")),
    ("dob in English words", "dob", forms.english_birthday, ("born ", "born on ", "DOB ")),
    ("dwelling", "address", forms.dwelling, ()),
    ("dwelling in English", "address", forms.english_dwelling, ()),
    ("home position", "geo_point", forms.position,
     ("집 위치 ", "자택 좌표: ", "home location ", "my home is at ", "거주지 좌표 ")),
    ("business number", "brn", forms.business, ()),
)  # fmt: skip


def headed(draw: random.Random) -> Iterator[Cell]:
    """What only the name of the column gives away: no check digit, no separator, no keyword."""
    for columns, kind, make in HEADED:
        for _ in range(2):
            yield Cell("headed", kind, draw.choice(columns), make(draw))


HEADED: tuple[tuple[tuple[str, ...], str, Maker], ...] = (
    (("주민등록번호", "주민번호", "RRN", "resident_no", "대상자 주민등록번호"), "rrn",
     lambda d: forms.resident(d, valid=False).replace("-", "")),
    (("외국인등록번호", "alien registration number", "FRN"), "frn",
     lambda d: forms.foreigner(d, valid=False).replace("-", "")),
    (("여권번호", "passport_no", "Passport Number"), "passport", forms.passport),
    (("운전면허번호", "driver_license", "면허번호"), "driver_license",
     lambda d: forms.licence(d).replace("-", "")),
    (("카드번호", "card_number", "Credit Card No"), "card", card),
    (("계좌번호", "환불계좌", "bank_account", "Account Number"), "bank_account",
     lambda d: forms.account(d).replace("-", "")),
    (("연락처", "전화번호", "휴대폰", "Phone", "mobile_no", "Tel."), "phone",
     lambda d: forms.mobile(d).replace("-", "").lstrip("0")),
    (("연락처", "집전화", "phone number"), "phone", lambda d: forms.landline(d).replace("-", "")),
    (("차량번호", "car plate", "license_plate", "번호판"), "plate", forms.plate),
    (("IMEI", "단말기번호", "imei_no"), "device_id", forms.imei),
    (("광고ID", "ADID", "advertising_id", "idfa"), "device_id", forms.advertising),
    (("성명", "신청자명", "보호자 성명", "담당자이름", "세대주"), "name", forms.korean_name),
    (("full_name", "Customer Name", "First Name", "applicant_name"), "name", forms.english_name),
    (("생년월일", "DOB", "date_of_birth", "birthday", "출생일자"), "dob", forms.birthday),
    (("생년월일", "birth"), "dob", forms.short_birthday),
    (("거주지 주소", "자택주소", "home_address", "실거주지"), "address", forms.house),
    (("집 좌표", "home_location", "자택위치"), "geo_point", forms.position),
)  # fmt: skip


def announced_weakly(draw: random.Random) -> Iterator[Cell]:
    """What only the words around it give away, without any proof in the digits themselves."""
    for kind, make, words in ANNOUNCED:
        yield Cell("announced", kind, draw.choice(FREE_COLUMNS), draw.choice(words)(make(draw)))


def _around(*templates: str) -> tuple[Callable[[str], str], ...]:
    return tuple(template.format for template in templates)


ANNOUNCED: tuple[tuple[str, Maker, tuple[Callable[[str], str], ...]], ...] = (
    ("rrn", lambda d: forms.resident(d, valid=False).replace("-", ""),
     _around("주민번호가 {}인 분", "주민등록번호 뒷자리 포함 {}", "his RRN is {}", "주민 {} 조회")),
    ("frn", lambda d: forms.foreigner(d, valid=False).replace("-", ""),
     _around("외국인등록번호 {} 보유", "alien registration {} on file")),
    ("passport", forms.passport, _around("여권({}) 제출", "holds passport {}", "여권 사본 {}")),
    ("driver_license", lambda d: forms.licence(d).replace("-", ""),
     _around("운전면허 {} 소지", "driver license {} expired", "면허증번호는 {}")),
    ("bank_account", lambda d: forms.account(d).replace("-", ""),
     _around("환급은 계좌 {}로", "refund to account {}", "계좌번호는 {}")),
    ("phone", lambda d: forms.mobile(d).replace("-", "").lstrip("0"),
     _around("전화 {} 주세요", "phone {}", "휴대폰번호 {}", "연락처 {} (저녁)")),
    ("phone", forms.local_number, _around("집전화 {}", "tel {}", "연락처는 {}")),
    ("name", forms.korean_name,
     _around("신청인 {} 님 방문", "담당자 {} 확인", "{} 씨가 신고함", "보호자: {}", "민원인 {}님 통화")),
    ("name", forms.english_name, _around("Mr. {} called", "contact person: {}", "Ms. {} asked",
                                         "reported by Mrs. {}")),
    ("dob", forms.birthday, _around("{} 출생", "{}생 남성", "birthday {}", "born {}")),
    ("device_id", forms.imei, _around("단말기 식별번호 {}", "device IMEI {}", "휴대폰 IMEI는 {}")),
    ("address", forms.house, _around("거주지는 {}", "자택: {}", "집주소 {}")),
)  # fmt: skip


def evading(draw: random.Random) -> Iterator[Cell]:
    """The same identifiers in a costume, with or without intent."""
    for kind, make in EVADED:
        for costume in draw.sample(forms.COSTUMES, 6):
            text = costume(draw, make(draw))
            yield Cell(costume.__name__, kind, draw.choice(FREE_COLUMNS), _carried(draw, text))
    for mail_costume in draw.sample(forms.MAIL_COSTUMES, 3):
        text = mail_costume(forms.email(draw))
        yield Cell("mail costume", "email", draw.choice(FREE_COLUMNS), _carried(draw, text))
    yield Cell("spoken", "phone", draw.choice(FREE_COLUMNS), _carried(draw, forms.spoken(draw)))


EVADED: tuple[tuple[str, Maker], ...] = (
    ("rrn", forms.resident),
    ("frn", forms.foreigner),
    ("card", lambda d: hyphened(card(d), 4, 4, 4, 4)),
    ("phone", forms.mobile),
    ("phone", forms.mobile),
    ("rrn", lambda d: "주민번호 " + forms.resident(d)),
    ("bank_account", lambda d: "계좌번호 " + forms.account(d)),
)


def harmless(draw: random.Random) -> Iterator[Cell]:
    """What only looks like a person: in columns of its own, and in running text."""
    for columns, make in THINGS:
        column = draw.choice(columns)
        for _ in range(2):
            yield Cell("thing", "", column, make(draw))
    for text in THING_TEXTS:
        filled = text.format(
            gtin=with_check("880" + number(draw, 9), (1, 3)),
            company=hyphened(with_check("110111" + number(draw, 6), (1, 2)), 6, 7),
            won=f"{draw.randint(10**6, 10**12):,}",
            hotline=f"{draw.choice(('1588', '1577', '1544', '1600', '1670', '1899'))}-{number(draw, 4)}",
            order=f"2026{draw.randint(10, 12)}{draw.randint(10, 28)}{number(draw, 6)}",
            stamp=str(draw.randint(1_500_000_000_000, 1_790_000_000_000)),
            parcel=number(draw, 12),
            road=draw.choice(("세종대로", "상계로", "테헤란로", "한강대로")),
            small=draw.randint(1, 99),
            four=draw.randint(1000, 9999),
            lat=f"37.{number(draw, 6)}",
            lon=f"127.{number(draw, 6)}",
        )
        yield Cell("thing text", "", draw.choice(FREE_COLUMNS), filled)


THINGS: tuple[tuple[tuple[str, ...], Maker], ...] = (
    (("바코드", "barcode", "GTIN", "상품코드"), lambda d: with_check("880" + number(d, 9), (1, 3))),
    (("ISBN", "도서번호 ISBN"), lambda d: with_check("978" + number(d, 9), (1, 3))),
    (("법인등록번호", "corporate_no"),
     lambda d: hyphened(with_check("110111" + number(d, 6), (1, 2)), 6, 7)),
    (("법인번호",), lambda d: with_check("134511" + number(d, 6), (1, 2))),
    (("센서ID", "sensor_id", "장비번호"), lambda d: f"S{number(d, 2)}-{number(d, 8)}"),
    (("센서번호", "sensor_no"), lambda d: number(d, 13)),
    (("수집시각", "timestamp", "측정일시"), lambda d: str(d.randint(10**12, 2 * 10**12))),
    (("등록일시", "created_at"), lambda d: forms.moment(d)),
    (("측정일", "date", "준공일"), lambda d: forms.day(d)),
    (("금액", "amount", "예산"), lambda d: f"{d.randint(10**6, 10**11):,}"),
    (("매출액", "sales"), lambda d: str(d.randint(10**9, 10**13))),
    (("대표번호", "전화번호", "hotline"), lambda d: f"15{d.choice('447788')}{d.randint(0, 9)}-{number(d, 4)}"),
    (("전화번호", "phone"), lambda d: d.choice(("119", "120", "112", "02-120", "1588-0000", "1339"))),
    (("위도", "lat"), lambda d: f"37.{number(d, 7)}"),
    (("경도", "lon"), lambda d: f"126.{number(d, 7)}"),
    (("PM10", "값", "value"), lambda d: f"{d.random() * 200:.{d.randint(0, 12)}f}"),
    (("행정동코드", "법정동코드", "adm_cd"), lambda d: "11" + number(d, 8)),
    (("운송장번호", "tracking_no"), lambda d: number(d, d.choice((10, 12, 13)))),
    (("주문번호", "order_id"), lambda d: f"20261{d.randint(0, 2)}{d.randint(10, 28)}-{number(d, 7)}"),
    (("정류소ID", "station_id", "링크ID"), lambda d: number(d, d.choice((5, 9, 10)))),
    (("버전", "version", "fw"), lambda d: ".".join(str(d.randint(0, 20)) for _ in range(4))),
    (("설치주소", "시설주소", "주소"), lambda d: f"서울특별시 중구 세종대로 {d.randint(1, 300)}"),
    (("시설명", "이름", "name", "측정소명"), lambda d: d.choice(forms.PLACES)),
    (("모델명", "model"), lambda d: f"{d.choice('MSGRD')}{number(d, 8)}"),
    (("내부IP", "서버"), lambda d: f"10.{d.randint(0, 255)}.{d.randint(0, 255)}.{d.randint(1, 254)}"),
    (("문서번호", "접수번호"), lambda d: f"2026-{number(d, 6)}"),
    (("trace_id", "uuid"), forms.advertising),
)  # fmt: skip
THING_TEXTS = (
    "바코드 {gtin} 스캔", "EAN {gtin}", "법인등록번호 {company}", "법인 {company} 소유", "총액 {won}원 집행",
    "budget of {won} KRW", "고객센터 {hotline}", "call centre {hotline}", "화재 시 119, 민원 120 다산콜",
    "주문번호 {order} 취소", "order {order} shipped", "ts={stamp}", "운송장 {parcel}", "운송장번호 {parcel} 배송중",
    "{road} {small} 앞 공사", "{road} {small}길 {small}", "서울시청, {road} {four}번지", "2호선 {small}번 출구",
    "지하철 {small}호선", "버스 {four}번 노선", "센서 좌표 {lat}, {lon}", "공원 위치 ({lat}, {lon})",
    "station at {lat}, {lon}", "펌웨어 {small}.{small}.0.1", "192.168.0.{small} 내부망", "기온 {small}.5도 습도 {small}%",
    "{small}동 대표 회의", "신림동 {small}호 어린이공원", "2026-10-{small} 오후", "PM10 {four}.123456789012",
    "접수 {order}", "제품 일련번호 {parcel}", "model M{parcel}", "1.2.3.4가동 주민센터", "주민센터 앞 가로등 {small}개",
    "은행나무 {four}그루", "은행 앞 정류장 {four}", "국민 의견 {small}건", "이름 모를 나무 {small}그루", "name of park unknown",
    "우리 동네 {four}번 버스", "전화 응대 {small}건", "카드 단말기 {small}대", "여권 발급 {four}건", "면허 갱신 {small}건",
    "계좌 개설 {four}건", "생일 잔치 {small}명", "이메일 안내 {small}회", "phone booth no. {small}", "2026.10.12 {small}시 {small}분",
    "담당자 확인 필요", "담당자 부재중", "신고자 없음", "보호자 동반 요망", "contact person: unknown", "IP 주소 할당 {small}건",
)  # fmt: skip
