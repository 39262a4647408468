"""The theme: contrast by its own values, every class known, and the gallery as people meet it."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any, get_args

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.backends.html.static.conftest import Opener
from tests.backends.html.static.gallery import PICTURE, gallery
from tests.backends.html.static.markup import button, page, surface, text
from tests.backends.html.static.site import STATIC, Site
from uicompiler.ir.media import IconName

SOURCE = Path(str(STATIC)).parent
CSS = STATIC.joinpath("uicompiler.css").read_text("utf-8")
RULES = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)

# --- values ---------------------------------------------------------------------------------------


def properties(selector: str) -> dict[str, str]:
    """The custom properties that a rule sets."""
    (block,) = re.findall(re.escape(selector) + r"\s*\{([^}]*)\}", RULES)
    return {name: value.strip() for name, value in re.findall(r"(--ui-[\w-]+):([^;]*);", block)}


LIGHT = properties("\n:root")
DARK = LIGHT | properties('\n:root[data-theme="dark"]')


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of `#rrggbb`."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("canvas", "paper", "sunken", "accent-soft")
TONES = ("info", "success", "warning", "error")
READ = [
    *((text_, ground) for text_ in ("text", "muted", "accent", "error") for ground in GROUNDS),
    *(("on-accent", ground) for ground in ("accent", "accent-strong")),
    *((tone, ground) for tone in TONES for ground in (f"{tone}-soft", "paper")),
    *(("text", f"{tone}-soft") for tone in TONES),
    ("paper", "error"),  # the sign before an error
]
SEEN = [
    *((edge, ground) for edge in ("edge", "focus") for ground in ("canvas", "paper", "sunken")),
    *(("focus", f"{tone}-soft") for tone in TONES),
]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_what_is_read_has_the_contrast_of_level_aa(theme: dict[str, str]) -> None:
    found = {pair: contrast(*(theme[f"--ui-{name}"] for name in pair)) for pair in READ}
    assert {pair: round(value, 2) for pair, value in found.items() if value < 4.5} == {}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_and_rings_are_seen(theme: dict[str, str]) -> None:
    found = {pair: contrast(*(theme[f"--ui-{name}"] for name in pair)) for pair in SEEN}
    assert {pair: round(value, 2) for pair, value in found.items() if value < 3} == {}


def test_both_ways_to_the_dark_are_the_same() -> None:
    assert properties('\n:root[data-theme="dark"]') == properties(':root:not([data-theme="light"])')


def test_no_rule_names_a_colour_of_its_own() -> None:
    themes = re.sub(r"@media print \{.*", "", RULES, flags=re.DOTALL)
    set_ = re.sub(r"--[\w-]+:[^;]*;", "", themes)
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(", set_) == []


def test_every_property_is_told_at_the_top_and_used() -> None:
    told = CSS[: CSS.index("*/")]
    for name in LIGHT:
        plain = name.removesuffix("-soft")
        is_tone = plain.removeprefix("--ui-") in TONES
        if name != "--ui-shadow":
            assert f"{name} " in told or f"{name}," in told or is_tone, name
        assert f"var({name})" in RULES or name == "--ui-font-mono", name


def test_what_stands_where_follows_the_reading_direction() -> None:
    """But for the end of a table's line, which no logical keyword names (see there)."""
    physical = re.findall(
        r"(?:^|[\s;{])((?:margin|padding|border|inset)-(?:left|right)[\w-]*|left|right|float: left"
        r"|float: right|text-align: (?:left|right))\s*[:;]",
        RULES,
    )
    assert physical == ["text-align: right", "text-align: left"]


# --- classes --------------------------------------------------------------------------------------


def classes_in(text_: str) -> set[str]:
    found = re.findall(r'class="([^"]*)"', text_)
    return {name for item in found for name in re.findall(r"\bui-[a-z][a-z0-9-]*(?<!-)", item)}


def test_every_class_of_the_templates_has_a_rule() -> None:
    templates = sorted(SOURCE.rglob("*.html")) + sorted(
        (SOURCE.parents[1] / "host").rglob("*.html")
    )
    used = {name for path in templates for name in classes_in(path.read_text("utf-8"))}
    assert {"ui-surface", "ui-field", "ui-stages"} <= used
    known = set(re.findall(r"\.(ui-[a-z0-9-]+)", RULES))
    # A body text looks as all text does.
    assert used - known - {"ui-body", "ui-error", "ui-info"} == set()


def test_every_class_with_a_rule_is_told_at_the_top() -> None:
    told = re.sub(r"[\s*]+", " ", CSS[: CSS.index("*/")])
    for name in set(re.findall(r"\.(ui-[a-z0-9-]+)", RULES)):
        stem = re.sub(r"-(?:[a-z]+|h[1-5]|scale-down|space-between)$", "", name)
        assert name in told or stem in told, name


def test_every_symbol_is_drawn() -> None:
    icons = json.loads(SOURCE.joinpath("icons.json").read_text("utf-8"))
    assert set(icons) == set(get_args(IconName))
    assert all(re.fullmatch(r"[MLHVCASaclhvsz0-9 .-]+", path) for path in icons.values())
    assert len(set(icons.values())) == len(icons)


# --- the gallery ----------------------------------------------------------------------------------

THEMES = ("light", "dark")
LANGUAGES = ("en", "he", "ja")
PHONE = {"viewport": {"width": 360, "height": 740}}
DESK = {"viewport": {"width": 1280, "height": 900}}


