"""Traps of the standard catalog's components: section 6 of docs/a2ui-v0_8-traps.md.

What is on screen is asked of the official Lit elements themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.official.bridge import Session
from tests.official.messages import Message, begin, button, column, path, screen, text

from . import ours
from .judges import codes, literal
from .lit import Page, click, typing
from .ours import Talk, components

pytestmark = pytest.mark.official

Lit = Callable[..., Page]


def alone(kind: str, props: Message, **data: Any) -> list[Message]:
    """A screen of one component, `root`."""
    return screen({"root": {kind: props}}, **data)


def props_of(messages: list[Message], kind: str) -> list[Message]:
    """The properties of every component of a type."""
    return [part["component"][kind] for part in components(messages) if kind in part["component"]]


# ---------------------------------------------------------------- Text


def test_an_empty_text_is_not_sent(lit: Lit) -> None:
    """A literal of no characters shows `(empty)`."""
    naive = alone("Text", {"text": literal("")})
    assert lit(naive)["root"].text == "(empty)"
    assert codes(naive) == {"COMPONENT_INVALID"}
    page = lit(ours.ours(ours.text(""), ours.text("a\n\nb"), ours.field(help="")))
    assert "(empty)" not in [element.text for element in page.shown]
    assert [element.text for element in page.of("Text")] == ["a", "", "b"]


def test_a_heading_is_one_line(lit: Lit) -> None:
    """Of a heading's lines only the first is a heading."""
    naive = alone("Text", {"text": literal("a\nb"), "usageHint": "h1"})
    assert codes(naive) == {"COMPONENT_INVALID"}
    page = lit(naive)
    assert page["root"].html == "<section> <h1>a</h1> <p>b</p> </section>"
    page = lit(ours.ours(ours.text("a\nb", style="h1"), ours.text("c d", style="h2")))
    drawn = [element.html for element in page.of("Text")]
    assert drawn == [f"<section> {part} </section>" for part in HEADED]


HEADED = ("<h1>a</h1>", "<p>b</p>", "<h2>c d</h2>")


def test_a_caption_is_one_line_without_stars(lit: Lit) -> None:
    """A caption is emphasised markdown: stars, spaces at its ends and blank lines break it."""
    for words in ("5*3", "a ", "a\n\nb"):
        page = lit(alone("Text", {"text": literal(words), "usageHint": "caption"}))
        assert page["root"].html != f"<section> <p><em>{words}</em></p> </section>"
    page = lit(ours.ours(ours.text("5*3 ", style="caption"), ours.text("a\n\nb", style="caption")))
    drawn = [element.html for element in page.of("Text")]
    assert "<em>5*3&nbsp;</em>" in drawn[0]
    assert "<em>a</em>" in drawn[1]


# ---------------------------------------------------------------- media


def test_an_image_has_its_description_beside_it(lit: Lit) -> None:
    """altText is not forwarded: the image has an empty one."""
    naive = {"url": literal(PICTURE), "altText": literal("A cat")}
    page = lit(alone("Image", naive))
    assert 'alt=""' in page["root"].html
    assert "A cat" not in page["root"].html
    page = lit(ours.ours({"node": "image", "url": PICTURE, "alt": "A cat"}))
    assert page.one("Text").text == "A cat"


PICTURE = "https://example.com/a.png"


def test_an_image_says_how_it_fits(lit: Lit) -> None:
    """Without `fit` an image is stretched."""
    naive = alone("Image", {"url": literal(PICTURE)})
    assert "--object-fit:fill" in lit(naive)["root"].html
    page = lit(ours.ours({"node": "image", "url": PICTURE, "decorative": True}))
    assert "--object-fit:contain" in page.one("Image").html


MEDIA = {
    "Image": ("image", "Invalid image URL", {"decorative": True}),
    "Video": ("video", "Invalid video URL", {}),
    "AudioPlayer": ("audio", "Invalid audio URL", {}),
}


