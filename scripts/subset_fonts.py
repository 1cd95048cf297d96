"""Cut "Dure Sans" out of Pretendard GOV: small files that hold the glyphs the pages need.

    npm pack pretendard-gov && tar xzf pretendard-gov-*.tgz
    python scripts/subset_fonts.py package/dist/public/static/alternative

For each weight three files: ``core`` (the frame of every page, the home page and the names on
it; preloaded), ``more`` (the other texts of the Korean catalogues) and ``rest`` (the remaining
syllables of KS X 1001). The browser fetches the last two only where a page shows one of their
characters (``unicode-range``). The original's name is reserved by its licence (OFL 1.1), so the
subsets carry another one.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

PROJECT = Path(__file__).resolve().parents[1]
PORTAL = PROJECT / "platform" / "portal"
DEMO = PROJECT / "platform" / "demo"
TARGET = PORTAL / "static" / "dure" / "fonts"
STYLES = PORTAL / "static" / "dure" / "css" / "fonts.css"
CATALOGUES = sorted(
    file
    for room in ("platform", "contributions", "rewards", "governance")
    for file in (PROJECT / room).glob("**/locale/ko/LC_MESSAGES/django.po")
)
#: Templates and modules whose texts every first visit shows.
FIRST_VISIT = (
    "portal/layout.html", "portal/page.html", "portal/public/home.html", "portal/parts/",
    "templatetags/", "maps/", "formatting.py", "strata.py",
)  # fmt: skip
WEIGHTS = {400: "Regular", 700: "Bold"}
FAMILY = "Dure Sans"
LATIN = [*range(0x20, 0x7F), 0xA0, 0xB0, 0xB1, 0xB2, 0xB3, 0xB5, 0xB7, 0xD7]
SIGNS = [ord(sign) for sign in "–—‘’“”…›·×✓→−㎍㎥℃ "]
MARK = "/* Written by scripts/subset_fonts.py. */"


def entries(catalogue: Path) -> list[tuple[str, str]]:
    """(references, Korean text) of each translated entry of a catalogue."""
    found = []
    for block in catalogue.read_text(encoding="utf-8").split("\n\n"):
        references = " ".join(re.findall(r"^#: (.*)$", block, re.MULTILINE))
        after = re.split(r"^msgstr", block, maxsplit=1, flags=re.MULTILINE)
        if len(after) == 2 and not block.startswith("#~"):
            found.append((references, "".join(re.findall(r'"(.*)"', after[1]))))
    return found


def hangul(text: str) -> set[int]:
    """Code points outside ASCII."""
    return {ord(letter) for letter in text if ord(letter) > 0x7F}


def ks_x_1001() -> set[int]:
    """The 2,350 syllables that Korean texts are written with."""
    pairs = (bytes([high, low]) for high in range(0xB0, 0xC9) for low in range(0xA1, 0xFF))
    return {ord(pair.decode("euc-kr")) for pair in pairs}


def layers() -> dict[str, set[int]]:
    """Which characters go into which file; no character is in two of them."""
    core, more = set(LATIN) | set(SIGNS), set[int]()
    for catalogue in CATALOGUES:
        for references, text in entries(catalogue):
            first = any(part in references for part in FIRST_VISIT)
            (core if first else more).update(hangul(text))
    labels = PROJECT / "contributions" / "strata_labels.py"
    for source in (labels, DEMO / "calls.py", PORTAL / "formatting.py"):
        core |= hangul("".join(re.findall(r'"([^"]*)"', source.read_text(encoding="utf-8"))))
    for template in PORTAL.glob("templates/**/*.html"):
        more |= hangul(template.read_text(encoding="utf-8"))
    for source in DEMO.glob("*.py"):
        more |= hangul(source.read_text(encoding="utf-8"))
    return {"core": core, "more": more - core, "rest": ks_x_1001() - core - more}


def rename(font: TTFont, weight: str) -> None:
    """Give the subset a name of its own, keeping copyright and licence."""
    names = font["name"]
    names.names = [name for name in names.names if name.nameID in (0, 7, 8, 9, 11, 12, 13, 14)]
    full = f"{FAMILY} {weight}"
    for number, text in (
        (1, FAMILY),
        (2, weight),
        (3, f"{full} subset"),
        (4, full),
        (6, full.replace(" ", "-")),
    ):
        names.setName(text, number, 3, 1, 0x409)
    trademark = names.getName(7, 3, 1, 0x409)
    if trademark is not None:
        names.removeNames(nameID=7)


def cut(source: Path, characters: set[int], target: Path, weight: str) -> None:
    """Write one subset as WOFF2."""
    options = subset.Options(
        flavor="woff2", hinting=False, layout_features=["kern", "tnum", "ccmp"],
        name_IDs=["*"], name_languages=["*"], notdef_outline=True,
    )  # fmt: skip
    font = TTFont(source)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(characters))
    cutter.subset(font)
    rename(font, weight)
    font.flavor = "woff2"
    font.save(target)


def ranges(characters: set[int]) -> str:
    """A ``unicode-range`` value for a set of characters."""
    parts: list[list[int]] = []
    for point in sorted(characters):
        if parts and point == parts[-1][1] + 1:
            parts[-1][1] = point
        else:
            parts.append([point, point])
    return ",".join(f"U+{a:x}" if a == b else f"U+{a:x}-{b:x}" for a, b in parts)


def faces(found: dict[str, set[int]]) -> str:
    """The ``@font-face`` rules; no character is claimed by two files of a weight."""
    everything = set(range(0xAC00, 0xD7A4)) - found["core"] - found["more"]
    claims = {
        "rest": ranges(everything), "more": ranges(found["more"]), "core": ranges(found["core"])
    }  # fmt: skip
    rules = []
    for weight in WEIGHTS:
        for layer, claim in claims.items():
            rules.append(
                f'@font-face{{font-family:"{FAMILY}";font-weight:{weight};font-display:swap;'
                f'src:url("../fonts/dure-sans-{weight}-{layer}.woff2") format("woff2");'
                f"unicode-range:{claim}}}"
            )
    return "\n".join(rules)


def main() -> None:
    """Cut all files and write the list of characters each of them holds."""
    folder = Path(sys.argv[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    found = layers()
    for weight, name in WEIGHTS.items():
        for layer, characters in found.items():
            target = TARGET / f"dure-sans-{weight}-{layer}.woff2"
            cut(folder / f"PretendardGOV-{name}.ttf", characters, target, name)
            print(f"{target.name}: {len(characters)} characters, {target.stat().st_size} bytes")
    STYLES.write_text(f"{MARK}\n{faces(found)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
