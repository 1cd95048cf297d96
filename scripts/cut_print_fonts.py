"""Cut the fonts of printed documents out of Pretendard GOV, as "Dure Sans" in TrueType.

    npm pack pretendard-gov && tar xzf pretendard-gov-*.tgz
    python scripts/cut_print_fonts.py package/dist/public/static/alternative

A document names people, so both weights hold every modern Hangul syllable. ``coverage.json`` lists
what they hold, as ranges: what else a text may contain is printed as an empty square. The
original's name is reserved by its licence (OFL 1.1), so the subsets carry another one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from subset_fonts import LATIN, SIGNS, rename

TARGET = Path(__file__).resolve().parents[1] / "platform" / "dure" / "core" / "pdf" / "fonts"
#: Latin letters with accents, superscripts and arrows that reports may print.
MORE = [*range(0xC0, 0x180), 0x20A9, 0x2190, 0x2191, 0x2193, 0x2212, 0x2248, 0x2264, 0x2265, 0x25A1]
SYLLABLES = set(range(0xAC00, 0xD7A4))


def cut(source: Path, characters: set[int], target: Path, weight: str) -> None:
    """Write one subset; the same bytes whenever it is written."""
    options = subset.Options(
        hinting=False, layout_features=["kern", "tnum", "ccmp"], name_IDs=["*"],
        name_languages=["*"], notdef_outline=True,
    )  # fmt: skip
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(characters))
    cutter.subset(font)
    rename(font, weight)
    font.save(target)


def main() -> None:
    """Cut both weights."""
    folder = Path(sys.argv[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    held: set[int] | None = None
    for name in ("Regular", "Bold"):
        target = TARGET / f"DureSans-{name}.ttf"
        wanted = {*LATIN, *SIGNS, *MORE, *SYLLABLES}
        cut(folder / f"PretendardGOV-{name}.ttf", wanted, target, name)
        found = set(TTFont(target).getBestCmap())
        held = found if held is None else held & found
        print(f"{target.name}: {len(found)} characters, {target.stat().st_size} bytes")
    ranges: list[list[int]] = []
    for point in sorted(held or ()):
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    (TARGET / "coverage.json").write_text(f"{json.dumps(ranges)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
