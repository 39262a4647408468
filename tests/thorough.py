"""Which tests `make test` leaves out: they show once more what another one shows, or take long.

`make check` and CI run them, and so does naming them to pytest. Of tests that are alike, one or
more of each kind stay in `make test`; property tests try a quarter of their examples there
(the Hypothesis profile `quick`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pytest

_USUAL: Final = ("crm/contact", "booking/whole_booking", "character_card/rows")

KEPT: Final[dict[str, tuple[str, ...]]] = {
    "official/browser/test_conversations.py::test_a_conversation_played_west": ("crm/contact",),
    "official/browser/test_conversations.py::test_a_conversation_played_east": ("crm/japanese",),
    "official/browser/test_fields.py::test_what_is_typed": ("[UTC]",),
    "official/web_client/test_web_client.py::test_a_conversation_is_played": (
        "every turn-crm/contact",
    ),
    "host/browser/test_conversations.py::test_a_conversation_goes_as_it_was_recorded": (
        "crm/contact-no scripts",
        "character_card/rows-scripts",
    ),
    "host/browser/test_conversations.py::test_a_conversation_goes_by_keyboard_alone": (
        "crm/contact",
    ),
    "host/browser/test_conversations.py::test_a_wizard_goes_by_keyboard": (),
    "host/browser/test_hostile.py::test_a_text_is_the_same_text_in_every_place": ("[0]", "[7]"),
    "host/browser/test_hostile.py::test_attacks_are_harmless_on_a_page": ("[0]", "[5]"),
    "host/browser/test_hostile.py::test_what_a_hostile_app_shows": ("[app_options_5_000]",),
    "host/browser/test_hostile.py::test_urls_that_may_not_go_out": ("[image]",),
    "host/browser/test_axe.py::test_axe_finds_nothing": ("every_example", "[booking/01", "[crm/01"),
    "host/browser/test_pictures.py::test_nothing_sticks_out": ("[crm/12_table", "[fields/"),
    "host/browser/test_playground.py::test_axe_finds_nothing": ("[light-desktop]",),
    "host/api/test_played.py::test_the_stream_is": _USUAL,
    "host/api/test_drain.py::test_a_uvicorn": ("[alone-15]", "[theirs-2]"),
    "host/test_fuzz.py::test_two_thousand_posts": (),
    "llm/connection/test_guard.py::test_who_takes_no_guarded": ("[replicate]",),
    "llm/connection/test_guard.py::test_what_an_app_has": ("[openai]",),
    "llm/test_cache.py::test_several_processes": (),
    "llm/connection/test_guard.py::test_one_call_is_one_request": (
        "[openai-429]",
        "[sambanova-500]",
        "[anthropic-500]",
    ),
    "llm/connection/test_guard.py::test_no_provider_may_send": ("[gemini]", "[sambanova]"),
    "llm/connection/test_guard.py::test_all_that_litellm_knows": (),
    "llm/connection/test_secrets.py::test_a_key_is_in_no_log": ("openai/", "-mistral/m]"),
    "llm/connection/test_secrets.py::test_a_process_says_nothing": (),
    "llm/test_transport.py::test_a_process_and_its_fork": (),
    "llm/test_transport.py::test_a_redirect_is_not_followed": ("-307]",),
    "llm/test_transport.py::test_litellm_is_loaded": ("[the library]", "has not been used]"),
    "faults/test_cut.py::": ("[crm/contact", "[crm/japanese", "[character_card/rows"),
    "faults/test_crash.py::": ("[sqlite]",),
    "faults/test_services_away.py::test_a_postgresql": ("[fast]",),
    "store/test_verification.py::test_every_byte": ("[memory]",),
    "store/test_exports.py::test_every_example": ("[contact]", "[whole_booking]", "[rows]"),
    "store/test_postgres.py::test_a_server_that_comes_back": (),
    "host/conversations/test_lasting.py::test_an_example_that_is_played": _USUAL,
    "cli/test_eval.py::test_over_loopback": (),
    "cli/test_eval_address.py::test_records_and_reports": (),
    "evals/browser/test_report_in_browser.py::test_axe_finds_nothing": ("light",),
    "evals/test_docs.py::test_the_figures": (),
    "metamorphic/test_updates.py::test_a_fault_in_updates": (
        "_component",
        "_leaf",
        "_revision",
        "_draft",
        "forgotten_error",
        "everything_twice",
    ),
    "official/test_disagreements.py::test_rows_explain": ("[0]", "[5]"),
    "official/test_disagreements.py::test_all_clients_take_conversations": _USUAL,
    "official/test_outputs.py::test_conversations_show": ("/contact", "/whole_booking", "/rows"),
    "official/test_prefixes.py::test_no_prefix_of_a_conversation": _USUAL,
    "official/test_sim_agrees.py::test_the_sim_agrees": ("[0]", "[9]"),
    "official/test_schema_verdicts.py::test_a_schema_that_lacks": ("[server_to_client.json]",),
    "official/test_schema_verdicts.py::test_stream_schemas": ("[systematic]", "[0]"),
    "official/test_schema_verdicts.py::test_what_": ("[systematic]", "[0]"),
    "store/test_redaction.py::test_the_tables_files": (),
    "store/test_redaction.py::test_scrubbing_says": (),
    "benchmarks/test_tokens.py::test_the_table": (),
    "benchmarks/test_questions.py::test_": ("test_many_conversations",),
    "backends/a2ui_v0_8/lower/test_lists.py::test_full_diff_auto": (),
    "backends/html/same_meaning/test_same_meaning.py::test_a_recorded": _USUAL,
    "cli/test_docs.py::test_an_example_gives_what_it_shows[uicompiler prompt": (),
    "cli/test_docs.py::test_an_example_gives_what_it_shows[uicompiler eval --strategy all": (),
    "cli/test_docs.py::test_an_example_gives_what_it_shows[uicompiler log import": (),
    "evals/sim/test_strict_form.py::test_replies_can_be_said": (),
    "llm/test_soak.py::test_a_slice": (),
    "metamorphic/test_updates.py::test_what_is_found_is_cut": (),
    "cli/test_bench.py::test_html_has_steps": (),
    "cli/test_validate.py::test_the_examples_are_valid_through": (),
    "test_benign.py::test_every_text_is_on_the_official": (
        "[both_directions]",
        "[emoji]",
        "[markdown_prose]",
    ),
    "test_docs.py::test_the_steps_of_extending": (),
    "test_prefixes.py::test_no_prefix_of_a_conversation": _USUAL,
    "test_pytest_plugin.py::test_replays_beside": (),
    "test_pytest_plugin.py::test_beside_syrupy": (),
    "test_pytest_plugin.py::test_with_xdist": (),
    "official/test_fuzz_runner.py::test_processes_see_what_one_sees": (),
}
"""By the beginning of a test's id below `tests/`: what is in the ids that are kept; none for no."""


def mark(items: Iterable[pytest.Item]) -> None:
    """Mark what the table names."""
    for item in items:
        name = item.nodeid.removeprefix("tests/")
        for begins, kept in KEPT.items():
            if name.startswith(begins) and not any(part in name for part in kept):
                item.add_marker(pytest.mark.thorough)
