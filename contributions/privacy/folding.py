"""One spelling for digits, hyphens and invisible characters, so that a costume hides nothing."""

from __future__ import annotations

import re
import unicodedata

# Zero-width and direction marks, soft hyphens and variation selectors: printed as nothing.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
HYPHENS = re.compile(
    "[\u00af\u02d7\u2010-\u2015\u2043\u207b\u208b\u2212\u2500\u2501\u2796\u30fc\u3161\ufe58\ufe63\uff0d\uff70]"
)
# Of other scripts: Python counts them among its digits.
OTHER_DIGIT = re.compile(r"(?![0-9])\d")
SPOKEN = str.maketrans("공영일이삼사오육칠팔구", "00123456789")
SPOKEN_PREFIX = re.compile("[공영]일[공영일육칠팔구]")
SPOKEN_RUN = re.compile(r"[공영일이삼사오육칠팔구0-9\- .]{9,}")
# One digit, one blank (or point, or hyphen), one digit …, where a blank may hold the hyphen of the
# number itself; and words written with a blank behind every syllable.
SPREAD_DIGITS = re.compile(
    r"(?<![0-9] )(?<![0-9])[0-9](?:(?:(?: - | )[0-9]){8,18}|(?:\.[0-9]){8,18}|(?:-[0-9]){8,18})"
    r"(?![ .\-]?[0-9])"
)
SPREAD_WORD = re.compile(r"(?<![가-힣])[가-힣](?: [가-힣]){2,}(?![가-힣])")
# The letters that old typewriters had for 0 and 1, among digits.
LETTERED = re.compile(r"(?<![A-Za-z0-9])[0-9OoIl](?:[ .\-_/]{0,3}[0-9OoIl]){8,19}(?![A-Za-z0-9])")
PASSPORT = re.compile(r"[A-Za-z][0-9]{8}")
LETTERS = str.maketrans("OoIl", "0011")
DIGITS_AMONG_LETTERS = 5

# RE2 form of "this cell needs folding": digits of other scripts, the marks above, spoken prefixes.
COSTUME = (
    r"[\x{00a0}\x{00ad}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}\x{200b}-\x{200f}\x{2010}-\x{2015}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{2212}"
    r"\x{ff0d}\x{feff}\x{3161}\x{30fc}\x{2500}\x{2501}\x{fe63}\x{fe58}\x{3164}"
    r"\x{ff10}-\x{ff19}\x{ff20}\x{ff0b}\x{0660}-\x{0669}\x{06f0}-\x{06f9}\x{0966}-\x{096f}"
    r"\x{0e50}-\x{0e59}\x{2460}-\x{2468}\x{24ea}\x{1d7ce}-\x{1d7ff}]|[공영]일[공영일육칠팔구]"
)


def fold(text: str) -> str:
    """NFKC, ASCII digits, plain hyphens, nothing invisible; digits that were spoken, spread out or
    written as letters are put back. For reading only: the text that goes on is folded just where a
    cell is rewritten.
    """
    if text.isascii():
        return _undressed(text)
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    text = INVISIBLE.sub("", HYPHENS.sub("-", text))
    text = OTHER_DIGIT.sub(lambda digit: str(unicodedata.digit(digit.group())), text)
    if SPOKEN_PREFIX.search(text):
        text = SPOKEN_RUN.sub(lambda run: run.group().translate(SPOKEN), text)
    return _undressed(text)


def _undressed(text: str) -> str:
    if SPREAD_DIGITS.search(text):
        text = SPREAD_DIGITS.sub(_gathered, SPREAD_WORD.sub(_joined, text))
    return LETTERED.sub(_as_digits, text) if "O" in text or "o" in text or "l" in text else text


def _joined(match: re.Match[str]) -> str:
    return match.group().replace(" ", "")


def _gathered(match: re.Match[str]) -> str:
    run = match.group()
    return run.replace(" ", "") if " " in run else run.replace(".", "").replace("-", "")


def _as_digits(match: re.Match[str]) -> str:
    run = match.group()
    enough = sum(character.isdigit() for character in run) >= DIGITS_AMONG_LETTERS
    # One letter before eight digits is a passport.
    return run.translate(LETTERS) if enough and not PASSPORT.fullmatch(run) else run