@pytest.mark.parametrize("kind", MEDIA)
def test_a_media_url_is_a_literal(lit: Lit, kind: str) -> None:
    """A URL at a path that holds nothing is an error on screen."""
    node, words, props = MEDIA[kind]
    assert words in lit(alone(kind, {"url": path("/u")}))["root"].text
    page = lit(ours.ours({"node": node, "url": PICTURE, **props}))
    assert f'src="{PICTURE}"' in page.one(kind).html
    if node == "image":
        talk = Talk()
        talk.show({"node": node, "bind": "/ui_state/u", **props}, ours.text("x"))
        assert not lit(talk.sent).of(kind)
        talk.patch("/ui_state/u", PICTURE)
        assert f'src="{PICTURE}"' in lit(talk.sent).one(kind).html


def test_an_icon_is_one_of_the_catalogs(lit: Lit) -> None:
    """Any name is taken; what the icon font does not know is shown as a word."""
    naive = alone("Icon", {"name": literal("myRocket")})
    assert lit(naive)["root"].text == "my_rocket"
    assert codes(naive) == {"COMPONENT_INVALID"}
    assert ours.bad_node("Icon", {"name": literal("myRocket")}) == {"COMPONENT_INVALID"}
    notices = [{"node": "notice", "text": "x", "tone": tone} for tone in TONES]
    sent = ours.ours(*notices)
    assert {icon.text for icon in lit(sent).of("Icon")} == {"info", "check", "warning", "error"}
    assert codes(sent) == set()


TONES = ("info", "success", "warning", "error")


def test_an_icon_is_told_in_words(lit: Lit) -> None:
    """Without the icon font an icon is its name; words beside it say what it means."""
    page = lit(ours.ours({"node": "notice", "tone": "error", "title": "Not saved", "text": "Why"}))
    assert page.one("Icon").html == '<section> <span class="g-icon">error</span> </section>'
    assert [element.text for element in page.of("Text")] == ["Not saved", "Why"]
    page = lit(ours.ours({"node": "icon", "name": "location_on", "label": "London"}))
    assert page.one("Icon").text == "location_on"
    assert page.one("Text").text == "London"


def test_a_video_is_a_file(lit: Lit) -> None:
    """The page of a video site is played as a file, which it is not."""
    page_of_a_site = "https://www.youtube.com/watch?v=x"
    naive = lit(alone("Video", {"url": literal(page_of_a_site)}))
    assert f'<video controls="" src="{page_of_a_site}"' in naive["root"].html
    assert "iframe" not in naive["root"].html
    page = lit(ours.ours({"node": "video", "url": page_of_a_site, "title": "A tour"}))
    assert page.one("Text").text == "A tour"


def test_a_sound_has_its_title_above_it(lit: Lit) -> None:
    """description is not shown."""
    props = {"url": literal("https://example.com/a.mp3"), "description": literal("A talk")}
    assert "A talk" not in lit(alone("AudioPlayer", props))["root"].html
    page = lit(ours.ours({"node": "audio", "url": PICTURE, "title": "A talk"}))
    assert page.one("Text").text == "A talk"


def test_lists_do_not_rely_on_alignment(lit: Lit) -> None:
    """A List's alignment is not forwarded, a Column's is."""
    props = {"children": {"explicitList": ["a"]}, "alignment": "center"}
    parts = {"a": text("x")}
    listed = lit(screen({"root": {"List": props}, **parts}))["root"]
    assert "alignment" not in listed.attributes
    page = lit(ours.ours(ours.stack(ours.text("x"), align="center")))
    assert page.of("Column")[1].attributes["alignment"] == "center"


def test_a_card_has_one_child(lit: Lit) -> None:
    """A Card of several children is refused."""
    naive = screen({"root": {"Card": {"children": ["a", "b"]}}, "a": text("x"), "b": text("y")})
    assert lit(naive).results[0] is not None
    assert "COMPONENT_INVALID" in codes(naive)
    page = lit(ours.ours({"node": "card", "children": [ours.text("x"), ours.text("y")]}))
    assert page.results == [None] * len(page.results)
    assert [element.text for element in page.of("Text")] == ["x", "y"]


def test_tabs_have_items(lit: Lit) -> None:
    """Tabs without items are nothing at all."""
    naive = alone("Tabs", {"tabItems": []})
    assert codes(naive) == {"COMPONENT_INVALID"}
    page = lit(naive)
    assert page.results == [None, None]
    assert page["root"].text == ""
    assert "at least 1 item" in ours.why_no_node({"node": "tabs", "children": []})
    assert lit(ours.ours(tabs(ours.text("x"), ours.text("y")))).one("Tabs").text == "One Two"


