"""What a column's name says about its cells, for and against their being personal."""

from __future__ import annotations

import re
import unicodedata

RULE_PACK_VERSION = "2026.11.5"

OF_A_TRIP = "(start|end|from|to|origin|dest|home|user|gps)"
# Compared with names folded to lower case, without blanks and underscores.
KINDS: dict[str, re.Pattern[str]] = {
    "rrn": re.compile(r"주민(등록)?번호|주민등록|^주민$|rrn|residentreg|residentno|jumin"),
    "frn": re.compile(
        r"외국인(등록)?번호|거소신고번호|^frn|frn$|alienreg|foreigner(reg|no)|^arc(no|number)?$"
    ),
    "passport": re.compile(r"여권|passport"),
    "driver_license": re.compile(r"운전면허|면허번호|driver'?s?licen[cs]e|licen[cs]eno"),
    "card": re.compile(r"카드(번호)?$|카드no|신용카드|체크카드|creditcard|cardn(o|um)|^card$"),
    "bank_account": re.compile(r"계좌|bankaccount|accountn(o|um)|^account$|iban"),
    "phone": re.compile(
        r"전화|연락처|휴대폰|핸드폰|휴대전화|(?<!측정)모바일번호|팩스|phone|mobile(no|num)?$|^tel|tel(no)?$|^hp$|cellno|^fax"
    ),
    "email": re.compile(r"이메일|전자우편|메일주소|e-?mail"),
    "plate": re.compile(r"차량번호|차번호|번호판|자동차등록번호|plate"),
    "dob": re.compile(r"생년월일|출생일|^생일$|birth(?!place|weight|rate)|^dob$"),
    "address": re.compile(r"주소|address|^addr|거주지"),
    "ip": re.compile(r"^ip$|ipaddr|ip주소|^ipv4$|clientip|접속ip"),
    "mac": re.compile(r"^mac$|macaddr|mac주소|맥주소"),
    "device_id": re.compile(
        r"imei|^adid|idfa|gaid|단말(기)?(식별)?(번호|id)|advertisingid|광고(id|식별자|아이디)"
    ),
    # Of a sensor or of somebody's telephone: only a telephone's number has its check digit.
    "device": re.compile(r"^(mobile|user|phone)?device(id|no)?$|기기고유"),
    # Where somebody lives, not where something stands.
    "home": re.compile(
        r"거주(지|주소)|자택주소|집주소|실거주|본가|(home|residential|residence|living)addr"
    ),
    "home_point": re.compile(r"(집|자택|거주지)(좌표|위치|gps)|home(loc|pos|coord|gps|point|latl)"),
    "brn": re.compile(r"사업자(등록)?번호|^brn$|businessreg"),
    "latitude": re.compile(rf"^(.*[^a-z])?(위도|lat|latitude|y좌표|gpslat)$|^{OF_A_TRIP}lat"),
    "longitude": re.compile(
        rf"^(.*[^a-z])?(경도|lon|lng|long|longitude|x좌표|gpslon)$|^{OF_A_TRIP}l(on|ng)"
    ),
    "point": re.compile(
        r"^(좌표|위치|위치좌표|gps|location|position|lat(itude)?,?l(o?ng?|ongitude)"
        r"|coord(inate)?s?|point)$"
    ),
    "person_id": re.compile(
        r"(회원|이용자|사용자|고객|시민|기여자|승객|가입자|대여자|참가자|응답자|환자|학생|기사)(id|아이디|번호|식별자|키)"
        r"|^(user|member|customer|rider|person|subject|passenger|participant|respondent|patient|"
        r"student|driver|citizen|resident|trip|ride)(id|no|key)$|^uid$"
    ),
}
PERSON_NAME = re.compile(
    r"성명|성함|(신청자|신고자|기여자|보호자|대표자|환자|고객|회원|담당자|수취인|수령인|예금주|세대주|학생|직원"
    r"|사용자|이용자|민원인|가입자|신고인|신청인|응답자|참가자|작성자|대표|차주|소유자)(명|이름|성명)$"
    r"|^(full|first|last|given|family|middle|person|customer|applicant|contact|owner|holder|patient|"
    r"student|guardian|resident|member|driver|respondent|participant)(full)?name$"
)
# Names of people or of things, people or offices: the cells decide.
PLAIN_NAME = re.compile(r"^(이름|name|username)$")
ROLE = re.compile(
    r"^(신청자|신고자|신고인|신청인|민원인|보호자|담당자|작성자|예금주|세대주|수령인|수취인|환자|학생"
    r"|승객|사용자|이용자|고객|회원|기여자|참가자|응답자|대여자|대표자|소유자|차주"
    r"|owner|contact|contactperson|applicant|guardian|holder)$"
)
# Numbers under these names are things, not people.
CONTRARY = re.compile(
    r"바코드|barcode|gtin|\bean|^ean|upc|isbn|상품|제품|일련|serial|시리얼|^seq|sequence|순번|센서|sensor|기기번호|장비"
    r"|timestamp|epoch|타임스탬프|일시|시각|운송장|송장|주문|order|tracking|관리번호|모델|model|^sn$|버전|version|^fw|firmware|펌웨어|빌드|build|release"
    r"|좌표|위도|경도|농도|로트|lot(no)?$|금액|매출|예산|요금|amount|sales|price|revenue|측정값|^값$|^value$"
)
CORPORATE = re.compile(r"법인|corporat|companyreg")
# A cell under one of these names needs no prefilter: the name alone makes it worth reading.
READ_WHOLE = (
    "rrn",
    "frn",
    "passport",
    "driver_license",
    "card",
    "bank_account",
    "phone",
    "dob",
    "device_id",
    "device",
    "mac",
    "home",
    "home_point",
    "plate",
    "brn",
)


def folded_name(name: str) -> str:
    return re.sub(r"[\s_.\-]+", "", unicodedata.normalize("NFKC", name)).casefold()


def kinds_of(name: str) -> frozenset[str]:
    """The kinds of value that a column of this name announces; "contrary" and "corporate" among
    them where the name speaks for things.
    """
    folded = folded_name(name)
    kinds = {kind for kind, pattern in KINDS.items() if pattern.search(folded)}
    if PERSON_NAME.search(folded):
        kinds.add("name")
    if PLAIN_NAME.search(folded):
        kinds.add("plain_name")
    if ROLE.search(folded):
        kinds.add("role")
    if CORPORATE.search(folded):
        kinds.add("corporate")
    if CONTRARY.search(folded):
        kinds.add("contrary")
    return frozenset(kinds)
