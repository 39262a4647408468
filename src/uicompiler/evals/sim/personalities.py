"""The personalities of simulated models, as `personalities.yaml` says them.

The file holds the rates and their sources; what each fault does to an answer stands in
`mistakes.py` and `written.py`, what a provider answers instead in `simulator.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import yaml
from pydantic import Field as Setting

from uicompiler.ir.base import Frozen
from uicompiler.llm.settings import ResponseFormat

PERSONALITIES_YAML: Final = Path(__file__).with_name("personalities.yaml")

AnswerFault: TypeAlias = Literal[
    "fence",  # in a code fence
    "prose",  # with words before, and sometimes after
    "think",  # after reasoning in <think> tags
    "trailing_comma",
    "single_quotes",
    "python_literals",
    "comment",
    "raw_newline",  # control characters as they are, inside strings
    "missing_bracket",  # the last one is not there
    "nested_string",  # objects as strings that hold JSON
    "other_envelope",  # another object around, another key, a bare list, no words
    "violation",  # a key missing, a wrong type, an invented value, a malformed payload
    "truncated",  # cut off by the limit of tokens
    "empty",
]
Structured: TypeAlias = Literal["json_schema", "json_object"]
Taken: TypeAlias = Literal["enforced", "ignored", "refused"]
ProviderFault: TypeAlias = Literal["rate_limited", "server_error", "timeout", "reset"]
Rate: TypeAlias = Annotated[float, Setting(ge=0, le=1)]


class Figure(Frozen):
    """A public figure and where it stands."""

    says: str
    source: str


class Cited(Frozen):
    """A rate, the figures it is taken from, and how it follows from them."""

    rate: Rate
    figures: tuple[str, ...] = Setting(min_length=1)
    how: str


class Refusal(Frozen):
    """How a `response_format` is refused."""

    status: int = 400
    parameter: str = "response_format"
    figures: tuple[str, ...] = ()


class Price(Frozen):
    """US dollars for a million tokens."""

    input: float
    output: float


class Personality(Frozen):
    """One way a model and its provider behave.

    Attributes:
        stands_for: What kind of model and provider it is.
        formats: How each structured `response_format` is taken.
        refusal: How one is refused.
        refuses: Other keys that are refused, and with which status.
        retry_after: Whether a 429 says how long to wait.
        usd_per_million_tokens: Its price.
        repaired: How often an answer whose error is named comes right.
        provider: How often a call ends in a fault of the provider.
        answers: By what the answer is held to, how often each fault mars it.
        figures: Those behind `formats`.
    """

    stands_for: str
    formats: Mapping[Structured, Taken]
    refusal: Refusal = Refusal()
    refuses: Mapping[str, int] = Setting(default_factory=dict)
    retry_after: bool
    usd_per_million_tokens: Price
    repaired: Cited
    provider: Mapping[ProviderFault, Cited]
    answers: Mapping[ResponseFormat, Mapping[AnswerFault, Cited]]
    figures: tuple[str, ...] = ()

    def held_to(self, asked: ResponseFormat) -> ResponseFormat | None:
        """What an answer is held to when a format is asked for; None where that is refused."""
        taken = "enforced" if asked == "prompt_only" else self.formats[asked]
        if taken == "refused":
            return None
        return asked if taken == "enforced" else "prompt_only"


class Catalogue(Frozen):
    """The whole file."""

    figures: Mapping[str, Figure]
    personalities: Mapping[str, Personality]


@functools.cache
def catalogue() -> Catalogue:
    """The figures and personalities that ship."""
    return Catalogue.model_validate(yaml.safe_load(PERSONALITIES_YAML.read_bytes()))


def personality(name: str) -> Personality:
    """One of them.

    Raises:
        KeyError: there is none of that name.
    """
    return catalogue().personalities[name]