def tabs(one: ours.Node, two: ours.Node) -> ours.Node:
    """Two tabs."""
    pages = [
        {"node": "tab", "title": title, "children": [node]}
        for title, node in (("One", one), ("Two", two))
    ]
    return {"node": "tabs", "children": pages}


def test_which_tab_is_open_stays_on_the_client(lit: Lit, session: Session) -> None:
    """No message opens a tab, so an error may stand where nobody looks."""
    items = [{"title": literal("One"), "child": "a"}, {"title": literal("Two"), "child": "b"}]
    parts = {"root": {"Tabs": {"tabItems": items}}, "a": text("x"), "b": text("an error")}
    naive = screen(parts)
    page = lit(naive, naive[0])
    assert "slot" not in page["b"].attributes
    page = lit(naive, click("root", "button:last-child"), naive[0])
    assert page.events == []
    assert page["b"].attributes["slot"] == "current"
    talk = Talk(session)
    talk.show(tabs(ours.text("x"), ours.field("f", required=True)), ours.button())
    assert talk.press().status == 422
    assert lit(talk.sent).one("Tabs").text == "One \u26a0 Two"


def test_a_divider_has_an_axis_only(lit: Lit) -> None:
    """Colour and thickness pass the client's schema and are in no catalog."""
    naive = alone("Divider", {"axis": "horizontal", "color": "#ff0000", "thickness": 3})
    assert lit(naive).results == [None, None]
    assert codes(naive) == {"COMPONENT_INVALID"}
    assert ours.bad_node("Divider", {"color": "#ff0000"}) == {"COMPONENT_INVALID"}
    page = lit(ours.ours({"node": "divider"}))
    assert page.one("Divider").html == '<hr class="horizontal" style="">'


# ---------------------------------------------------------------- Modal


def modal(entry: Message, **more: Message) -> list[Message]:
    return screen(
        {
            "root": {"Modal": {"entryPointChild": "e", "contentChild": "c"}},
            "e": entry,
            "c": column("x"),
            "x": text("inside"),
            **more,
        },
        v="",
    )


def test_what_opens_a_modal_is_no_button(lit: Lit) -> None:
    """A Button that opens a Modal sends its action as well."""
    naive = modal(button("t"), t=text("Open"))
    assert codes(naive) == {"COMPONENT_INVALID"}
    page = lit(naive, click("e", "button"))
    assert page.events == [{"name": "go", "id": "e"}]
    assert "<dialog" in page["root"].html
    sent = ours.ours(disclosure(ours.text("inside")))
    page = lit(sent, click(lit(sent).of("Card")[0].id))
    assert page.events == []
    assert "<dialog" in page.one("Modal").html


def disclosure(*nodes: ours.Node) -> ours.Node:
    """Nodes behind a title."""
    return {"node": "disclosure", "title": "More", "children": list(nodes)}


def test_a_modal_holds_nothing_that_must_be_seen(lit: Lit, session: Session) -> None:
    """Open or closed is the client's alone: no message opens a Modal to show an error in it."""
    field = {"TextField": {"label": literal("L"), "text": path("/v")}}
    naive = modal({"Card": {"child": "t"}}, t=text("Open"), x=field)
    assert "<dialog" not in lit(naive, *naive[:2])["root"].html
    assert not lit(ours.ours(disclosure(ours.field(required=True)))).of("Modal")
    talk = Talk(session)
    talk.show(disclosure(ours.field(pattern="[a-z]+")), ours.button())
    assert lit(talk.sent).of("Modal")
    session.edit("main", talk.id_of("TextField"), "123")
    assert talk.press().status == 422
    assert not lit(talk.sent).of("Modal")


