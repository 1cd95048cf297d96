"""One column through the gate: read the suspicious cells, let the column weigh what a cell alone
cannot prove, and rewrite what has to lose its person.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from contributions.privacy import prefilter
from contributions.privacy.checksums import gtin_check
from contributions.privacy.codes import BY_ALL, NOTHING, detect_forms, forms_of
from contributions.privacy.detectors import detect
from contributions.privacy.folding import fold
from contributions.privacy.headers import READ_WHOLE
from contributions.privacy.hit import Hit
from contributions.privacy.persons import SURNAMES
from contributions.privacy.result import Action
from contributions.privacy.tokens import band, point, street, token
from contributions.privacy.traces import is_hotline

Places = npt.NDArray[np.int64]

DIGIT_RUNS = {
    "rrn.check_digit": r"^\s*[0-9]{13}\s*$",
    "frn.check_digit": r"^\s*[0-9]{13}\s*$",
    "rrn.hyphen": r"(^|[^0-9])[0-9]{6}-[0-9]{7}([^0-9]|$)",
    "frn.hyphen": r"(^|[^0-9])[0-9]{6}-[0-9]{7}([^0-9]|$)",
    "card.luhn": r"^\s*[0-9]{14,19}\s*$",
}
# Below this share of its cells, long numbers are what a column of remarks happens to hold.
RARE_SHARE = 0.1
KOREAN_NAME = rf"^[{SURNAMES}][가-힣]{{1,3}}$"
THING_NAME = "(구|동|역|로|길|점|시|군|도|교|관|원|소|장|청|면|읍|리|산|천|호|과|팀|실|센터)$"
# Enough of the commonest given and family names: a column of people always has some.
ENGLISH_PERSON = (
    r"^([A-Z][a-z]+[ -])*(John|Mary|James|David|Robert|Michael|William|Richard|Thomas|Daniel|Paul|"
    r"Mark|Emily|Sarah|Anna|Jane|Jennifer|Lisa|Linda|Maria|Susan|Karen|Emma|Olivia|Minho|Jisoo|Minji|"
    r"Kim|Lee|Park|Choi|Jung|Jeong|Kang|Cho|Yoon|Jang|Lim|Han|Oh|Seo|Shin|Kwon|Hwang|Ahn|Song|Hong|"
    r"Smith|Johnson|Brown|Miller|Davis|Wilson|Taylor|Nguyen)([ -][A-Z][a-z]+)*$"
)
ENGLISH_THING = "(Park|Station|Hall|Seoul|Street|River|Bridge|School|Library|Museum|Center|Centre)$"
TOKENED = ("phone", "email", "plate", "mac", "ip", "device_id")
SYSTEMATIC_SHARE = 0.01
SYSTEMATIC_HITS = 3


@dataclass
class ColumnReading:
    """`found`: positions per (type, rule, action); `column`: the rewritten cells."""

    column: pa.Array
    found: dict[tuple[str, str, Action], Places] = field(default_factory=dict)

    def types(self) -> set[str]:
        return {kind for kind, _rule, _action in self.found}


@dataclass
class _Cells:
    """The distinct texts of a column that could hold something: `codes[i]` is the text of cell
    `places[i]`.
    """

    places: Places
    codes: Places
    texts: list[str]
    hits: list[list[Hit]]
    weights: Places


def read_column(
    column: pa.Array,
    kinds: frozenset[str],
    *,
    key: bytes,
    declared: bool,
    worth: prefilter.Flags | None = None,
) -> ColumnReading:
    """`declared`: the call asks for this column, so what would be pseudonymised passes with a
    finding; what refuses a file refuses it all the same. `worth`: the cells worth reading, where
    they are known already.
    """
    reading = ColumnReading(column)
    if column.null_count == len(column):
        return reading
    if "name" in kinds or _holds_people(column, kinds):
        return _name_column(reading, key=key, declared=declared)
    if kinds.intersection(READ_WHOLE):
        suspicious = column.is_valid().to_numpy(zero_copy_only=False)
    else:
        suspicious = prefilter.worth_reading(column) if worth is None else worth
    places = np.nonzero(suspicious)[0].astype(np.int64)
    if not len(places):
        return reading
    cells = _read(column, places, kinds)
    _weigh(column, cells)
    _collect(reading, cells, declared)
    if not declared:
        _rewrite(reading, cells, kinds, key)
    return reading


def _read(column: pa.Array, places: Places, kinds: frozenset[str]) -> _Cells:
    encoded = column.take(pa.array(places)).dictionary_encode()
    forms = forms_of(encoded.dictionary, kinds)
    heard = np.nonzero(forms != NOTHING)[0]
    dictionary = encoded.dictionary.take(pa.array(heard))
    phones = prefilter.matching(dictionary, prefilter.PLAIN_PHONE)
    emails = prefilter.matching(dictionary, prefilter.PLAIN_EMAIL)
    careful = "contrary" in kinds or "bank_account" in kinds
    whole: dict[tuple[str, int], list[Hit]] = {}
    texts: list[str] = []
    hits: list[list[Hit]] = []
    for place, (raw, by) in enumerate(
        zip(dictionary.to_pylist(), forms[heard].tolist(), strict=True)
    ):
        text = fold(raw) if by == BY_ALL else raw
        texts.append(text)
        kind = "phone" if phones[place] and not careful else "email" if emails[place] else ""
        if not kind:
            hits.append(detect(text, kinds) if by == BY_ALL else detect_forms(text, kinds, by))
            continue
        # A million ordinary numbers share a handful of hits.
        rule = "phone.mobile" if kind == "phone" else "email.form"
        if (kind, len(text)) not in whole:
            whole[kind, len(text)] = [Hit(kind, rule, "pseudonymise", 0, len(text))]
        hits.append(whole[kind, len(text)])
    place_of = np.full(len(forms), -1, np.int64)
    place_of[heard] = np.arange(len(heard))
    codes = place_of[encoded.indices.to_numpy(zero_copy_only=False)]
    places, codes = places[codes >= 0], codes[codes >= 0]
    return _Cells(places, codes, texts, hits, np.bincount(codes, minlength=len(texts)))


def _weigh(column: pa.Array, cells: _Cells) -> None:
    """Keep an uncertain hit only if most numbers of its form in the column are of its kind."""
    uncertain: Counter[str] = Counter()
    articles: Counter[str] = Counter()
    for text, hits, weight in zip(cells.texts, cells.hits, cells.weights, strict=True):
        for hit in hits:
            if not hit.certain:
                uncertain[hit.rule] += int(weight)
                digits = re.sub("[^0-9]", "", text[hit.start : hit.end])
                articles[hit.rule] += int(weight) if _is_article(digits) else 0
    if not uncertain:
        return
    # Recent numbers prove nothing by themselves; beside older ones they are what those are.
    recent = uncertain["rrn.recent"] + uncertain["frn.recent"]
    kept = {
        rule
        for rule, count in uncertain.items()
        if _confirmed(column, rule, count, recent, articles)
    }
    if kept & {"rrn.check_digit", "frn.check_digit"}:
        kept |= {"rrn.recent", "frn.recent"}
    for place, hits in enumerate(cells.hits):
        cells.hits[place] = [hit for hit in hits if hit.certain or hit.rule in kept]


def _is_article(digits: str) -> bool:
    return len(digits) == 13 and gtin_check(digits)


def _confirmed(
    column: pa.Array, rule: str, count: int, recent: int, articles: Counter[str]
) -> bool:
    if rule not in DIGIT_RUNS:
        return False
    runs = pc.sum(pc.match_substring_regex(column, DIGIT_RUNS[rule])).as_py() or 0
    alike = count + recent if rule.endswith("check_digit") and 5 * count >= runs else count
    if 2 * alike < runs:
        return False
    filled = len(column) - column.null_count
    if rule == "card.luhn" and runs < max(RARE_SHARE * filled, SYSTEMATIC_HITS):
        return True
    if rule == "card.luhn" or rule.endswith(".hyphen"):
        return count >= SYSTEMATIC_HITS
    return not (articles[rule] == count and count > 1)


def _collect(reading: ColumnReading, cells: _Cells, declared: bool) -> None:
    by_rule: dict[tuple[str, str, Action], list[int]] = {}
    for code, hits in enumerate(cells.hits):
        for hit in hits:
            action: Action = "pass" if declared and hit.action != "refuse" else hit.action
            by_rule.setdefault((hit.type, hit.rule, action), []).append(code)
    for label, codes in by_rule.items():
        chosen = np.zeros(len(cells.texts), np.bool_)
        chosen[codes] = True
        reading.found[label] = cells.places[chosen[cells.codes]]


def _rewrite(reading: ColumnReading, cells: _Cells, kinds: frozenset[str], key: bytes) -> None:
    changed: dict[int, str | None] = {}
    for code, (text, hits) in enumerate(zip(cells.texts, cells.hits, strict=True)):
        if any(hit.action in ("pseudonymise", "generalise") for hit in hits):
            changed[code] = _without_person(text, hits, key)
    if changed:
        reading.column = _replaced(reading.column, cells, changed)
    kind = _systematic(reading, cells, kinds)
    if kind is not None:
        reading.column = _tokenised(reading.column, kind, key)


def _without_person(text: str, hits: list[Hit], key: bytes) -> str:
    if len(hits) == 1 and hits[0].end - hits[0].start == len(text) and hits[0].type in TOKENED:
        return token(hits[0].type, text, key)
    for hit in sorted(hits, key=lambda each: each.start, reverse=True):
        if hit.action not in ("pseudonymise", "generalise"):
            continue
        value = text[hit.start : hit.end]
        stand_in: str | None = None
        if hit.type == "dob":
            stand_in = band(value) or ""
        elif hit.type == "address":
            stand_in = street(value) or ""
        elif hit.type == "geo_point":
            stand_in = point(value) or ""
        else:
            stand_in = token(hit.type, value, key)
        text = text[: hit.start] + stand_in + text[hit.end :]
    return text


def _replaced(column: pa.Array, cells: _Cells, changed: dict[int, str | None]) -> pa.Array:
    chosen = np.zeros(len(cells.texts), np.bool_)
    chosen[list(changed)] = True
    in_cells = chosen[cells.codes]
    mask = np.zeros(len(column), np.bool_)
    mask[cells.places[in_cells]] = True
    texts = pa.array([changed.get(code) or None for code in range(len(cells.texts))], pa.string())
    replacements = texts.take(pa.array(cells.codes[in_cells]))
    return pc.replace_with_mask(column, pa.array(mask), replacements)


def _systematic(reading: ColumnReading, cells: _Cells, kinds: frozenset[str]) -> str | None:
    """The type that the column as a whole holds, when it does: by its name, or by its cells."""
    filled = len(reading.column) - reading.column.null_count
    whole: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for text, hits, weight in zip(cells.texts, cells.hits, cells.weights.tolist(), strict=True):
        covered: dict[str, int] = {}
        for hit in hits:
            covered[hit.type] = covered.get(hit.type, 0) + hit.end - hit.start
        for kind, length in covered.items():
            total[kind] += weight
            whole[kind] += weight if length * 10 >= len(text.strip()) * 8 else 0
    for kind in TOKENED:
        often = total[kind] >= max(SYSTEMATIC_HITS, SYSTEMATIC_SHARE * filled)
        if total[kind] and (kind in kinds or (often and 2 * whole[kind] > total[kind])):
            return kind
    return None


def _tokenised(column: pa.Array, kind: str, key: bytes) -> pa.Array:
    """Every cell that could still hold a value: numbers the forms do not know stay nowhere."""
    patterns = {"phone": r"[0-9].*[0-9].*[0-9].*[0-9]", "email": "@"}
    left = pc.fill_null(pc.match_substring_regex(column, patterns.get(kind, "[0-9]")), False)

    def stand_in(text: str) -> str:
        return text if kind == "phone" and is_hotline(text) else token(kind, text, key)

    return _mapped(column, left, stand_in)


def _mapped(column: pa.Array, chosen: pa.Array, change: Callable[[str], str | None]) -> pa.Array:
    encoded = column.filter(chosen).dictionary_encode()
    if not len(encoded):
        return column
    texts = pa.array([change(fold(text)) for text in encoded.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(column, chosen, texts.take(encoded.indices))


def _holds_people(column: pa.Array, kinds: frozenset[str]) -> bool:
    """Columns called just "name" hold stations, parks and pets more often than people."""
    if not kinds & {"plain_name", "role"}:
        return False
    filled = column.drop_null()
    korean = pc.and_(
        pc.match_substring_regex(filled, KOREAN_NAME),
        pc.invert(pc.match_substring_regex(filled, THING_NAME)),
    )
    english = pc.and_(
        pc.match_substring_regex(filled, ENGLISH_PERSON),
        pc.invert(pc.match_substring_regex(filled, ENGLISH_THING)),
    )
    return bool(
        10 * (pc.sum(korean).as_py() or 0) >= (3 if "role" in kinds else 6) * len(filled)
        or 10 * (pc.sum(english).as_py() or 0) >= 3 * len(filled)
    )


def _name_column(reading: ColumnReading, *, key: bytes, declared: bool) -> ColumnReading:
    filled = reading.column.is_valid()
    action: Action = "pass" if declared else "pseudonymise"
    places = np.nonzero(filled.to_numpy(zero_copy_only=False))[0].astype(np.int64)
    reading.found["name", "name.header", action] = places
    if not declared:
        reading.column = _mapped(reading.column, filled, lambda text: token("name", text, key))
    return reading
