"""Rows about `surfaceUpdate`."""

from __future__ import annotations

from tests.official.messages import begin, column, data, repeat, text, update

from . import rewrite_components as rewrite
from .row import Did, Row

ROWS: tuple[Row, ...] = (
    Row(
        name="no components",
        why=(
            "`a2ui_core` takes an update without components and does nothing; the other "
            "two refuse it."
        ),
        instead="No message.",
        stream=({"surfaceUpdate": {"surfaceId": "main", "components": []}},),
        web_core=Did("n"),
        a2ui_core=Did("y"),
        checker="n",
        rewrite=rewrite.no_components,
        own_stream_only="streams.py empties a whole list once in a thousand messages",
    ),
    Row(
        name="a property called `id` or `component`",
        why=(
            "`a2ui_core` puts a component's properties beside its id and type, so that "
            "a property of such a name takes their place. `web_core` drops it."
        ),
        instead="No such property.",
        stream=(
            update({"root": {"Divider": {"id": "b"}}}),
            begin(),
        ),
        web_core=Did("yy", data={}, tree="<root Divider>"),
        a2ui_core=Did("yy", data={}),
        checker="yy",
        rewrite=rewrite.own_keys,
    ),
    Row(
        name="null for no property",
        why=(
            "`web_core` refuses a `null` where a property may be left out; the Python "
            "side takes it."
        ),
        instead="Leave the property out.",
        stream=(update({"root": text("x", usageHint=None)}),),
        web_core=Did("n"),
        a2ui_core=Did("y"),
        checker="y",
        rewrite=rewrite.null_props,
    ),
    Row(
        name="properties that are no object",
        why="`web_core` refuses them; the Python side takes them for none.",
        instead="An object.",
        stream=(update({"root": {"Divider": 1}}),),
        web_core=Did("n"),
        a2ui_core=Did("y"),
        checker="y",
        rewrite=rewrite.no_props,
    ),
    Row(
        name="no type, or several",
        why=(
            "`web_core` takes a component of no type or of several and uses the first. "
            "The Python side refuses it without a type, and checks the first of several "
            "only."
        ),
        instead="One type.",
        stream=(update({"root": {}}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.one_type,
    ),
    Row(
        name="a type the catalog does not have",
        why=(
            "`web_core` takes any type and leaves it to the renderer; the Python side refuses it."
        ),
        instead="Types of the catalog that the surface names.",
        stream=(update({"root": {"Chart": {}}}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.unknown_types,
    ),
    Row(
        name="a property the catalog does not have",
        why=(
            "`web_core` drops properties it does not know, and has some that the "
            "catalog has not, such as a Divider's `color`. The Python side refuses "
            "them."
        ),
        instead="Properties of the catalog.",
        stream=(update({"root": {"Divider": {"color": "red"}}}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.unknown_props,
    ),
    Row(
        name="`variant` of a MultipleChoice",
        why=(
            "It is in the catalog, so the Python side takes and keeps it. `web_core` "
            "does not know it and drops it."
        ),
        instead="Do not count on it.",
        stream=(
            update(
                {
                    "root": {
                        "MultipleChoice": {
                            "selections": {"path": "/a"},
                            "options": [],
                            "variant": "chips",
                        }
                    }
                }
            ),
            begin(),
        ),
        web_core=Did(
            "yy", data={}, tree='<root MultipleChoice selections={"path": "/a"} options=[]>'
        ),
        a2ui_core=Did(
            "yy",
            data={},
            tree='<root MultipleChoice selections={"path": "/a"} options=[] variant="chips">',
        ),
        checker="yy",
        rewrite=rewrite.variant,
    ),
    Row(
        name="a MultipleChoice without options",
        why="`web_core` takes it; in the catalog `options` is required.",
        instead="An empty list.",
        stream=(update({"root": {"MultipleChoice": {"selections": {"path": "/a"}}}}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.options,
    ),
    Row(
        name="a fraction of a selection",
        why=("`web_core` takes any number for `maxAllowedSelections`; in the catalog it is whole."),
        instead="A whole number.",
        stream=(
            update(
                {
                    "root": {
                        "MultipleChoice": {
                            "selections": {"path": "/a"},
                            "options": [],
                            "maxAllowedSelections": 1.5,
                        }
                    }
                }
            ),
        ),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.selections,
        own_stream_only="streams.py has no fraction for it",
    ),
    Row(
        name="weights",
        why=("`web_core` keeps a component's weight. `a2ui_core` takes it and forgets it."),
        instead="Nothing: `weight` has one place.",
        stream=(
            {
                "surfaceUpdate": {
                    "surfaceId": "main",
                    "components": [{"id": "root", "weight": 1, "component": {"Divider": {}}}],
                }
            },
            begin(),
        ),
        web_core=Did("yy", data={}, tree="<root Divider weight=1>"),
        a2ui_core=Did("yy", data={}, tree="<root Divider>"),
        checker="yy",
        rewrite=rewrite.weights,
        own_stream_only="streams.py writes no weights",
        ours=(
            "The cells of a table have weights, which make its columns as wide in each "
            "row. A renderer on `a2ui_core` does not learn of them, and columns may not "
            "line up."
        ),
    ),
    Row(
        name="a literal of no kind",
        why=(
            "`web_core` takes `literal` for any kind of value. The catalog knows "
            "`literalString`, `literalNumber` and `literalBoolean`."
        ),
        instead="Name the kind.",
        stream=(update({"root": text({"literal": "x"})}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.literals,
    ),
    Row(
        name="a number or boolean property as something else",
        why=(
            "`web_core` refuses `1` for `true` or a text for a number; the Python side "
            "takes what can be read as one."
        ),
        instead="Write numbers and booleans as what they are.",
        stream=(update({"root": {"DateTimeInput": {"value": {"path": "/a"}, "enableDate": 1}}}),),
        web_core=Did("n"),
        a2ui_core=Did("y"),
        checker="y",
        rewrite=rewrite.lenient_props,
        own_stream_only="streams.py changes such a property so once in many thousand messages",
    ),
    Row(
        name="a value in no way, or in several",
        why=(
            "`web_core` wants just one of path and literal, and of list and template. "
            "The Python side takes none and both."
        ),
        instead="Just one.",
        stream=(update({"root": text({})}),),
        web_core=Did("n"),
        a2ui_core=Did("y"),
        checker="y",
        rewrite=rewrite.one_value,
    ),
    Row(
        name="an icon the catalog does not have",
        why="`web_core` takes any name; the catalog lists them.",
        instead="A name of the list.",
        stream=(update({"root": {"Icon": {"name": {"literalString": "x"}}}}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.icons,
    ),
    Row(
        name="a CheckBox that is none",
        why=(
            "`web_core` checks no CheckBox, as its own list spells the name otherwise. "
            "The Python side does."
        ),
        instead="What the catalog says.",
        stream=(update({"root": {"CheckBox": {}}}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.check_boxes,
    ),
    Row(
        name="an empty id",
        why="`web_core` takes it; the Python side calls it missing.",
        instead="An id with a character in it.",
        stream=(update({"": {"Divider": {}}}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.empty_ids,
        own_stream_only=(
            "streams.py seldom empties an id, and mostly in a message that is refused anyway"
        ),
    ),
    Row(
        name="a reference out of the message",
        why=(
            "`web_core` refuses a container that refers to what the message does not "
            "define, whatever the surface has. The Python side looks at the surface."
        ),
        instead="With a container, send all below it again.",
        stream=(update({"root": column("a")}),),
        web_core=Did("n"),
        a2ui_core=Did("y"),
        checker="y",
        rewrite=rewrite.missing_references,
    ),
    Row(
        name="a text that is an id",
        why=(
            "`web_core` puts a component in the place of any text that equals its id, "
            "but in actions. `a2ui_core` knows from the catalog which properties are "
            "references."
        ),
        instead="Ids that no text can equal.",
        stream=(
            update({"root": text("b"), "b": {"Divider": {}}}),
            begin(),
        ),
        web_core=Did("yy", data={}, tree='<root Text text={"literalString": <b Divider>}>'),
        a2ui_core=Did("yy", data={}, tree='<root Text text={"literalString": "b"}>'),
        checker="yy",
        rewrite=rewrite.texts_as_ids,
    ),
    Row(
        name="a `~` in a bound path",
        why=(
            "The Python side refuses a `~` that is no RFC 6901 escape; for `web_core` "
            "it is a character."
        ),
        instead="Keys without `~`.",
        stream=(update({"root": text({"path": "/a~b"})}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.tildes,
        own_stream_only="every path of streams.py with a `~` is a good pointer",
    ),
    Row(
        name="a template bound in another spelling",
        why=(
            "As with a place in another spelling: dots and brackets part steps for `web_core` only."
        ),
        instead="Slashes only.",
        stream=(
            update({"root": repeat("a", "/x.y"), "a": {"Divider": {}}}),
            data({"y": {"k": "v"}}, "/x"),
            begin(),
        ),
        web_core=Did(
            "yyy", data={"x": {"y": {"k": "v"}}}, tree="<root List children=[<a Divider @/x/y/k>]>"
        ),
        a2ui_core=Did("yyy", data={"x": {"y": {"k": "v"}}}, tree="<root List children=[]>"),
        checker="yyy",
        rewrite=rewrite.binding_spelling,
    ),
    Row(
        name="a template bound to names of JavaScript",
        why=(
            "`a2ui_core` refuses to read through `__proto__`, `constructor` and "
            "`prototype`, so the items cannot be had. `web_core` reads them as keys."
        ),
        instead="Other names.",
        stream=(
            update({"root": repeat("a", "/__proto__"), "a": {"Divider": {}}}),
            begin(),
        ),
        web_core=Did("yy", data={}, tree="<root List children=[]>"),
        a2ui_core=Did("yy", data={}, tree='<root List children=[{"refused": "A2uiDataError"}]>'),
        checker="yy",
        rewrite=rewrite.forbidden_bindings,
    ),
    Row(
        name="an absolute path in a template",
        why=(
            "In an item `web_core` cuts a leading slash off every path, and `/item`, "
            "`/text` and `/label` before it, so that all paths are the item's. For "
            "`a2ui_core` a path that begins with a slash is the model's."
        ),
        instead=(
            "In templates the item's paths, without a slash; copy into the item what else it shows."
        ),
        stream=(
            update({"root": repeat("a", "/x"), "a": text({"path": "/b"})}),
            data({"k": "v"}, "/x"),
            begin(),
        ),
        web_core=Did(
            "yyy",
            data={"x": {"k": "v"}},
            tree='<root List children=[<a Text @/x/k text={"path": "b"}>]>',
        ),
        a2ui_core=Did(
            "yyy",
            data={"x": {"k": "v"}},
            tree='<root List children=[<a Text @/x/k text={"path": "/b"}>]>',
        ),
        checker="yyy",
        rewrite=rewrite.item_paths,
    ),
    Row(
        name="a circle",
        why=(
            "`web_core` stores components that hold each other, and from then on "
            "refuses every message for the surface once the root reaches them. The "
            "Python side refuses the message and keeps what it had."
        ),
        instead="No component below itself.",
        stream=(update({"root": column("root")}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=rewrite.cycles,
    ),
    Row(
        name="components deeper than 50",
        why=("The Python side ends at a depth of 50 components; `web_core` has no such end."),
        instead="Flatter screens.",
        stream=(update({**{f"c{n}": column(f"c{n + 1}") for n in range(51)}, "c51": text("x")}),),
        web_core=Did("y"),
        a2ui_core=Did("n"),
        checker="n",
        rewrite=None,
        own_stream_only="streams.py has ten ids at most",
    ),
)