def test_a_button_in_a_modal_does_not_close_it(lit: Lit, session: Session) -> None:
    """A Modal stays open over whatever its button changed; its entry is then not shown."""
    naive = modal({"Card": {"child": "t"}}, t=text("Open"), x=button("go"), go=text("Go"))
    page = lit(naive, click("t"), click("x", "button"))
    assert page.events == [{"name": "go", "id": "x"}]
    assert "<dialog" in page["root"].html
    assert '<slot name="entry">' not in page["root"].html
    talk = Talk(session)
    sent = talk.show(disclosure(ours.field("f"), ours.button()))
    page = lit(sent, click(lit(sent).of("Card")[0].id), typing("ui--field--f--TextField", "Ada"))
    assert page.data["draft"] == {"f": {"v": "Ada"}}
    session.edit("main", talk.id_of("TextField"), "Ada")
    assert talk.press().action.context == {"f": "Ada"}, "a press inside is a press"


# ---------------------------------------------------------------- Button


def test_a_button_means_the_same_without_primary(lit: Lit) -> None:
    """`primary` is set and has no effect, and no button can be switched off."""
    one, two = (
        lit(screen({"root": {"Button": {**BUTTON, "primary": primary}}, "t": text("Go")}))
        for primary in (True, False)
    )
    assert one["root"].html == two["root"].html
    sent = ours.ours(ours.button(submit=False, primary=True, label="Save"))
    page = lit(sent, click("ui--root--0--Button", "button"))
    assert page.one("Text").text == "Save"
    assert len(page.events) == 1


BUTTON: Message = {"child": "t", "action": {"name": "go"}}


def test_a_button_has_words(lit: Lit) -> None:
    """A Button has a child, and no `label` as in an example of the specification."""
    naive = alone("Button", {"label": "Go", "action": {"name": "go"}})
    assert lit(naive).results[0] is not None
    assert "COMPONENT_INVALID" in codes(naive)
    assert lit(ours.ours(ours.button(submit=False))).one("Text").text == "Go"


# ---------------------------------------------------------------- CheckBox


def test_a_check_box_that_is_off_is_drawn(lit: Lit) -> None:
    """Of a check box with the literal `false` nothing is drawn."""
    naive = alone("CheckBox", {"label": literal("L"), "value": {"literalBoolean": False}})
    assert lit(naive)["root"].html == ""
    assert codes(naive) == {"COMPONENT_BOUND_VALUE"}
    page = lit(ours.ours(ours.field("f", "boolean", default=False)))
    assert page.one("CheckBox").inputs[0]["checked"] is False
    assert page.one("CheckBox").text == "Label"


def test_a_check_box_has_a_boolean(lit: Lit) -> None:
    """Without a boolean at its path a check box is an error on screen."""
    props = {"label": literal("L"), "value": path("/v")}
    assert lit(alone("CheckBox", props))["root"].text == "Invalid label"
    assert codes(alone("CheckBox", props)) == {"COMPONENT_BOUND_VALUE"}
    assert lit(alone("CheckBox", props, v="true"))["root"].text == "Invalid label"
    assert codes(alone("CheckBox", props, v="true")) == {"DATA_INVALID"}
    sent = ours.ours(ours.field("f", "boolean"))
    assert lit(sent).one("CheckBox").inputs
    box = next(message for message in sent if "/draft" in str(message.get("dataModelUpdate")))
    assert "'valueBoolean': False" in str(box)


# ---------------------------------------------------------------- TextField


def test_a_long_text_is_one_line_to_the_user(lit: Lit) -> None:
    """longText is an input of one line; line breaks in its value are not shown."""
    props = {"label": literal("L"), "text": path("/v"), "textFieldType": "longText"}
    page = lit(alone("TextField", props, v="a\nb"))
    assert page["root"].inputs[0] == {"type": "text", "value": "ab", "checked": False}
    assert page.data == {"v": "a\nb"}
    page = lit(ours.ours(ours.field("f", "long_text", default="a\nb")))
    assert page.data["draft"] == {"f": {"v": "a\nb"}}, "and what was not touched comes back whole"


def test_a_secret_is_reported(lit: Lit) -> None:
    """An obscured text is shown in clear."""
    props = {"label": literal("L"), "text": path("/v"), "textFieldType": "obscured"}
    page = lit(alone("TextField", props, v=""), typing("root", "secret"))
    assert page["root"].inputs == [{"type": "text", "value": "secret", "checked": False}]
    assert codes(alone("TextField", props, v="")) == {"CATALOG_DEGRADED"}
    result = ours.tried(ours.field("f", "secret"))
    assert ours.found_by(result) == {"A2UI_S2C_CATALOG_DEGRADED"}


