"""Who somebody is, when they were born, where they live: told by words rather than by numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contributions.privacy.hit import SAID, Hit, said

SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구나민진지엄채원"
    "천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
DOUBLE = "남궁|황보|제갈|선우|독고|사공|서문"
NAME = rf"(?:(?:{DOUBLE})[가-힣]{{1,2}}|[{SURNAMES}][가-힣]{{1,2}})"
FULL_NAME = rf"(?:(?:{DOUBLE})[가-힣]{{1,2}}|[{SURNAMES}][가-힣]{{2}})"
TITLE = (
    r"\s?(?:님|씨|군|양|귀하|주무관|선생|과장|팀장|대리|사원|간호사|기사님|어르신|할머니|할아버지)"
)
ROLE = (
    "신청인|신청자|신고자|신고인|민원인|담당자|보호자|작성자|대표자|예금주|수령인|수취인|세대주|환자|학생|고객|"
    "회원|제보자|참가자|입주민|임차인|임대인|소유자|차주|가입자|기여자|이용자|응답자|피해자|목격자"
)
# Words that follow a role and begin like a family name.
NOT_NAMES = (
    "변경|전화|연락|문의|방문|이메일|이동|정보|정정|주소|지정|안내|신청|신고|서명|조치|선정|임명|배정|유선|현장|차량|"
    "지시|진행|조회|조사|여부|명단|명의|방침|공석|공지|인계|인수|인원|안전|안부|한명|이상|이하|전원|전체|전부|전용|"
    "하루|이번|지난|오늘|오전|오후|현재|최근|최초|성명|이름|연령|나이|주민|도착|도움|도장|남성|여성|남녀|노인|"
    "기타|기록|기준|고객|부재|없음|미상|동반|요청|동의|추가|추후|추천|반드시|반려|반납|소속|소개|석방|위임|위치|"
    "원함|원하|모두|모집|모름|제출|제공|제한|국적|은행|금일|설명|설문|공무|권한|강제|민원|진술|진단|채용|오류|장소|"
    "장애|임시|한국|한정|허가|허락|심사|심의|노출|노원|성별|구청|구두|나눔|지원|지급|지역|천천|방법|배치|배송|백신|"
    "손실|양해|양식|유지|유형|유의|고지|고려|남김|우선|우편|주차|주의|만족|서류|서비|서울|시민|수정|통화|확인|필요"
)
COPULA = "입니다|이고|이며|이라|라고|이다|님|씨|으로|에게|의"
ANNOUNCED_NAMES = (
    re.compile(rf"(?:성명|이름|성함)\s?[:=]\s?({NAME}|[가-힣]{{2,5}})(?![가-힣])"),
    re.compile(rf"(?:성명|이름|성함)\s?[:=]\s?({NAME})(?={COPULA})"),
    re.compile(rf"(?:성명|성함|이름)(?:은|는|이)?\s({FULL_NAME})(?![가-힣])"),
    re.compile(rf"(?<![가-힣])({FULL_NAME})(?=\s(?:고객|환자|회원|선생)님)"),
    re.compile(rf"(?:담당|{ROLE})(?:\s?(?:성명|이름))?\s?[:=(]\s?({NAME})(?![가-힣])"),
    re.compile(rf"(?:{ROLE})(?:은|는)?\s({NAME})(?={TITLE})"),
    re.compile(rf"(?:{ROLE})(?:은|는)?\s({FULL_NAME})(?=\s|$|[(),.;/])"),
    re.compile(rf"(?<![가-힣])({FULL_NAME})(?=\s?(?:님|씨)(?![가-힣]{{2}})|\s?(?:주무관|귀하))"),
)
WORD = r"[A-Z][a-z]+(?:[-'][A-Za-z]+)?"
ENGLISH_NAMES = (
    re.compile(
        r"(?<![A-Za-z])(?<!station )(?<!park )(?<!place )(?<!file )(?<!site )(?<!sensor )"
        r"(?<!street )(?<!project )(?<!product )(?<!school )(?<!road )(?<!building )"
        rf"(?i:name|contact person|applicant|guardian)\s?(?:[:=]|is)\s?({WORD}(?:\s{WORD}){{1,2}})"
    ),
    re.compile(rf"(?<![A-Za-z])(?:Mr|Mrs|Ms|Miss|Dr)\.?\s({WORD}(?:\s{WORD}){{0,2}})"),
)
# One of these is in whatever the expressions above find; most texts have none of them.
NAME_WORDS = re.compile(rf"성명|이름|성함|담당|님|씨|주무관|귀하|{ROLE}")
ENGLISH_NAME_WORDS = re.compile(r"(?i:name|person|applicant|guardian)|M(?:r|s|iss)|Dr")
MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
BIRTH_YEAR = r"(?:19|20)[0-9]{2}"
WRITTEN_DAY = (
    rf"(?:({BIRTH_YEAR})(?:[0-9]{{4}}|[^0-9A-Za-z]{{1,3}}[0-9]{{1,2}}[^0-9A-Za-z]{{1,3}}[0-9]{{1,2}})"
    rf"|{MONTHS} [0-9]{{1,2}},? ({BIRTH_YEAR})|[0-9]{{1,2}} {MONTHS},? ({BIRTH_YEAR})"
    rf"|[0-9]{{1,2}}[/.\-][0-9]{{1,2}}[/.\-]({BIRTH_YEAR}))(?![0-9])"
)
BORN = re.compile(
    r"(?:생년월일|출생일자?|생일|출생|(?:date of )?birth(?:day|date| date)?|dob|born)"
    rf"(?:\s?(?:은|는|이|is|was|on))?\s?[:=(\-]?\s?{WRITTEN_DAY}",
    re.IGNORECASE,
)
BORN_BEHIND = re.compile(rf"(?<![0-9]){WRITTEN_DAY}[.일]?\s?(?:출생|생(?![가-힣]))")
SHORT_BORN = re.compile(
    r"(?<![0-9.])[0-9]{2}[.\-/] ?(?:0?[1-9]|1[0-2])[.\-/] ?[0-3]?[0-9]\.?\s?생(?![가-힣])"
)
BIRTH_WORDS = re.compile("생|birth|dob|born", re.IGNORECASE)
DATE = re.compile(
    r"^((?:19|20)[0-9]{2})(?:[0-9]{4}|[^0-9]{1,3}[0-9]{1,2}(?:[^0-9]{1,3}[0-9]{1,2})?)?\D{0,2}$"
    r"|^([0-9]{2})(?:0[1-9]|1[0-2])[0-3][0-9]$"
)
# A flat, not the "3호" of a park, a line or a parking lot.
NO_FLAT = r"(?!\s?(?:공원|어린이|근린|소공원|광장|선|차|관|점))"
PARTICLE = "(?=로|라고|이라|으로|에|의|입니다|이고|이며|이라|인데|까지|거주|은|는|와|과|,)"
FLAT = (
    r"(?:지하\s?)?(?:[0-9]{1,4}-)?[0-9]{1,4}호" + NO_FLAT + rf"(?:(?![0-9A-Za-z가-힣])|{PARTICLE})"
)
ADDRESS = re.compile(
    r"[가-힣0-9]+(?:로|길)\s?[0-9]+(?:-[0-9]+)?(?:번?길\s?[0-9]+(?:-[0-9]+)?)?[^0-9]{0,24}"
    rf"(?:[0-9A-Za-z가-힣]+동\s?)?(?:[0-9]+층\s?)?{FLAT}|[0-9]{{1,4}}동\s?{FLAT}"
    rf"|[가-힣]+[동읍면리]\s[0-9]+(?:-[0-9]+)?(?:번지)?\s[^0-9]{{0,24}}(?:[0-9]+층\s?)?{FLAT}"
)
ENGLISH_ROAD = (
    r"[0-9]{1,4}(?:-[0-9]{1,3})?,? [A-Z][A-Za-z]+-(?:ro|daero|gil)(?: [0-9]+(?:beon)?-gil)?"
)
ENGLISH_UNIT = r"(?:(?:Apt|Unit|Room|Suite|Rm|Ho)\.?\s?|#\s?)[0-9]{1,4}(?:-[0-9]{1,4})?"
ENGLISH_ADDRESS = re.compile(
    rf"(?<![0-9A-Za-z])(?:{ENGLISH_UNIT},? {ENGLISH_ROAD}|{ENGLISH_ROAD},? {ENGLISH_UNIT})"
)
HOUSE = re.compile(
    rf"[가-힣]+[0-9]*(?:로|길)\s?[0-9]+(?:길\s?[0-9]+)?(?:-[0-9]+)?|[가-힣]+[동읍면리]\s?[0-9]+(?:-[0-9]+)?"
    rf"|{ENGLISH_ROAD}"
)
ROAD = re.compile(r"^(.*?(?:[가-힣][0-9]*(?:로|길)|[가-힣](?:동|읍|면|리)))(?=\s|[0-9]|$)")
POINT = re.compile(
    r"(?<![0-9.])([+-]?[0-9]{1,2}\.[0-9]{3,})\s?[,/;\s]\s?([+-]?[0-9]{1,3}\.[0-9]{3,})(?![0-9.])"
)


def names(text: str, _kinds: frozenset[str]) -> Iterator[Hit]:
    for pattern in ANNOUNCED_NAMES if NAME_WORDS.search(text) else ():
        for match in pattern.finditer(text):
            # Behind a colon stands a name; behind a blank, often just the next word.
            named = re.search(r"[:=]\s?$", text[: match.start(1)]) is not None
            word = re.fullmatch if named else re.match
            if not word(f"{NOT_NAMES}|{ROLE}", match.group(1)):
                yield Hit("name", "name.keyword", "pseudonymise", *match.span(1))
    for pattern in ENGLISH_NAMES if ENGLISH_NAME_WORDS.search(text) else ():
        for match in pattern.finditer(text):
            yield Hit("name", "name.keyword", "pseudonymise", *match.span(1))


def births(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for pattern in (BORN, BORN_BEHIND, SHORT_BORN) if BIRTH_WORDS.search(text) else ():
        for match in pattern.finditer(text):
            yield Hit("dob", "dob.keyword", "generalise", *match.span())
    if "dob" in kinds and (DATE.match(text) or re.fullmatch(WRITTEN_DAY, text.strip())):
        yield Hit("dob", "dob.header", "generalise", 0, len(text))


def addresses(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for pattern, needed in ((ADDRESS, "호"), (ENGLISH_ADDRESS, "-")):
        for match in pattern.finditer(text) if needed in text else ():
            yield Hit("address", "address.dwelling", "generalise", *match.span())
    if "home" not in kinds and SAID["home"].search(text) is None:
        return
    for match in HOUSE.finditer(text):
        if "home" in kinds:
            yield Hit("address", "address.header", "generalise", *match.span())
        elif said("home", text, match.start(), frozenset()):
            yield Hit("address", "address.keyword", "generalise", *match.span())


def positions(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    """Coordinates that words call a home; those beside a person are found by the whole table."""
    for match in POINT.finditer(text):
        if abs(float(match.group(1))) > 90 or abs(float(match.group(2))) > 180:
            continue
        if "home_point" in kinds or said("home", text, match.start(), frozenset()):
            yield Hit("geo_point", "geo_point.home", "generalise", *match.span())