def shown(opened: Opener, site: Site, language: str, theme: str, **settings: Any) -> Page:
    site.pages["/picture.svg"] = PICTURE
    markup = gallery(site.address, language=language, theme=theme)
    return opened(markup, **settings)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(opened: Opener, site: Site, language: str, theme: str) -> None:
    tab = shown(opened, site, language, theme, bypass_csp=True)
    found = Axe().run(tab).response
    said = [
        f"{item['id']}: {node['html'][:150]} {node['failureSummary']}"
        for item in found["violations"]
        for node in item["nodes"]
    ]
    assert said == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("settings", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_runs_out_of_the_page(
    opened: Opener, site: Site, language: str, settings: dict[str, Any]
) -> None:
    tab = shown(opened, site, language, "light", **settings)
    width = settings["viewport"]["width"]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    out = tab.locator(".ui-surface *").evaluate_all(
        """(all, width) => all.filter((e) => {
            const r = e.getBoundingClientRect();
            return r.width > 1 && (r.left < -1 || r.right > width + 1) && !e.closest(".ui-scroll");
        }).map((e) => e.outerHTML.slice(0, 120))""",
        width,
    )
    assert out == []
    keep_picture(tab, f"gallery-{language}-{width}")


def keep_picture(tab: Page, name: str) -> None:
    """Screenshots go where UICOMPILER_SCREENSHOTS says, never into the repository."""
    named = os.environ.get("UICOMPILER_SCREENSHOTS")
    folder = Path(named) if named else Path(tempfile.gettempdir()) / "uicompiler-screenshots"
    tab.screenshot(path=folder / f"{name}.png", full_page=True)


@pytest.mark.parametrize("settings", [PHONE, DESK], ids=["phone", "desk"])
def test_what_is_pressed_is_large_enough(
    opened: Opener, site: Site, settings: dict[str, Any]
) -> None:
    tab = shown(opened, site, "en", "light", **settings)
    small = tab.locator(
        ".ui-button, .ui-input, .ui-tab-button, .ui-toast-close, summary, .ui-links a, .ui-option,"
        " .ui-range > input"
    ).evaluate_all(
        """all => all.map((e) => [e.getBoundingClientRect(), e])
          .filter(([r]) => r.width && (r.height < 43.5 || r.width < 43.5))
          .map(([r, e]) => `${r.width}x${r.height} ${e.outerHTML.slice(0, 120)}`)"""
    )
    assert small == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_fields_stand_where_reading_begins(opened: Opener, site: Site, language: str) -> None:
    """A name or a number that runs the other way starts on the side of its label."""
    tab = shown(opened, site, language, "light")
    side = "right" if language == "he" else "left"
    aligned = tab.locator(
        ".ui-label, .ui-input:not(textarea, [type=date]), dd, .ui-help"
    ).evaluate_all("all => all.map(e => getComputedStyle(e)).map(s => [s.textAlign, s.direction])")
    sides = {"start": {"ltr": "left", "rtl": "right"}, "end": {"ltr": "right", "rtl": "left"}}
    found = {sides.get(align, {}).get(way, align) for align, way in aligned}
    assert {item.removeprefix("-webkit-") for item in found} == {side}


def test_the_theme_follows_the_system_unless_the_page_says(opened: Opener) -> None:
    def ground(theme: str, scheme: str) -> str:
        tab = opened(page(surface(text("a")), theme=theme), color_scheme=scheme)
        return str(tab.evaluate("getComputedStyle(document.body).backgroundColor"))

    light, dark = ground("auto", "light"), ground("auto", "dark")
    assert light != dark
    assert ground("light", "dark") == light
    assert ground("dark", "light") == dark


def test_the_focus_is_seen(opened: Opener) -> None:
    tab = opened(page(surface(text("a"), button())))
    for _ in range(4):
        tab.keyboard.press("Tab")
        style = tab.evaluate(
            "() => { const s = getComputedStyle(document.activeElement);"
            "return [document.activeElement.tagName, s.outlineStyle, s.outlineWidth]; }"
        )
        if style[0] != "BODY":
            assert style[1:] == ["solid", "3px"], style


def test_motion_stops_for_who_asked(opened: Opener, site: Site) -> None:
    moving = "document.getAnimations().length"
    still = shown(opened, site, "en", "light")
    assert still.evaluate(moving) == 0
    tab = shown(opened, site, "en", "light", reduced_motion="no-preference")
    assert tab.evaluate(moving) > 0


def test_forced_colours_leave_edges(opened: Opener, site: Site) -> None:
    tab = shown(opened, site, "en", "light", forced_colors="active")
    edges = tab.locator(".ui-notice, .ui-button, .ui-input, .ui-card, .ui-toast").evaluate_all(
        "all => all.map(e => getComputedStyle(e).borderTopWidth)"
    )
    assert set(edges) <= {"1px", "2px"}


def test_paper_shows_every_tab_and_no_buttons(opened: Opener, site: Site) -> None:
    tab = shown(opened, site, "en", "dark")
    tab.emulate_media(media="print")
    for panel in tab.locator(".ui-tab").all():
        expect(panel).to_be_visible()
    expect(tab.locator(".ui-tab > .ui-title").last).to_be_visible()
    expect(tab.locator(".ui-button:visible")).to_have_count(0)
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_without_scripts_toasts_are_lines_of_the_page(opened: Opener, site: Site) -> None:
    tab = shown(opened, site, "en", "light", java_script_enabled=False)
    assert tab.locator(".ui-floating").count() == 0
    expect(tab.locator(".ui-toast").first).to_be_visible()


def test_a_host_changes_the_looks_by_properties(opened: Opener, site: Site) -> None:
    tab = opened(page(surface(text("a"), button())))
    tab.evaluate("document.documentElement.style.setProperty('--ui-accent', 'rgb(1, 2, 3)')")
    colour = tab.locator("#save").evaluate("e => getComputedStyle(e).backgroundColor")
    assert colour == "rgb(1, 2, 3)"