def test_a_date_is_no_text_field(lit: Lit) -> None:
    """A TextField of type date is a plain text."""
    props = {"label": literal("L"), "text": path("/v"), "textFieldType": "date"}
    assert lit(alone("TextField", props, v=""))["root"].inputs[0]["type"] == "text"
    page = lit(ours.ours(ours.field("f", "date")))
    assert page.one("DateTimeInput").inputs[0]["type"] == "date"


def test_help_is_not_left_to_the_placeholder(lit: Lit) -> None:
    """The placeholder is always the same."""
    page = lit(ours.ours(ours.field("f", help="As in your passport")))
    assert 'placeholder="Please enter a value"' in page.one("TextField").html
    assert [element.text for element in page.of("Text")] == ["As in your passport"]
    naive = alone(
        "TextField", {"label": literal("L"), "text": path("/v"), "placeholder": "Hi"}, v=""
    )
    assert "Hi" not in lit(naive)["root"].html
    assert codes(naive) == {"COMPONENT_INVALID"}


# ---------------------------------------------------------------- DateTimeInput


def test_a_date_input_says_what_it_asks_for(lit: Lit) -> None:
    """Both flags left out, or both off, ask for date and time."""
    for flags in ({}, {"enableDate": False, "enableTime": False}):
        naive = alone("DateTimeInput", {"value": path("/v"), **flags}, v="")
        assert lit(naive)["root"].inputs[0]["type"] == "datetime-local"
        assert codes(naive) == ({"COMPONENT_INVALID"} if flags else set())
    page = lit(ours.ours(ours.field("f", "date")))
    assert page.one("DateTimeInput").inputs[0]["type"] == "date"


def test_an_empty_date_has_a_value(lit: Lit) -> None:
    """Without a text at its path a date input is `(invalid)`."""
    naive = alone("DateTimeInput", {"value": path("/v")})
    assert lit(naive)["root"].text == "(invalid)"
    assert codes(naive) == {"COMPONENT_BOUND_VALUE"}
    page = lit(ours.ours(ours.field("f", "date")))
    assert page.one("DateTimeInput").inputs[0]["value"] == ""


def test_a_time_goes_out_with_a_day(lit: Lit) -> None:
    """A bare time is shown as empty."""
    props = {"value": path("/v"), "enableDate": False, "enableTime": True}
    naive = alone("DateTimeInput", props, v="10:30")
    assert lit(naive)["root"].inputs[0]["value"] == ""
    assert codes(naive) == {"DATA_INVALID"}
    page = lit(ours.ours(ours.field("f", "time", default="10:30")))
    assert page.one("DateTimeInput").inputs == [
        {"type": "time", "value": "10:30", "checked": False}
    ]


def test_a_day_is_the_same_everywhere(los_angeles: Lit) -> None:
    """A bare date is read as UTC and shown as the day before, west of it."""
    props = {"value": path("/v"), "enableDate": True, "enableTime": False}
    naive = alone("DateTimeInput", props, v="2025-05-06")
    assert los_angeles(naive)["root"].inputs[0]["value"] == "2025-05-05"
    assert codes(naive) == {"DATA_INVALID"}
    page = los_angeles(ours.ours(ours.field("f", "date", default="2025-05-06")))
    assert page.one("DateTimeInput").inputs[0]["value"] == "2025-05-06"


def test_a_date_has_its_label_above_it(lit: Lit) -> None:
    """A date input is called Date, whatever it is for."""
    naive = alone("DateTimeInput", {"value": path("/v"), "label": literal("Born")}, v="")
    assert lit(naive)["root"].text == "Date & Time"
    assert codes(naive) == {"COMPONENT_INVALID"}
    page = lit(ours.ours(ours.field("f", "date", label="Born")))
    assert [element.text for element in page.of("Text")] == ["Born"]


