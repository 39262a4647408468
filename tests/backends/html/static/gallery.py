"""Every class of the theme on one page, as the templates really write it, in three languages."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.backends.html.static.markup import page
from tests.backends.html.surfaces import markup
from uicompiler import UIApp
from uicompiler.languages import direction

PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200"><rect width="320" height="200" '
    'fill="#9cc3e6"/><circle cx="250" cy="50" r="26" fill="#fff3c4"/><path d="M0 170l90-90 70 70 '
    '50-40 110 90H0z" fill="#3f6f8f"/></svg>'
)

ROWS = {"r1": {"who": "Ada", "age": "36"}, "r2": {"who": "", "age": ""}}

SAID: dict[str, dict[str, str]] = {
    "en": {
        "page": "Travel desk",
        "hello": "Here is your booking. Please check it, and tell us who travels.",
        "title": "Your trip",
        "intro": "We keep what you enter.\nNothing is booked yet.",
        "name": "Full name",
        "name_help": "As it stands in your passport",
        "mail": "E-mail address",
        "day": "Departure",
        "people": "How many",
        "size": "Luggage in kilograms",
        "notes": "Anything we should know?",
        "notes_text": "A seat at the window, please.\nI am afraid of the aisle.",
        "class": "Class",
        "economy": "Economy",
        "business": "Business",
        "first": "First",
        "meals": "Meals",
        "vegan": "Vegan",
        "kosher": "Kosher",
        "agree": "I have read the terms",
        "secret": "Passphrase",
        "file": "Passport, as a picture",
        "city": "From",
        "guests": "Fellow travellers",
        "book": "Book",
        "later": "Decide later",
        "wrong": "Please fill this in.",
        "note": "Almost there",
        "warn": "The train leaves early. Be there at six.",
        "done": "Your seat is reserved.",
        "failed": "The hotel did not answer.",
        "progress": "Looking for connections",
        "stages": "Search|Reserve|Pay|Confirm",
        "contact": "Contact",
        "documents": "Documents",
        "terms": "Terms",
        "terms_text": "Thirty days, no questions. Cancelling is free until the day before.",
        "table": "Connection|Arrives|Price",
        "place": "Haifa",
        "caption": "The view from your window",
        "cancelled": "Ask for an invoice",
        "more": "See more",
    },
    "he": {
        "page": "דלפק הנסיעות",
        "hello": "הנה ההזמנה שלך. נא לבדוק אותה ולציין מי נוסע.",
        "title": "הנסיעה שלך",
        "intro": "אנחנו שומרים את מה שהוזן.\nעדיין לא הוזמן דבר.",
        "name": "שם מלא",
        "name_help": "כפי שהוא מופיע בדרכון",
        "mail": "כתובת דוא״ל",
        "day": "יציאה",
        "people": "כמה נוסעים",
        "size": "משקל המזוודות בק״ג",
        "notes": "משהו שכדאי שנדע?",
        "notes_text": "מושב ליד החלון, בבקשה.\nתודה.",
        "class": "מחלקה",
        "economy": "תיירים",
        "business": "עסקים",
        "first": "ראשונה",
        "meals": "ארוחות",
        "vegan": "טבעוני",
        "kosher": "כשר",
        "agree": "קראתי את התנאים",
        "secret": "סיסמה",
        "file": "תמונת הדרכון",
        "city": "מוצא",
        "guests": "נוסעים נוספים",
        "book": "להזמין",
        "later": "להחליט אחר כך",
        "wrong": "זהו שדה חובה.",
        "note": "כמעט סיימנו",
        "warn": "הרכבת יוצאת מוקדם. יש להגיע ב-06:00.",
        "done": "המושב שלך נשמר.",
        "failed": "המלון לא ענה.",
        "progress": "מחפשים קווים",
        "stages": "חיפוש|שמירה|תשלום|אישור",
        "contact": "פרטי קשר",
        "documents": "מסמכים",
        "terms": "תנאים",
        "terms_text": "שלושים יום, בלי שאלות. הביטול חינם עד יום לפני הנסיעה.",
        "table": "קו|הגעה|מחיר",
        "place": "חיפה",
        "caption": "הנוף מהחלון",
        "cancelled": "בקשת חשבונית",
        "more": "לראות עוד",
    },
    "ja": {
        "page": "旅行デスク",
        "hello": "ご予約の内容です。ご確認のうえ、ご利用になる方をお知らせください。",
        "title": "ご旅行",
        "intro": "入力内容は保存されます。\nまだ予約は確定していません。",
        "name": "氏名",
        "name_help": "パスポートに記載のとおり",
        "mail": "メールアドレス",
        "day": "出発日",
        "people": "人数",
        "size": "手荷物の重さ（kg）",
        "notes": "ご要望",
        "notes_text": "窓側の席をお願いします。\n早朝でもかまいません。",
        "class": "クラス",
        "economy": "エコノミー",
        "business": "ビジネス",
        "first": "ファースト",
        "meals": "お食事",
        "vegan": "ヴィーガン",
        "kosher": "コーシャ",
        "agree": "規約に同意します",
        "secret": "パスフレーズ",
        "file": "パスポートの画像",
        "city": "出発地",
        "guests": "同行者",
        "book": "予約する",
        "later": "あとで決める",
        "wrong": "この項目は必須です。",
        "note": "あと少しです",
        "warn": "列車は早朝に出発します。6時までにお越しください。",
        "done": "座席を確保しました。",
        "failed": "ホテルから応答がありません。",
        "progress": "乗り継ぎを検索しています",
        "stages": "検索|予約|支払い|確認",
        "contact": "連絡先",
        "documents": "書類",
        "terms": "利用規約",
        "terms_text": "30日以内なら返金できます。前日まで取り消し手数料はかかりません。",
        "table": "便|到着|料金",
        "place": "ハイファ",
        "caption": "窓からの眺め",
        "cancelled": "領収書を依頼する",
        "more": "もっと見る",
    },
}


def gallery(address: str, *, language: str = "en", theme: str = "auto") -> str:
    """The page."""
    t = SAID[language]
    show = partial(
        markup,
        words=partial(UIApp("gallery").text, language=language),
        language=language,
        action_steps={"ask": frozenset({"never"})},
        actions=frozenset({"save", "ask", "ui.add_row", "ui.remove_row"}),
    )
    shown = [
        show(*_form(t), name="form", draft=_draft(t), ui_state={"_errors": _errors(t)}),
        show(*_view(t, address), name="view", committed=_committed(t)),
        show(*_layout(t), name="layout", draft={"guests": ROWS}),
    ]
    toasts = "".join(
        f'<p class="ui-toast ui-{tone}" dir="auto">{t[key]}</p>'
        for tone, key in (("info", "note"), ("success", "done"), ("error", "failed"))
    )
    turns = (
        '<form class="ui-turns" method="post" action="/c/1/turns"><h2>Examples</h2>'
        '<div class="ui-actions"><button type="submit" class="ui-button">'
        "<bdi>01_begin</bdi></button>"
        '<button type="submit" class="ui-button" disabled><bdi>02_over</bdi></button></div></form>'
    )
    made = page(*shown, extra=turns, lang=language, dir=direction(language), theme=theme)
    links = (
        '<nav aria-label="Language"><ul class="ui-links">'
        '<li><a href="?lang=en" aria-current="true">English</a></li>'
        '<li><a href="?lang=he" lang="he">עברית</a></li>'
        '<li><a href="?lang=ja" '
        'lang="ja">日本語</a></li></ul></nav>'
    )
    return (
        made.replace("<h1>Page</h1>", f"<h1>{t['page']}</h1>")
        .replace('class="ui-toasts"></div>', f'class="ui-toasts">{toasts}</div>')
        .replace(
            'role="log"></section>',
            f'role="log" aria-label="Log"><p class="ui-said" dir="auto">{t["hello"]}</p></section>',
        )
        .replace(
            '<footer class="ui-footer"></footer>', f'<footer class="ui-footer">{links}</footer>'
        )
    )


def _field(ident: str, label: str, kind: str = "short_text", **more: Any) -> dict[str, Any]:
    return {"node": "field", "id": ident, "label": label, "kind": kind, **more}


def _options(t: dict[str, str], *names: str) -> list[dict[str, str]]:
    return [{"value": name, "label": t[name]} for name in names]


def _form(t: dict[str, str]) -> list[dict[str, Any]]:
    many = [{"value": str(index), "label": f"{t['place']} {index}"} for index in range(8)]
    return [
        {
            "node": "card",
            "children": [
                {
                    "node": "section",
                    "title": t["title"],
                    "level": 2,
                    "children": [
                        {"node": "text", "text": t["intro"]},
                        _field("name", t["name"], required=True, help=t["name_help"]),
                        {
                            "node": "stack",
                            "direction": "row",
                            "children": [
                                _field("mail", t["mail"], "email"),
                                _field("people", t["people"], "number"),
                            ],
                        },
                        _field("day", t["day"], "date", required=True),
                        _field("city", t["city"], "choice", options=many),
                        _field(
                            "class",
                            t["class"],
                            "choice",
                            required=True,
                            options=_options(t, "economy", "business", "first"),
                        ),
                        _field(
                            "meals",
                            t["meals"],
                            "multi_choice",
                            options=_options(t, "vegan", "kosher"),
                        ),
                        _field("size", t["size"], "slider", min=0, max=40),
                        _field("notes", t["notes"], "long_text"),
                        _field("secret", t["secret"], "secret"),
                        _field("file", t["file"], "upload", accept=["image/*"]),
                        _field("agree", t["agree"], "boolean", required=True),
                        {
                            "node": "actions",
                            "children": [
                                _button(t["book"], primary=True, submit=True),
                                _button(t["later"]),
                                _button(t["cancelled"], action="ask", masked="caption"),
                            ],
                        },
                    ],
                }
            ],
        }
    ]


def _button(label: str, action: str = "save", **more: Any) -> dict[str, Any]:
    return {"node": "button", "label": label, "action": action, "key": label, **more}


def _draft(t: dict[str, str]) -> dict[str, Any]:
    return {
        "mail": "ada@example.com",
        "people": "2",
        "day": "2026-03-01",
        "size": 12,
        "notes": t["notes_text"],
        "class": "business",
        "meals": ["vegan"],
        "secret": "secret:1",
        "file": "upload:1",
    }


def _errors(t: dict[str, str]) -> dict[str, str]:
    return {"name": t["wrong"], "class": t["wrong"], "agree": t["wrong"]}


def _committed(t: dict[str, str]) -> dict[str, Any]:
    return {
        "trains": [
            {
                "id": str(index),
                "name": f"{t['place']} {index}",
                "at": f"1{index}:30",
                "price": 4500 * index,
            }
            for index in range(1, 4)
        ],
        "none": [],
    }


def _view(t: dict[str, str], address: str) -> list[dict[str, Any]]:
    picture = f"{address}/picture.svg"
    columns = [
        {"id": name, "label": label, "align": align}
        for name, label, align in zip(
            ("name", "at", "price"), t["table"].split("|"), ("start", "center", "end"), strict=True
        )
    ]
    states = ("done", "now", "todo", "failed")
    return [
        *[
            {"node": "notice", "tone": tone, "title": title, "text": text}
            for tone, title, text in (
                ("info", t["note"], t["intro"]),
                ("success", None, t["done"]),
                ("warning", t["note"], t["warn"]),
                ("error", None, t["failed"]),
            )
        ],
        {"node": "text", "text": t["title"], "style": "h1"},
        {"node": "text", "text": t["title"], "style": "h2"},
        {"node": "text", "text": t["title"], "style": "h3"},
        {"node": "text", "text": t["title"], "style": "h4"},
        {"node": "text", "text": t["title"], "style": "h5"},
        {"node": "text", "text": t["terms_text"]},
        {"node": "text", "text": t["caption"], "style": "caption"},
        {
            "node": "stack",
            "direction": "row",
            "distribute": "space_between",
            "children": [
                {"node": "image", "url": picture, "alt": t["caption"], "size": "avatar"},
                {"node": "icon", "name": "location_on", "label": t["place"]},
                {"node": "icon", "name": "calendar_today", "label": "2026-03-01"},
                _button(t["more"]),
            ],
        },
        {
            "node": "stack",
            "direction": "row",
            "align": "start",
            "children": [
                {
                    "node": "image",
                    "url": picture,
                    "alt": "a",
                    "size": "small",
                    "caption": t["caption"],
                },
                {"node": "image", "url": picture, "alt": "b", "size": "medium", "fit": "cover"},
            ],
        },
        {"node": "image", "url": picture, "alt": t["caption"], "size": "header", "fit": "cover"},
        {"node": "audio", "url": f"{address}/a.wav", "title": t["caption"]},
        {"node": "progress", "value": 40, "label": t["progress"]},
        {"node": "progress", "label": t["progress"]},
        {
            "node": "stages",
            "items": [
                {"label": label, "state": state}
                for label, state in zip(t["stages"].split("|"), states, strict=True)
            ],
        },
        {"node": "divider"},
        {
            "node": "key_values",
            "items": [
                {"label": t["name"], "text": "Ada Lovelace"},
                {"label": t["day"], "text": "2026-03-01"},
                {"label": t["notes"], "text": t["notes_text"]},
                {"label": t["city"], "text": ""},
            ],
        },
        {
            "node": "table",
            "bind": "/committed/trains",
            "item_key": "id",
            "columns": columns,
            "buttons": [{"label": t["book"], "action": "save"}],
            "max_items": 2,
        },
        {
            "node": "list",
            "bind": "/committed/trains",
            "item_key": "id",
            "direction": "row",
            "item": {
                "node": "card",
                "children": [
                    {"node": "text", "bind": "name", "style": "h4"},
                    {"node": "text", "bind": "at"},
                    {"node": "button", "label": t["book"], "action": "save", "primary": True},
                ],
            },
        },
        {
            "node": "list",
            "bind": "/committed/none",
            "item": {"node": "text", "bind": "."},
            "empty": t["failed"],
        },
    ]


def _layout(t: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "node": "tabs",
            "children": [
                {
                    "node": "tab",
                    "title": t["contact"],
                    "children": [_field("who", t["name"]), _field("where", t["mail"], "email")],
                },
                {
                    "node": "tab",
                    "title": t["documents"],
                    "children": [{"node": "text", "text": t["terms_text"]}],
                },
                {
                    "node": "tab",
                    "title": t["terms"],
                    "children": [_field("n", t["people"], "number")],
                },
            ],
        },
        {
            "node": "disclosure",
            "title": t["terms"],
            "open": True,
            "children": [
                {"node": "text", "text": t["terms_text"]},
                {"node": "text", "text": t["intro"]},
            ],
        },
        {"node": "disclosure", "title": t["documents"], "children": [{"node": "divider"}]},
        {
            "node": "rows",
            "id": "guests",
            "label": t["guests"],
            "help": t["name_help"],
            "columns": [
                {"id": "who", "label": t["name"]},
                {"id": "age", "label": t["people"], "kind": "number"},
            ],
        },
        {"node": "actions", "children": [_button(t["book"], primary=True, submit=True)]},
    ]
