"""The reference population of Seoul, and the documents that register it.

Source of every count: 행정안전부 주민등록 인구통계 (Ministry of the Interior and
Safety, resident registration statistics), 2020. Counts are persons; the district
codes are the ministry's five-digit codes, which differ from Statistics Korea's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from dure.core.canonical import Json

Sex = Literal["F", "M"]

SEOUL_TOTAL: Final = 9_668_465
AS_OF: Final = "2020-12-31"
SOURCE: Final = (
    "행정안전부 주민등록 인구통계, 2020 "
    "(Ministry of the Interior and Safety, resident registration statistics, 2020)"
)

AGE_BANDS: Final = ("0-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70+")
SEXES: Final[tuple[Sex, ...]] = ("F", "M")

# district code -> (Korean name, English name)
DISTRICTS: Final[Mapping[str, tuple[str, str]]] = {
    "11110": ("종로구", "Jongno-gu"),
    "11140": ("중구", "Jung-gu"),
    "11170": ("용산구", "Yongsan-gu"),
    "11200": ("성동구", "Seongdong-gu"),
    "11215": ("광진구", "Gwangjin-gu"),
    "11230": ("동대문구", "Dongdaemun-gu"),
    "11260": ("중랑구", "Jungnang-gu"),
    "11290": ("성북구", "Seongbuk-gu"),
    "11305": ("강북구", "Gangbuk-gu"),
    "11320": ("도봉구", "Dobong-gu"),
    "11350": ("노원구", "Nowon-gu"),
    "11380": ("은평구", "Eunpyeong-gu"),
    "11410": ("서대문구", "Seodaemun-gu"),
    "11440": ("마포구", "Mapo-gu"),
    "11470": ("양천구", "Yangcheon-gu"),
    "11500": ("강서구", "Gangseo-gu"),
    "11530": ("구로구", "Guro-gu"),
    "11545": ("금천구", "Geumcheon-gu"),
    "11560": ("영등포구", "Yeongdeungpo-gu"),
    "11590": ("동작구", "Dongjak-gu"),
    "11620": ("관악구", "Gwanak-gu"),
    "11650": ("서초구", "Seocho-gu"),
    "11680": ("강남구", "Gangnam-gu"),
    "11710": ("송파구", "Songpa-gu"),
    "11740": ("강동구", "Gangdong-gu"),
}

# (district, sex, persons by age band in the order of AGE_BANDS)
_COUNTS: Final[tuple[tuple[str, Sex, tuple[int, ...]], ...]] = (
    ("11110", "F", (3_724, 5_518, 11_911, 10_033, 11_397, 12_675, 10_045, 11_446)),
    ("11110", "M", (3_803, 5_495, 11_505, 9_910, 10_834, 12_784, 9_903, 8_401)),
    ("11140", "F", (3_331, 3_365, 9_735, 10_080, 8_789, 10_194, 8_837, 9_687)),
    ("11140", "M", (3_505, 3_408, 8_851, 10_027, 9_222, 10_508, 8_714, 6_987)),
    ("11170", "F", (6_526, 7_677, 17_560, 19_037, 18_169, 18_726, 15_080, 16_543)),
    ("11170", "M", (6_970, 7_932, 15_925, 19_032, 17_529, 18_344, 13_760, 11_230)),
    ("11200", "F", (9_980, 9_924, 22_772, 24_873, 22_445, 23_666, 18_725, 17_784)),
    ("11200", "M", (10_469, 9_891, 22_271, 24_032, 22_575, 23_582, 17_809, 12_758)),
    ("11215", "F", (9_595, 12_712, 33_419, 28_287, 26_599, 27_941, 22_241, 18_578)),
    ("11215", "M", (9_977, 13_219, 29_521, 27_696, 25_883, 26_600, 20_219, 14_195)),
    ("11230", "F", (10_126, 11_681, 28_353, 24_258, 24_506, 26_408, 23_993, 23_743)),
    ("11230", "M", (10_662, 11_966, 27_978, 25_917, 26_124, 26_854, 22_400, 17_868)),
    ("11260", "F", (11_143, 13_116, 28_319, 28_168, 27_932, 35_261, 29_968, 25_630)),
    ("11260", "M", (11_921, 13_643, 27_793, 29_956, 29_951, 34_267, 28_254, 19_380)),
    ("11290", "F", (14_099, 18_227, 34_753, 30_070, 35_415, 35_174, 29_150, 29_455)),
    ("11290", "M", (14_723, 18_918, 32_219, 29_773, 34_424, 34_207, 25_747, 20_799)),
    ("11305", "F", (7_552, 10_708, 21_900, 18_400, 22_782, 26_849, 24_461, 25_260)),
    ("11305", "M", (8_162, 11_319, 21_044, 20_357, 23_936, 25_793, 21_431, 18_101)),
    ("11320", "F", (9_055, 12_418, 21_302, 20_020, 24_497, 29_859, 26_013, 23_473)),
    ("11320", "M", (9_720, 13_209, 22_110, 20_973, 24_038, 27_161, 23_727, 17_682)),
    ("11350", "F", (16_136, 25_611, 35_632, 32_498, 45_204, 45_229, 36_250, 34_094)),
    ("11350", "M", (17_046, 27_624, 37_550, 32_242, 41_036, 42_599, 31_554, 22_732)),
    ("11380", "F", (14_494, 18_920, 34_774, 34_595, 38_782, 40_070, 34_709, 33_212)),
    ("11380", "M", (15_210, 19_756, 32_284, 33_907, 37_846, 37_204, 29_729, 24_343)),
    ("11410", "F", (9_908, 11_752, 26_283, 22_726, 24_031, 25_388, 20_458, 22_267)),
    ("11410", "M", (10_267, 11_870, 24_073, 22_383, 23_456, 23_979, 18_100, 15_232)),
    ("11440", "F", (12_256, 14_006, 33_997, 33_983, 31_346, 27_602, 21_221, 22_329)),
    ("11440", "M", (12_643, 14_366, 27_907, 30_503, 29_649, 26_653, 18_338, 15_091)),
    ("11470", "F", (15_317, 24_340, 29_348, 29_351, 41_161, 38_474, 29_967, 23_469)),
    ("11470", "M", (16_235, 26_532, 30_426, 28_469, 37_832, 38_021, 27_584, 17_725)),
    ("11500", "F", (19_338, 21_847, 46_681, 48_788, 45_346, 44_932, 40_931, 32_288)),
    ("11500", "M", (20_222, 22_847, 40_310, 50_274, 45_542, 41_264, 35_409, 24_166)),
    ("11530", "F", (13_793, 14_595, 28_194, 30_932, 30_793, 32_003, 29_589, 24_836)),
    ("11530", "M", (14_406, 15_594, 27_221, 32_215, 32_410, 31_327, 26_394, 20_106)),
    ("11545", "F", (6_126, 7_290, 18_412, 15_817, 15_634, 20_079, 16_851, 14_298)),
    ("11545", "M", (6_422, 7_379, 18_715, 19_664, 17_269, 20_213, 16_268, 11_296)),
    ("11560", "F", (12_671, 11_620, 31_316, 33_672, 27_408, 28_017, 24_196, 22_933)),
    ("11560", "M", (13_165, 12_658, 27_760, 35_573, 29_030, 28_914, 22_876, 17_671)),
    ("11590", "F", (12_036, 13_513, 34_421, 30_674, 29_401, 30_363, 26_538, 25_122)),
    ("11590", "M", (12_528, 14_308, 32_124, 31_422, 29_511, 27_980, 22_624, 18_655)),
    ("11620", "F", (10_873, 13_959, 55_967, 38_844, 31_926, 33_984, 31_700, 29_468)),
    ("11620", "M", (11_499, 14_641, 53_168, 47_937, 36_558, 34_068, 27_543, 22_925)),
    ("11650", "F", (16_361, 22_209, 28_652, 34_084, 40_991, 32_097, 25_756, 21_617)),
    ("11650", "M", (17_490, 23_120, 26_439, 29_140, 36_364, 31_100, 22_041, 17_665)),
    ("11680", "F", (17_715, 28_275, 38_571, 44_337, 53_121, 40_161, 32_231, 26_821)),
    ("11680", "M", (19_051, 30_859, 35_369, 37_501, 46_145, 40_189, 27_192, 21_693)),
    ("11710", "F", (24_542, 28_823, 49_335, 57_532, 56_660, 52_778, 44_495, 31_496)),
    ("11710", "M", (26_202, 30_245, 44_784, 53_058, 52_639, 49_788, 39_689, 25_894)),
    ("11740", "F", (16_773, 18_475, 31_135, 36_146, 36_897, 37_044, 33_255, 24_029)),
    ("11740", "M", (17_977, 20_486, 30_322, 35_940, 37_147, 35_183, 29_989, 19_172)),
)


def district_code(korean_name: str) -> str:
    """The ministry's code of a district, e.g. "도봉구" -> "11320"; KeyError if there is none."""
    return _CODES[korean_name]


