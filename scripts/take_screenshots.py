"""Take the pictures of the README from a running demo city.

    make demo
    python scripts/take_screenshots.py http://127.0.0.1:8000

Writes docs/images/*.png: the home page wide and on a phone, the page of a call, the page that
explains a reward, and a transparency report. Chromium of the system takes them; the files are
reduced to a palette so that each stays small. With a folder as a second argument it takes every
kind of page instead, of everybody, in both languages, two widths and both colour schemes, to be
looked at (they are found by following links):

    python scripts/take_screenshots.py http://127.0.0.1:8000 /tmp/pages [390-light …]
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
IMAGES = PROJECT / "docs" / "images"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZE_MAX = 200_000
#: Levels of each colour channel that are tried until a picture is small enough.
LEVELS = (256, 128, 64, 32, 16, 8)


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, content) of each chunk of a PNG."""
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and RGB rows of an 8-bit PNG without interlacing, as Chromium writes it."""
    found = list(chunks(png))
    width, height, depth, colour = struct.unpack(">IIBB", found[0][1][:10])
    step = {2: 3, 6: 4}[colour]
    assert depth == 8, "Chromium writes eight bits a channel"
    data = zlib.decompress(b"".join(content for kind, content in found if kind == b"IDAT"))
    rows, above, at = [], bytearray(width * step), 0
    for _row in range(height):
        kind, line = data[at], bytearray(data[at + 1 : at + 1 + width * step])
        at += 1 + width * step
        _unfilter(kind, line, above, step)
        above = line
        rows.append(bytes(line) if step == 3 else _without_alpha(line))
    return width, height, rows


def _without_alpha(line: bytearray) -> bytes:
    kept = bytearray(len(line) // 4 * 3)
    for channel in range(3):
        kept[channel::3] = line[channel::4]
    return bytes(kept)


def _unfilter(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    """Undo a PNG filter in place (PNG specification, section 9.2)."""
    for place in range(len(line)):
        left = line[place - step] if place >= step else 0
        up = above[place]
        if kind == 1:
            line[place] = (line[place] + left) & 255
        elif kind == 2:
            line[place] = (line[place] + up) & 255
        elif kind == 3:
            line[place] = (line[place] + (left + up) // 2) & 255
        elif kind == 4:
            corner = above[place - step] if place >= step else 0
            guess = left + up - corner
            near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up),
                       (abs(guess - corner), 2, corner))  # fmt: skip
            line[place] = (line[place] + near[2]) & 255


def with_palette(width: int, height: int, rows: list[bytes], levels: int) -> bytes | None:
    """The picture in at most 256 colours; None where that many levels need more."""
    scale = bytes(
        round(round(value * (levels - 1) / 255) * 255 / (levels - 1)) for value in range(256)
    )
    counts: dict[bytes, int] = {}
    reduced = [row.translate(scale) for row in rows]
    for row in reduced:
        for at in range(0, len(row), 3):
            colour = row[at : at + 3]
            counts[colour] = counts.get(colour, 0) + 1
    palette = sorted(counts, key=lambda colour: -counts[colour])[:256]
    if len(counts) > 256 and sum(counts[c] for c in palette) < 0.95 * width * height:
        return None
    index = {colour: place for place, colour in enumerate(palette)}
    nearest: dict[bytes, int] = {}
    lines = []
    for row in reduced:
        line = bytearray(b"\0")
        for at in range(0, len(row), 3):
            colour = row[at : at + 3]
            place = index.get(colour)
            if place is None:
                place = nearest.get(colour)
            if place is None:
                place = min(
                    range(len(palette)),
                    key=lambda n: sum(
                        (a - b) ** 2 for a, b in zip(palette[n], colour, strict=True)
                    ),
                )
                nearest[colour] = place
            line.append(place)
        lines.append(bytes(line))
    return _png(width, height, b"".join(palette), b"".join(lines))


def _png(width: int, height: int, palette: bytes, data: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            chunk(b"PLTE", palette),
            chunk(b"IDAT", zlib.compress(data, 9)),
            chunk(b"IEND", b""),
        )
    )


def small(png: bytes) -> bytes:
    """The finest palette picture below the limit."""
    width, height, rows = pixels(png)
    best = b""
    for levels in LEVELS:
        reduced = with_palette(width, height, rows, levels)
        if reduced is not None:
            best = reduced
            if len(reduced) <= SIZE_MAX:
                return reduced
    return best


def page_of(browser: Browser, width: int, height: int, language: str) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="light",
        locale=language,
        timezone_id="Asia/Seoul",
    )
    return context.new_page()


def shoot(page: Page, address: str, name: str, *, height: int | None = None) -> None:
    """One picture of the window, or of the page down to a height."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    size = page.viewport_size
    assert size is not None
    clip = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"]}
    picture = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]  # a FloatRect
    target = IMAGES / f"{name}.png"
    target.write_bytes(small(picture))
    print(f"{target.relative_to(PROJECT)}: {target.stat().st_size:,} bytes")