def test_a_date_has_no_format_of_its_own(lit: Lit) -> None:
    """`outputFormat` passes the client's schema, and nobody reads it."""
    naive = alone("DateTimeInput", {"value": path("/v"), "outputFormat": "DD.MM.YYYY"}, v="")
    page = lit(naive, typing("root", "2025-05-06T07:08"))
    assert page.results[:3] == [None] * 3
    assert page.data == {"v": "2025-05-06T07:08"}
    assert codes(naive) == {"COMPONENT_INVALID"}
    refused = ours.bad_node("DateTimeInput", {"value": path("/draft/f/v"), "outputFormat": "DD"})
    assert refused == {"COMPONENT_INVALID"}


# ---------------------------------------------------------------- MultipleChoice

OPTIONS = [{"label": literal(word), "value": word.lower()} for word in ("One", "Two")]


def choice(**props: Any) -> Message:
    return {"selections": path("/v"), "options": OPTIONS, **props}


def test_a_choice_is_preset_by_data(lit: Lit) -> None:
    """With a literalArray a choice throws, and nothing is drawn."""
    naive = alone("MultipleChoice", choice(selections={"literalArray": ["one"]}))
    assert codes(naive) == {"COMPONENT_BOUND_VALUE"}
    page = lit(naive)
    assert page["root"].html == ""
    assert [thrown["name"] for thrown in page.thrown] == ["TypeError"]
    page = lit(ours.ours(ours.field("f", "choice", options=["one"], default="one")))
    assert page.thrown == []
    assert "1 Selected" in page.one("MultipleChoice").text


def test_a_choices_preset_is_an_array(lit: Lit) -> None:
    """A map of values, or a lone one, presets nothing."""
    for value, code in (({"0": "one"}, "COMPONENT_BOUND_VALUE"), ("one", "DATA_INVALID")):
        naive = alone("MultipleChoice", choice(), v=value)
        assert "Select items" in lit(naive)["root"].text
        assert codes(naive) == {code}
    page = lit(ours.ours(ours.field("f", "choice", options=["one", "two"], default="two")))
    assert "1 Selected" in page.one("MultipleChoice").text
    assert 'class="option-item selected"' in page.one("MultipleChoice").html


def test_a_choice_is_not_made_of_chips(lit: Lit) -> None:
    """`variant` is dropped on the way, and nobody reads the `type` that the client's schema has."""
    for name in ("variant", "type"):
        page = lit(alone("MultipleChoice", choice(**{name: "chips"}), v="[]"))
        assert page.results == [None] * 3
        assert "chip" not in page["root"].html
        assert "dropdown" in page["root"].html
        naive = alone("MultipleChoice", choice(**{name: "chips"}), v="[]")
        assert codes(naive) == {"COMPONENT_INVALID"}
    sent = ours.ours(ours.field("f", "choice", options=["one"]))
    assert props_of(sent, "MultipleChoice")[0].keys() == {
        "selections",
        "options",
        "maxAllowedSelections",
    }


def test_a_choice_has_options(lit: Lit) -> None:
    """A choice without options is accepted, throws, and is not drawn."""
    naive = alone("MultipleChoice", {"selections": path("/v")}, v="[]")
    page = lit(naive)
    assert page.results == [None] * 3
    assert page["root"].html == "" or "option-item" not in page["root"].html
    assert codes(naive) == {"COMPONENT_INVALID"}
    refused = ours.bad_node("MultipleChoice", {"selections": path("/v")})
    assert refused == {"COMPONENT_INVALID"}


def test_a_choice_has_its_label_above_it(lit: Lit) -> None:
    """A choice has no label, only how many are chosen."""
    page = lit(alone("MultipleChoice", choice(), v="[]"))
    assert page["root"].text.startswith("Select items")
    page = lit(ours.ours(ours.field("f", "choice", label="Size", options=["one"])))
    assert [element.text for element in page.of("Text")] == ["Size"]


# ---------------------------------------------------------------- Slider


def slider(**props: Any) -> ours.Node:
    return ours.field("f", "slider", min=0, max=9, **props)