_CODES: Final = {korean: code for code, (korean, _) in DISTRICTS.items()}


def persons(
    *, district: str | None = None, sex: Sex | None = None, age_band: str | None = None
) -> int:
    """Persons living in the given part of the city; None means every value of a dimension."""
    bands = range(len(AGE_BANDS)) if age_band is None else (AGE_BANDS.index(age_band),)
    return sum(
        counts[band]
        for row_district, row_sex, counts in _COUNTS
        if district in (None, row_district) and sex in (None, row_sex)
        for band in bands
    )


def by_district() -> dict[str, int]:
    """Persons of each district code."""
    return {code: persons(district=code) for code in DISTRICTS}


def by_sex() -> dict[str, int]:
    """Persons of each registered sex."""
    return {sex: persons(sex=sex) for sex in SEXES}


def by_age_band() -> dict[str, int]:
    """Persons of each ten-year age band."""
    return {band: persons(age_band=band) for band in AGE_BANDS}


def reference_documents() -> list[dict[str, Json]]:
    """The reference populations of the demo city, as `register_reference` takes them."""
    return [
        _document(
            "seoul-districts-2020",
            {"ko": "서울시 자치구별 인구 (2020)", "en": "Population of Seoul by district (2020)"},
            {"district": by_district()},
            {"district": {code: _label(*names) for code, names in DISTRICTS.items()}},
        ),
        _document(
            "seoul-residents-2020",
            {
                "ko": "서울시 자치구·성별·연령대별 인구 (2020)",
                "en": "Population of Seoul by district, sex and age band (2020)",
            },
            {"district": by_district(), "sex": by_sex(), "age_band": by_age_band()},
            {
                "district": {code: _label(*names) for code, names in DISTRICTS.items()},
                "sex": {"F": _label("여성", "Female"), "M": _label("남성", "Male")},
                "age_band": {band: _age_label(band) for band in AGE_BANDS},
            },
        ),
    ]


def _label(korean: str, english: str) -> dict[str, Json]:
    return {"ko": korean, "en": english}


def _age_label(band: str) -> dict[str, Json]:
    if band == "70+":
        return _label("70세 이상", "70 and over")
    first, last = band.split("-")
    return _label(f"{first}–{last}세", f"{first}–{last}")


def _document(
    key: str,
    title: Mapping[str, Json],
    dimensions: Mapping[str, Mapping[str, int]],
    labels: Mapping[str, Mapping[str, Json]],
) -> dict[str, Json]:
    return {
        "key": key,
        "title": dict(title),
        "source": SOURCE,
        "as_of": AS_OF,
        "dimensions": {name: _counts(counts.items()) for name, counts in dimensions.items()},
        "labels": {name: dict(values) for name, values in labels.items()},
    }


def _counts(items: Iterable[tuple[str, int]]) -> dict[str, Json]:
    return dict(items)
