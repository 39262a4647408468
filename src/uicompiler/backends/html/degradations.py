"""Where HTML and A2UI do not show a view alike: one table, beside that of A2UI itself.

HTML shows all the IR means; what stands here is more than that, or said in another way. Tests
that hold the two against each other allow these differences and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DEGRADATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "tone": "A notice says its tone in words to who does not see its icon.",
        "stage": "A stage says its state in words to who does not see its icon.",
        "summary": "Above the view stands a summary of the errors in it.",
        "row": "Each row of fields has a name of its own: that of the list, and a number.",
        "menu": "A choice of more than six options is a menu, with an empty option first.",
        "no_choice": "Where nothing has to be chosen, an option to choose nothing comes first.",
        "kept": "A secret or file that the server has is not shown; a line says that it is kept.",
        "progress": "A bar is drawn, not written with cells.",
        "multiline": "A draft of several lines is edited in several lines, whatever its field.",
        "odd_date": "A draft that is no day or time is edited as a text, so that it is not lost.",
        "pages": "Without JavaScript all pages of tabs show, one below the other.",
        "masked_secret": "What is typed into a secret field is hidden.",
        "items": "A list shows every item that it may, as often as they are written out.",
        "titles": "A title of several lines is one line, as a heading has to be.",
        "blank": "A heading whose first line says nothing is a text, not an empty heading.",
        "address": "A browser keeps no spaces around what is typed as an e-mail or web address.",
        "unchosen": "Where one has to be chosen, no radio button is let go again.",
        "order": "Several chosen options come in the order in which they are offered.",
        "gone": "What was typed and never posted goes with its field, should the view lose it; "
        "where scripts run, it comes back with the field.",
        "kind": "A field that becomes one of another kind keeps what it can show as a text.",
        "posted": "Every field is posted, and what was typed is known, whatever is pressed.",
    }
)