def test_a_slider_has_a_range(lit: Lit) -> None:
    """Without one a slider goes from 0 to 0."""
    naive = alone("Slider", {"value": path("/v")}, v=7)
    assert codes(naive) == {"COMPONENT_INVALID"}
    page = lit(naive)
    assert 'min="0" max="0"' in page["root"].html
    page = lit(ours.ours(slider(default=7)))
    assert 'min="0" max="9"' in page.one("Slider").html
    assert page.one("Slider").inputs[0]["value"] == "7"
    assert "needs min and max" in ours.why_no_node(ours.field("f", "slider"))


def test_a_slider_at_zero_is_drawn(lit: Lit) -> None:
    """Of a slider with the literal 0 nothing is drawn."""
    naive = alone("Slider", {"value": {"literalNumber": 0}, "minValue": 0, "maxValue": 9})
    assert codes(naive) == {"COMPONENT_BOUND_VALUE"}
    page = lit(naive)
    assert page["root"].html == ""
    page = lit(ours.ours(slider(default=0)))
    assert page.one("Slider").inputs[0]["value"] == "0"


def test_a_slider_has_a_number(lit: Lit) -> None:
    """Without a number at its path a slider is an error on screen."""
    props = {"value": path("/v"), "minValue": 0, "maxValue": 9}
    assert lit(alone("Slider", props))["root"].text == "Invalid value"
    assert codes(alone("Slider", props)) == {"COMPONENT_BOUND_VALUE"}
    page = lit(ours.ours(ours.field("f", "slider", min=3, max=9)))
    assert page.one("Slider").text == "3"


def test_a_slider_has_its_label_above_it(lit: Lit) -> None:
    """label is not forwarded."""
    props = {"value": path("/v"), "minValue": 0, "maxValue": 9, "label": literal("Volume")}
    assert "Volume" not in lit(alone("Slider", props, v=3))["root"].html
    page = lit(ours.ours(slider(label="Volume")))
    assert page.one("Text").text == "Volume"


def test_a_slider_moves_in_whole_steps(lit: Lit) -> None:
    """No step is set, so a browser takes 1: from 0 to 1 there are two places."""
    props = {"value": path("/v"), "minValue": 0, "maxValue": 1}
    page = lit(alone("Slider", props, v=0.4))
    assert 'min="0" max="1"' in page["root"].html
    assert "step" not in page["root"].html
    assert "whole number" in ours.why_no_node(ours.field("f", "slider", min=0, max=0.5))
    assert "does not fit" in ours.why_no_node(slider(default=0.4))


def test_a_slider_beyond_100_says_its_value(lit: Lit) -> None:
    """The handle is set before the range is, and so stands at 100 at most until it is moved."""
    naive = alone("Slider", {"value": path("/v"), "minValue": 0, "maxValue": 1000}, v=500)
    assert lit(naive)["root"].inputs[0]["value"] == "100"
    page = lit(ours.ours(ours.field("f", "slider", min=0, max=1000, default=500)))
    assert page.one("Slider").text == "500", "the number beside the handle is right"
    assert page.data["draft"] == {"f": {"v": 500}}, "and so is what is sent"


def test_a_slider_comes_back_as_a_number(lit: Lit, session: Session) -> None:
    """A slider that was moved holds text, one that was not a number."""
    props = {"value": path("/v"), "minValue": 0, "maxValue": 9}
    assert lit(alone("Slider", props, v=3)).data == {"v": 3}
    assert lit(alone("Slider", props, v=3), typing("root", "7")).data == {"v": "7"}
    talk = Talk(session)
    talk.show(slider(default=3), ours.button())
    assert talk.press().action.context == {"f": 3}
    session.edit("main", "ui--field--f--Slider", 7)
    assert talk.press().action.context == {"f": 7}


# ---------------------------------------------------------------- weight


def test_a_weight_is_more_than_nothing(lit: Lit) -> None:
    """A weight of 0 or less is taken and goes into the layout as it is."""
    for weight in (0, -1):
        part = {"id": "root", "weight": weight, "component": text("x")}
        naive = [{"surfaceUpdate": {"surfaceId": "main", "components": [part]}}, begin()]
        page = lit(naive)
        assert page.results == [None, None]
        assert f"--weight: {weight}" in page["root"].attributes["style"]
        assert codes(naive) == {"COMPONENT_INVALID"}
    page = lit(ours.ours(ours.text("x")))
    assert "--weight: initial" in page.one("Text").attributes["style"]
