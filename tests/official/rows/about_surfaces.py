"""Rows about `beginRendering`, and about messages as a whole."""

from __future__ import annotations

from tests.official.messages import begin, text, update

from . import rewrite_surfaces as rewrite
from .row import Did, Row

ROWS: tuple[Row, ...] = (
    Row(
        name="messages in a list",
        why=(
            "`a2ui_core` unwraps a list of messages, and an object with `messages`. For "
            "the other two a message is one object."
        ),
        instead="Send one object a line.",
        stream=({"messages": [begin()]},),
        web_core=Did("n"),
        a2ui_core=Did("y", data={}),
        checker="n",
        rewrite=rewrite.wrapped,
        own_stream_only="streams.py never wraps messages",
    ),
    Row(
        name="a stated version",
        why=(
            '`a2ui_core` takes `version: "v0.8"` beside a message; `web_core` and '
            "`validate_payload` refuse it, as v0.8 messages have none."
        ),
        instead="State no version.",
        stream=({"version": "v0.8", **begin()},),
        web_core=Did("n"),
        a2ui_core=Did("y", data={}),
        checker="n",
        rewrite=rewrite.stated_version,
        own_stream_only="streams.py never writes a version",
    ),
    Row(
        name="null for nothing",
        why=(
            "`web_core` refuses `null` where a field may be left out; the Python side "
            "takes it for left out."
        ),
        instead="Leave the field out.",
        stream=(begin(styles=None),),
        web_core=Did("n"),
        a2ui_core=Did("y", data={}),
        checker="y",
        rewrite=rewrite.null_fields,
        own_stream_only=(
            "streams.py puts null in the place of an optional field once in many thousand messages"
        ),
    ),
    Row(
        name="a catalog the client does not hold",
        why=(
            "`web_core` does not look at `catalogId`. The Python side holds a list of "
            "catalogs and refuses a surface of any other."
        ),
        instead="Name a catalog that the client said it has, or none for the standard one.",
        stream=(begin(catalogId="shop"),),
        web_core=Did("y", data={}),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.catalog_ids,
        own_stream_only="streams.py writes no catalogId",
    ),
    Row(
        name="styles of one's own",
        why=(
            "`web_core` knows `font` and `primaryColor` and refuses other styles; the "
            "Python side takes any."
        ),
        instead="Send the two that the specification has.",
        stream=(begin(styles={"shadow": "none"}),),
        web_core=Did("n"),
        a2ui_core=Did("y", data={}),
        checker="y",
        rewrite=rewrite.own_styles,
        own_stream_only=(
            "streams.py seldom changes styles so, and mostly in a message that is refused anyway"
        ),
    ),
    Row(
        name="an empty root",
        why=(
            "For `web_core` a surface whose root is the empty string has not begun and "
            "stays hidden; for `a2ui_core` it has begun, with nothing on it."
        ),
        instead="Name the component that is the root.",
        stream=(begin(""),),
        web_core=Did("y"),
        a2ui_core=Did("y", data={}),
        checker="y",
        rewrite=rewrite.empty_root,
    ),
    Row(
        name="a second `beginRendering`",
        why=(
            "`web_core` takes it: the root changes and the styles start over. "
            "`a2ui_core` has made the surface already and refuses, so its root stays. "
            "`validate_payload` takes it in a payload of its own and refuses two in "
            "one."
        ),
        instead=("Begin a surface once. For another root, delete the surface and begin another."),
        stream=(
            begin(),
            begin("a"),
        ),
        web_core=Did("yy", data={}),
        a2ui_core=Did("yn", data={}),
        checker="yy",
        rewrite=rewrite.begun_again,
        payload="n",
    ),
    Row(
        name="components nobody refers to",
        why=(
            "`web_core` keeps them and shows nothing of them, and so does `a2ui_core` "
            "as it is set up here. `validate_payload` refuses a payload that begins a "
            "surface and leaves components that the root does not reach."
        ),
        instead="Send what the root reaches, and nothing else.",
        stream=(
            update({"root": text("x"), "b": text("y")}),
            begin(),
        ),
        web_core=Did("yy", data={}, tree='<root Text text={"literalString": "x"}>'),
        a2ui_core=Did("yy", data={}, tree='<root Text text={"literalString": "x"}>'),
        checker="yy",
        rewrite=None,
        payload="n",
        own_stream_only=(
            "the run asks validate_payload of each message alone, and this shows in a whole payload"
        ),
    ),
)
