"""What a host keeps, without the values: still something it can go on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.store.test_redaction import EMAIL, VIEW, contacts, played
from uicompiler.host.conversations.kept import from_kept
from uicompiler.ir.fields import Field
from uicompiler.store.entry import encode
from uicompiler.store.kept import read_kept
from uicompiler.store.memory import MemoryLog
from uicompiler.store.scrubbing import scrubbed
from uicompiler.store.sought import Sought
from uicompiler.store.tagged import Tagged, tagged_fields

Kept = dict[str, Any]
APP = contacts()
PII: Tagged = tagged_fields(APP, ["pii", "money"], [])


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    log = MemoryLog()
    head = log.head(played(tmp_path, log).id)
    assert head is not None
    return dict(read_kept(head.kept))


def seeking(*values: str) -> Sought:
    sought = Sought()
    for value in values:
        sought.add(PII.fields["email"], value)
    return sought


def clean(kept: Kept, *values: str) -> Kept:
    """What is left; a host can read it."""
    left: Kept = scrubbed(kept, PII, seeking(*values), APP)
    from_kept(encode(left), APP.nodes, 9)
    assert scrubbed(left, PII, seeking(*values), APP) is None
    return left


def surface(kept: Kept, name: str) -> Kept:
    found: Kept = next(s for s in kept["state"]["surfaces"] if s["name"] == name)
    return found


def test_tagged_fields_start_over_and_others_stay(kept: Kept) -> None:
    draft = surface(clean(kept, EMAIL), "main")["data"]["draft"]
    assert (draft["email"], draft["note"], draft["card"], draft["adult"]) == ("", "", "", False)
    assert draft["city"] == "Ulm"
    assert draft["guests"]["r1"]["name"] == ""


def test_committed_values_go_under_their_names_and_wherever_they_were_copied(kept: Kept) -> None:
    committed = surface(kept, "main")["data"]["committed"]
    committed["people"] = [{"name": "Ottokar", "mail": EMAIL, "town": "Ulm"}]
    committed["by_mail"] = {EMAIL: 1, "other": 2}

    left = surface(clean(kept, EMAIL), "main")["data"]["committed"]

    assert "email" not in left
    assert left["city"] == "Ulm"
    assert left["people"] == [{"mail": "", "town": "Ulm"}]
    assert left["by_mail"] == {"other": 2}


def test_texts_that_are_shown_lose_it(kept: Kept) -> None:
    view = surface(kept, "done")["view"]
    assert EMAIL in json.dumps(view, ensure_ascii=False)

    left = surface(clean(kept, EMAIL), "done")

    assert left["status"] == "live"
    assert EMAIL not in json.dumps(left, ensure_ascii=False)
    assert "…" in json.dumps(left["view"], ensure_ascii=False)


def test_a_surface_that_could_not_be_itself_is_closed(kept: Kept) -> None:
    broken = {**surface(kept, "done"), "name": "broken"}
    broken["view"] = {**broken["view"], "root": {**VIEW["root"], "usage": EMAIL}}
    kept["state"]["surfaces"].append(broken)

    left = surface(clean(kept, EMAIL), "broken")

    assert (left["status"], left["view"]) == ("closed", None)
    assert surface(clean(kept, EMAIL), "done")["status"] == "live"


def test_values_that_are_words_of_the_structure_leave_it_whole(kept: Kept) -> None:
    left = clean(kept, "text", "live", "field", "main", "save")
    assert surface(left, "main")["status"] == "live"
    assert surface(left, "main")["view"]["root"]["node"]


def test_who_sends_an_old_event_again_is_refused_and_told_nothing(kept: Kept) -> None:
    assert kept["receipts"]
    left = clean(kept, EMAIL)
    assert [receipt["key"] for receipt in left["receipts"]] == [
        receipt["key"] for receipt in kept["receipts"]
    ]
    assert {receipt["payload_hash"] for receipt in left["receipts"]} == {"0" * 64}
    assert {answer["payload"] for answer in left["answers"].values()} <= {"0" * 64}


def waiting(email: str) -> Kept:
    return {
        "event": {"userAction": {"name": "save", "context": {"email": email, "city": "Ulm"}}},
        "calls": [{"id": "t", "name": "mail", "arguments": {"to": email or "nobody"}}],
        "round": 1,
        "language": "en",
        "owner": "p1",
        "until": 1.0,
        "tries": 0,
        "stopped": False,
    }


def test_tools_that_wait_with_a_value_are_given_up_and_others_are_not(kept: Kept) -> None:
    kept["intents"] = {"k8": waiting(EMAIL), "k9": waiting("")}

    assert list(clean(kept, EMAIL)["intents"]) == ["k9"]


def test_numbers_of_the_hosts_own_stay(kept: Kept) -> None:
    kept["intents"] = {"k9": {**waiting(""), "tries": 4242}}
    left = clean(kept, "4242")
    assert left["intents"]["k9"]["tries"] == 4242
    assert left["turns"] == kept["turns"]


def test_where_nothing_was_given_nothing_changes(kept: Kept) -> None:
    left = clean(kept, EMAIL)
    assert scrubbed(left, PII, seeking("nobody"), APP) is None


@pytest.mark.parametrize("name", ["status", "key", "body", "seqs", "receipts", "turns", "answer"])
def test_a_field_or_a_value_named_like_what_a_host_keeps_breaks_nothing(
    kept: Kept, name: str
) -> None:
    fields = {**PII.fields, name: Field(id=name, label="X", tags=("pii",))}
    sought = seeking(name, EMAIL)
    left = scrubbed(kept, Tagged(fields, PII.columns), sought, APP)
    again = from_kept(encode(left), APP.nodes, 9)
    assert again.state.surfaces["main"].status == "live"
    assert len(again.receipts) == len(kept["receipts"])
