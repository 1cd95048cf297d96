"""Cells written by hand, as clerks, residents and machines write them: each with its answer.

The registration, card and business numbers are invented and satisfy the official check digits
where the line needs them to; mobile numbers use the 010-0000 and 010-1234 ranges of examples.
"""

from __future__ import annotations

import pyarrow as pa

from contributions.privacy import scan

# column | text | types that must be reported (blank: none)
CELLS = """
비고|홍길동(900101-1234568) 본인 확인함|rrn
비고|자녀 211105-3456789 포함 신청|rrn
민원내용|주민번호가 8505052345678로 되어 있음|rrn
신청서|주민등록번호 : 7812251234567|rrn
memo|RRN: 900101-2345678 (copy attached)|rrn
특이사항|900101 - 1234568|rrn
특이사항|주민번호 ９００１０１－１２３４５６８|rrn
특이사항|900101–1234568 으로 조회|rrn
비고|9 0 0 1 0 1 - 1 2 3 4 5 6 8|rrn
비고|9.0.0.1.0.1.1.2.3.4.5.6.8|rrn
비고|점수 1-2-3-4-5-5-4-3-2-1|
비고|0 1 0 - 1 2 3 4 - 5 6 7 8|phone
비고|외국인등록번호 900101-5234561|frn
비고|체류자 850505-6123456 등록|frn
remarks|Alien registration No. 9001016234569|frn
비고|여권번호 M12345678 사본 제출|passport
비고|여권 M123A4567|passport
notes|passport no: S98765432, visa pending|passport
notes|His passport (M70234567) was returned|passport
비고|운전면허 11-23-456789-01|driver_license
비고|면허번호: 서울 98-123456-02|driver_license
note|Driver's license 13-07-123456-44|driver_license
비고|카드 4111-1111-1111-1111 결제 취소|card
비고|5500 0000 0000 0004 로 환불|card
memo|paid with card 4111111111111111|card
memo|AMEX 3782-822463-10005|card
비고|국민은행 123456-01-234567 홍길동|bank_account,name
비고|신한은행 110-123-456789로 입금 요청|bank_account
비고|카카오뱅크 3333-01-2345678|bank_account
비고|농협 302-1234-5678-91|bank_account
비고|환불계좌: 우리은행 1002-345-678901|bank_account
note|refund to bank account 110-234-567890 (Shinhan)|bank_account
비고|토스뱅크 1000-1234-5678|bank_account
비고|010-1234-5678로 연락 바랍니다|phone
비고|연락처는 01012345678입니다|phone
비고|010 1234 5678|phone
비고|010.1234.5678 저녁 통화 가능|phone
비고|☎ 02-2116-3114|phone
비고|(031) 555-1234|phone
비고|02)930-1234|phone
memo|Call me on +82-10-1234-5678 after six|phone
memo|mobile +821012345678|phone
비고|인터넷전화 070-7123-4567|phone
비고|안심번호 0507-1234-5678|phone
비고|공일공 일이삼사 오육칠팔|phone
비고|O1O-1234-5678|phone
비고|010_1234_5678|phone
비고|010-12 34-56 78|phone
비고|폰 010–1234–5678|phone
비고|메일은 hong.gildong@naver.com 입니다|email
비고|hong99 골뱅이 naver 닷 com|email
memo|jane.doe+seoul@gmail.com|email
memo|jane (at) example.com|email
비고|차량 12가3456 불법주차|plate
비고|123나 4567 차주에게 통보|plate
비고|서울 31 바 1234 택시|plate
비고|경기80사1234 화물차|plate
memo|car 45허6789 parked on the sidewalk|plate
로그|접속 IP 211.234.56.78 차단|ip
log|203.0.113.9 is an example, 121.140.33.21 is not|ip
log|client 175.223.10.44 connected|ip
log|device a4:5e:60:c2:11:9f joined|mac
log|MAC A4-5E-60-C2-11-9F|mac
비고|단말기 IMEI 490154203237518|device_id
log|imei=356938035643809 lost|device_id
비고|신청인 성명: 김영희|name
비고|담당자 박철수 주무관 통화|name
비고|이름 : 최서연|name
비고|보호자 정미경 님 동행|name
memo|Name: Minho Kim|name
memo|Contact: Mr. Robert Miller|name
비고|생년월일 1985년 3월 2일|dob
비고|1985.03.02.생|dob
비고|1985-03-02 출생자|dob
memo|DOB 02/03/1985|dob
memo|born on March 2, 1985|dob
memo|date of birth: 1985-03-02|dob
비고|노원구 상계로 12, 101동 1203호|address
비고|서울 도봉구 도봉로123길 45 302호|address
비고|상계주공아파트 5단지 503동 1104호 거주|address
비고|서울시 노원구 상계동 123-45 2층 201호|address
memo|Apt 1203, 12 Sanggye-ro, Nowon-gu, Seoul|address
memo|lives at 45 Dobong-ro 123-gil, #302, Dobong-gu|address
비고|집은 37.65432, 127.05678 입니다|geo_point
memo|home location 37.65432,127.05678|geo_point
비고|사업자등록번호 120-81-47521|brn
비고|(주)한빛 220-81-62517|brn
주민등록번호|9001011234567|rrn
주민번호|900101-1******|dob
외국인등록번호|9001015234567|frn
여권번호|M12345678|passport
면허번호|112345678901|driver_license
카드번호|4111 1111 1111 1111|card
계좌번호|11012345678901|bank_account
계좌|302-1234-5678-91|bank_account
연락처|1012345678|phone
휴대전화|01012345678|phone
집 전화번호|9301234|phone
Phone|+82 10 1234 5678|phone
E-mail|hong@example.com|email
차량번호|12가3456|plate
성명|남궁민수|name
신청자 이름|김민준|name
Full name|Jane Doe|name
생년월일|19850302|dob
생년월일|850302|dob
birth date|1985/03/02|dob
거주지|서울특별시 노원구 상계로 12길 34|address
자택주소|노원구 상계동 123-45|address
home address|12 Sanggye-ro, Nowon-gu|address
IP주소|211.234.56.78|ip
MAC|a45e60c2119f|mac
IMEI|490154203237518|device_id
광고식별자|38400000-8cf0-11bd-b23e-10b96e40000d|device_id
비고|이상 없음|
비고|미세먼지 35, 초미세먼지 12|
비고|점검일 2026-10-12 14:30|
비고|20261012143000 기준|
비고|총 1,234,567,890원 집행|
비고|예산 12억 3456만원|
비고|고객센터 1588-1234|
비고|대표번호 1577-0000 으로 문의|
비고|다산콜센터 120, 소방 119|
비고|수신자부담 080-123-4567|
비고|바코드 8801234567893|
비고|법인등록번호 110111-0006249|
비고|운송장 123456789012|
비고|주문번호 20261012-0001234|
비고|센서 SN 9001011234567|
비고|제품 시리얼 M12345678|
비고|2호선 3번 출구 앞|
비고|신림동 3호 어린이공원 화장실|
비고|서울시청(중구 세종대로 110)|
비고|북위 37.5665 동경 126.9780 시청 앞 측정소|
비고|1시간 평균 0.0123456789|
비고|101동 앞 가로등 고장|
비고|3층 회의실 예약|
비고|은행 업무 3건|
비고|국민 신문고 12345건 접수|
비고|우리 동네 120년 된 나무|
비고|하나 둘 셋 1234567890|
비고|버스 1711번, 정류장 12345|
비고|전화 민원 36건 처리|
비고|이름 없는 하천|
비고|생일 축하 행사 2026-05-05|
비고|여권 민원 창구 3곳|
비고|면허 반납 어르신 120명|
비고|카드 단말기 4000대|
비고|이메일 회신 요망|
비고|담당자 변경됨|
비고|신고자 미상|
memo|model M12345678 replaced|
memo|build 10.2.3.4 deployed|
memo|server 192.168.10.21 restarted|
memo|ISBN 9788937460449|
memo|ticket #123456 closed|
memo|UTC 1761000000000|
memo|park at 37.5512, 126.9882|
memo|name of the station is unknown|
memo|call volume 3600 per hour|
memo|card readers: 45|
memo|phone support closed|
memo|address the noise problem at gate 3|
memo|born out of necessity|
memo|1234-5678-9012-3456|
측정소명|강남대로|
시설명|서울숲|
name|Seoul Forest|
이름|보라매공원|
주소|서울특별시 중구 세종대로 110|
설치장소|세종대로 110 서울시청 옥상|
위도|37.5665851|
경도|126.9782038|
행정동코드|1111051500|
법정동코드|1135010500|
법인등록번호|110111-0006249|
대표전화|1588-1234|
전화번호|02-120|
바코드|8801234567893|
timestamp|1761000000000|
측정일시|2026-10-12 14:00|
준공일|19850302|
sensor_id|9001011234567|
기기번호|490154203237518|
firmware|1.12.3.14|
금액|1234567890123|
조회수|1012345678|
운송장번호|1234567890123|
PM2.5|12.345678901234
""".strip().splitlines()


def test_cells_written_by_hand() -> None:
    wrong, right, missed, false = [], 0, 0, 0
    for line in CELLS:
        column, text, labels = [*line.split("|"), ""][:3]
        expected = set(filter(None, labels.split(",")))
        table = pa.table({column: pa.array([text], pa.string())})
        said = {each.type for each in scan(table, pseudonym_key=b"key").findings}
        right += len(said & expected)
        missed += len(expected - said)
        false += len(said - expected)
        if said != expected:
            wrong.append((line, sorted(said)))
    assert len(CELLS) >= 150
    assert right / (right + missed) >= 0.93, wrong
    assert right / (right + false) >= 0.97, wrong
