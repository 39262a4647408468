"""Rows about `dataModelUpdate`."""

from __future__ import annotations

from tests.official.messages import begin, data

from . import rewrite_data as rewrite
from .row import Did, Row

ROWS: tuple[Row, ...] = (
    Row(
        name="null for no value",
        why=(
            "`web_core` refuses a `null` value. The Python side takes it, and deletes "
            "what is there."
        ),
        instead="Leave the entry out; delete by replacing what is above.",
        stream=(data([{"key": "a", "valueString": "x", "valueNumber": None}]),),
        web_core=Did("n"),
        a2ui_core=Did("y"),
        checker="y",
        rewrite=rewrite.nulls,
    ),
    Row(
        name="a number or boolean as something else",
        why=(
            "`web_core` refuses a text where a number belongs, or 1 where `true` does. "
            "The Python side takes what can be read as one, and then stores what was "
            "sent: the text."
        ),
        instead="Write numbers and booleans as what they are.",
        stream=(data([{"key": "a", "valueNumber": "1"}]),),
        web_core=Did("n"),
        a2ui_core=Did("y"),
        checker="y",
        rewrite=rewrite.lenient_values,
    ),
    Row(
        name="no value, or several",
        why=(
            "`web_core` refuses an entry without just one value. The Python side takes "
            "it: of several it keeps the number, then the text, and with none it "
            "deletes."
        ),
        instead="One value an entry.",
        stream=(data([{"key": "a", "valueString": "x", "valueNumber": 1}]),),
        web_core=Did("n"),
        a2ui_core=Did("y"),
        checker="y",
        rewrite=rewrite.lone_value,
    ),
    Row(
        name="a place in another spelling",
        why=(
            "For `web_core` a dot and an index in brackets part steps as a slash does, "
            "and `~` is a character. `a2ui_core` reads an RFC 6901 pointer: only "
            "slashes part, and `~0` and `~1` are escapes. A `~` before anything else "
            "the Python side refuses."
        ),
        instead="Slashes only, and keys without `.`, `[`, `]`, `~`.",
        stream=(
            begin(),
            data({"b": "x"}, "/a.a"),
        ),
        web_core=Did("yy", data={"a": {"a": {"b": "x"}}}),
        a2ui_core=Did("yy", data={"a.a": {"b": "x"}}),
        checker="yy",
        rewrite=rewrite.path_spelling,
    ),
    Row(
        name="a key that is a path",
        why=(
            "`web_core` reads each key as a path, at any depth, and drops a text under "
            "an empty one. `a2ui_core` reads the keys of `contents` as pointers and "
            "those in a `valueMap` as they are; an empty key, or `.` beside others, is "
            "the place itself."
        ),
        instead="Keys of letters, digits, `_` and `-`.",
        stream=(
            begin(),
            data({"a.b": "x"}),
        ),
        web_core=Did("yy", data={"a": {"b": "x"}}),
        a2ui_core=Did("yy", data={"a.b": "x"}),
        checker="yy",
        rewrite=rewrite.key_spelling,
    ),
    Row(
        name="names of JavaScript",
        why=(
            "`a2ui_core` writes to no path with a step `__proto__`, `constructor` or "
            "`prototype`; for `web_core` they are keys like others. What stands before "
            "the entry in the same message has been written then."
        ),
        instead="Other names.",
        stream=(data({"constructor": "x"}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.forbidden_names,
    ),
    Row(
        name="a text that reads as JSON",
        why=(
            "`web_core` parses a text that looks like a JSON object or array, and "
            "stores what it says. `a2ui_core` stores the text."
        ),
        instead=(
            "For a text: a character in front that is not seen, such as U+2060. There "
            "is no way to send an array that both take for one."
        ),
        stream=(
            begin(),
            data({"a": "[1]"}),
        ),
        web_core=Did("yy", data={"a": [1]}),
        a2ui_core=Did("yy", data={"a": "[1]"}),
        checker="yy",
        rewrite=rewrite.json_texts,
        ours=(
            "A choice is preset by a JSON text, as `web_core` has no other way to an "
            "array. A renderer on `a2ui_core` holds the text: it must parse it, or it "
            "shows nothing chosen."
        ),
    ),
    Row(
        name="a number beyond 10 000 as a step",
        why=(
            "Where `a2ui_core` has nothing, it makes an array for a step that is a "
            "number, and refuses an index beyond 10 000; `validate_payload`, which has "
            "no history, refuses it always. `web_core` makes a map."
        ),
        instead="Keys that are no numbers.",
        stream=(data({"10001": "x"}, "/a"),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.large_numbers,
    ),
    Row(
        name="a lone value for the whole model",
        why=(
            "`web_core` keeps a model that is a map, and drops a lone value for the "
            "root without a word. In `a2ui_core` the value takes the place of the "
            "model, and every later write is refused."
        ),
        instead="Write no lone value to the root.",
        stream=(
            begin(),
            data([{"key": ".", "valueString": "x"}]),
        ),
        web_core=Did("yy", data={}),
        a2ui_core=Did("yy", data="x"),
        checker="yy",
        rewrite=rewrite.root_value,
    ),
    Row(
        name="a value in the way",
        why=(
            "`web_core` puts a map in the place of a value that a path leads through. "
            "`a2ui_core` refuses the message, and what stood before the entry in it "
            "stays written."
        ),
        instead='Put an empty map there first, by `{key: ".", valueMap: []}`.',
        stream=(
            data({"a": "x"}),
            data({"b": "y"}, "/a"),
        ),
        web_core=Did("yy"),
        a2ui_core=Did("yn"),
        checker="yy",
        rewrite=rewrite.scalar_on_the_way,
    ),
    Row(
        name="no contents",
        why="`web_core` puts an empty map in the place; `a2ui_core` does nothing.",
        instead='Say it outright: `{key: ".", valueMap: []}`.',
        stream=(
            begin(),
            data({}, "/a"),
        ),
        web_core=Did("yy", data={"a": {}}),
        a2ui_core=Did("yy", data={}),
        checker="yy",
        rewrite=rewrite.no_contents,
        ours=(
            "An empty list and a row that was removed are sent as no contents. On "
            "`a2ui_core` the list is not there, which shows as empty as well, or keeps "
            "its items when it had some; the removed row keeps its values, which no "
            "component reads."
        ),
    ),
    Row(
        name="maps in maps",
        why="`web_core` takes five levels of entries, the Python side two.",
        instead="Deeper maps by messages with longer paths.",
        stream=(data({"a": {"b": {}}}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.deep_maps,
    ),
    Row(
        name="numbers and names side by side",
        why=(
            "`a2ui_core` makes an array when the first key it writes to a new place is "
            "a number, and then refuses a name. Where a map is already, it takes both; "
            "`validate_payload`, which has no history, refuses also then."
        ),
        instead="Keys that are no numbers, or a message an entry.",
        stream=(data({"0": "x", "b": "y"}, "/a"),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.mixed_keys,
    ),
    Row(
        name="a number as a step",
        why=(
            "Where nothing is yet, `a2ui_core` makes an array for a step that is a "
            "number; `web_core` makes a map. A later name beside the number is then "
            "refused by `a2ui_core`."
        ),
        instead="Put an empty map there first, or use keys that are no numbers.",
        stream=(
            begin(),
            data({"0": "x"}, "/a"),
        ),
        web_core=Did("yy", data={"a": {"0": "x"}}),
        a2ui_core=Did("yy", data={"a": ["x"]}),
        checker="yy",
        rewrite=rewrite.numeric_step,
    ),
    Row(
        name="what stays beside what is written",
        why=(
            "`web_core` puts a new map in the place, also in that of the whole model: "
            "what was beside the keys is gone. `a2ui_core` writes key by key, and the "
            "rest stays."
        ),
        instead="Write all keys of a place, or each at a path of its own by the key `.`.",
        stream=(
            begin(),
            data({"a": "x"}),
            data({"b": "y"}),
        ),
        web_core=Did("yyy", data={"b": "y"}),
        a2ui_core=Did("yyy", data={"a": "x", "b": "y"}),
        checker="yyy",
        rewrite=rewrite.replaced,
        ours=(
            "A list or table that changes by data is sent anew at its place. A "
            "renderer on `a2ui_core` goes on showing the items that went, and shows "
            "the others in their old order. Bound texts keep the order of their first "
            "coming, which nothing shows."
        ),
    ),
)