def log_in(page: Page, base: str, email: str, password: str) -> None:
    page.goto(f"{base}/en/login/")
    page.locator("input[name=username]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button").first.click()
    page.wait_for_load_state()


VIEWS = ("390-light", "1280-light", "1280-dark", "390-dark")
#: Where everybody starts, as role of var/demo.json; "" is nobody in particular. The rest is found
#: by following links.
STARTS = {
    "": ("/", "/signup/", "/account/password/reset/", "/login/", "/status/", "/verify/"),
    "resident": ("/me/", "/wallet/", "/c/", "/me/guardian/"),
    "firm member": ("/firm/",),
    "data user": ("/licences/",),
    "auditor": ("/audit/",),
    "operator": ("/console/",),
    "approver": ("/console/",),
}
#: Looks of one role at one kind of page; those of strangers are looked at by strangers alone.
LOOKS = {"/calls/*/": 2, "/c/*/": 4, "/algorithms/*/": 2}


def kind_of(path: str) -> str:
    """An address without what tells one thing from the next of its kind."""
    parts = path.split("/")
    return "/".join(
        "*" if any(c.isdigit() for c in part) or ("-" in part and part not in KEPT) else part
        for part in parts
    )


#: Names with a hyphen that are pages and not things.
KEPT = frozenset({"new-call", "live-access"})


def paths_of(page: Page, base: str, starts: tuple[str, ...], seen: dict[str, int]) -> list[str]:
    """Every kind of page that links lead to, breadth first, as paths in Korean."""
    waiting, found, asked = list(starts), [], set(starts)
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(path)
        if seen.get(kind, 0) >= LOOKS.get(kind, 1):
            continue
        answer = page.request.get(base + path, max_redirects=0)
        html = answer.headers.get("content-type", "").startswith("text/html")
        if answer.status != 200 or not html:
            continue
        seen[kind] = seen.get(kind, 0) + 1
        found.append(path)
        for link in re.findall(r'href="(/[^"#?]*/)["#?]', answer.text()):
            if link not in asked and not link.startswith(("/en/", "/static/", "/api/", "/admin/")):
                asked.add(link)
                waiting.append(link)
    return found


def look_at_all(browser: Browser, base: str, folder: Path, views: list[tuple[int, str]]) -> None:
    """A picture of every kind of page in these views (width and scheme), in both languages."""
    folder.mkdir(parents=True, exist_ok=True)
    city = json.loads((PROJECT / "var" / "demo.json").read_text(encoding="utf-8"))
    people = {person["role"]: person for person in reversed(city["people"])}
    public: dict[str, int] = {}
    places: dict[str, list[str]] = {}
    for (width, scheme), role in itertools.product(views, STARTS):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            timezone_id="Asia/Seoul",
        )
        page = context.new_page()
        if role:
            log_in(page, base, people[role]["email"], people[role]["password"])
        if role not in places:
            seen = dict(public) if role else public
            places[role] = paths_of(page, base, STARTS[role], seen)
        for language, path in itertools.product(("", "/en"), places[role]):
            page.goto(f"{base}{language}{path}")
            words = path.strip("/").replace("/", "-") or "home"
            name = f"{role.replace(' ', '-') or 'stranger'}-{words}"
            target = folder / f"{language[1:] or 'ko'}-{width}-{scheme}" / f"{name}.png"
            target.parent.mkdir(exist_ok=True)
            page.screenshot(path=target, full_page=True)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                print(f"scrolls sideways: {target}")
        context.close()


def main() -> None:
    """Take all pictures of the city at the given address."""
    base = sys.argv[1].rstrip("/")
    if len(sys.argv) > 2:
        with sync_playwright() as driver:
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            chosen = [each.split("-") for each in sys.argv[3:] or VIEWS]
            views = [(int(width), scheme) for width, scheme in chosen]
            look_at_all(browser, base, Path(sys.argv[2]), views)
            browser.close()
        return
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        wide = page_of(browser, 1280, 900, "en")
        shoot(wide, f"{base}/en/", "home")
        shoot(page_of(browser, 390, 844, "ko-KR"), f"{base}/", "home-phone")
        call = json.loads(wide.request.get(f"{base}/api/v1/calls/").text())["results"][0]["slug"]
        shoot(wide, f"{base}/en/calls/{call}/", "call")
        reports = json.loads(wide.request.get(f"{base}/api/v1/reports/").text())["results"]
        if reports:
            shoot(wide, f"{base}/en/transparency/{reports[0]['period']}/", "report", height=1500)
        log_in(wide, base, "mina@dure.example", "dure-demo-2026")
        wide.goto(f"{base}/en/c/")
        wide.locator("tbody a").last.click()
        wide.wait_for_load_state()
        shoot(wide, f"{wide.url}why/", "why")
        browser.close()


if __name__ == "__main__":
    main()
