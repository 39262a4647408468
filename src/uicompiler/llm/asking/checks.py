"""Whether settings can work at all, told before anything is sent, with all that is wrong.

Pure; a key is looked at, and never quoted. What a single request may not combine is
`preflight`'s; here it is told of the settings that would lead to such a request.

Source: DESIGN sections 8 and 11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Final
from urllib.parse import urlsplit

from uicompiler.errors import Diagnostic, LLMError, diagnostic
from uicompiler.llm.asking.capabilities import Capability
from uicompiler.llm.asking.hidden_keys import hidden_keys
from uicompiler.llm.connection.secrets import address_holds_key
from uicompiler.llm.settings import LADDER, Budget, ModelSettings, Tries
from uicompiler.pointer import join

_FORMATS: Final = ("auto", *LADDER)
_MODES: Final = ("directives", "tool_loop", "hybrid")
_STRUCTURED: Final = LADDER[:2]
_KEY: Final = re.compile(r"[\x21-\x7e]+")
_MODEL: Final = re.compile(r"[^\s/]+/\S+")
_OWN_SETTINGS: Final[Mapping[str, str]] = {
    "model": "model",
    "messages": "",
    "stream": "stream",
    "response_format": "response_format",
    "tools": "",
    "functions": "",
    "parallel_tool_calls": "parallel_tool_calls",
    "temperature": "temperature",
    "top_p": "top_p",
    "seed": "seed",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "tool_choice": "",
    "function_call": "",
    "n": "",
    "timeout": "request_timeout_s",
    "request_timeout": "request_timeout_s",
    "api_base": "api_base",
    "base_url": "api_base",
    "api_key": "api_key",
}
"""Keys of a request that a setting is for; "" where none is needed."""

_MOST: Final = 2**53
"""Beyond it a number is not the same one in every JSON."""

_ENDPOINTS: Final = ("/completions", "/responses", "/messages", "/models")
"""What is added to an address, or copied along with it."""

_STREAMING: Final = ("stream_options",)
_MOST_TRIES: Final = 1000
_DAY_S: Final = 86_400


def check_settings(
    settings: ModelSettings,
    capability: Capability,
    *,
    run_mode: str = "directives",
    tools: bool = False,
    budget: Budget | None = None,
    tries: Tries | None = None,
) -> list[Diagnostic]:
    """All that forbids asking a model so; pointers are into the settings.

    Args:
        settings: How the model is asked.
        capability: What it takes.
        run_mode: Of the turn.
        tools: Whether the app gives it tools.
        budget: What the turn may cost.
        tries: How often something is tried again.
    """
    return [
        *_choices(settings, run_mode),
        *_flags(settings),
        *_numbers(settings),
        *check_address(settings.api_base),
        *_key(settings.api_key),
        *_extra(settings.extra, streams=settings.stream),
        *_combinations(settings, run_mode, tools),
        *_beyond(settings, capability, run_mode),
        *_budget(budget),
        *_tries(tries),
    ]


def check_provider(
    settings: ModelSettings,
    capability: Capability,
    *,
    environment: Mapping[str, str],
    providers: Collection[str],
    own_server: bool = False,
) -> list[Diagnostic]:
    """Whether the model's provider is one that there is, and a key for it.

    Args:
        settings: How the model is asked.
        capability: Where its key may be.
        environment: Variables by name.
        providers: All that can be reached.
        own_server: Whether another server than the provider's is asked, which may want no key.
    """
    model: object = settings.model  # from whoever calls, typed or not
    if not isinstance(model, str) or not _MODEL.fullmatch(model):
        hint = "Name the provider first, as in openai/gpt-4o-mini."
        return [_found("LLM_MODEL_UNKNOWN", "The model names no provider.", "/model", hint)]
    provider = model.partition("/")[0]
    if provider not in providers:
        return [_unknown_provider(provider, providers)]
    names = capability.key_variables
    if settings.api_key or not names or own_server:
        return []
    if any(environment.get(name) for name in names):
        return []
    message = f"There is no key for {provider}."
    hint = f"Set {names[0]}, or give the settings an api_key."
    return [_found("LLM_KEY_MISSING", message, "/api_key", hint)]


def refuse(findings: list[Diagnostic]) -> None:
    """Raise what was found, if anything was.

    Raises:
        LLMError: with all of it.
    """
    if findings:
        raise LLMError(findings)


def _unknown_provider(provider: str, providers: Collection[str]) -> Diagnostic:
    near = get_close_matches(provider[:60], sorted(providers), n=3)
    known = (
        f"Is it {' or '.join(near)}?" if near else "A server of your own is openai/… with api_base."
    )
    message = f"There is no provider {provider[:60]!r}."
    return _found("LLM_MODEL_UNKNOWN", message, "/model", known)


def _choices(settings: ModelSettings, run_mode: str) -> Iterator[Diagnostic]:
    if settings.response_format not in _FORMATS:
        yield _invalid("response_format", f"is none of {', '.join(_FORMATS)}")
    if run_mode not in _MODES:
        yield _invalid("run_mode", f"is none of {', '.join(_MODES)}")


def _flags(settings: ModelSettings) -> Iterator[Diagnostic]:
    for name in ("step_down", "stream", "parallel_tool_calls", "strict_parameters"):
        value = getattr(settings, name)
        if not isinstance(value, bool) and (value is not None or name != "parallel_tool_calls"):
            yield _invalid(name, "is neither True nor False")


def _numbers(settings: ModelSettings) -> Iterator[Diagnostic]:
    if not _between(settings.temperature, 0, 2):
        yield _invalid("temperature", "is no number from 0 to 2")
    if not _between(settings.top_p, 0, 1) or settings.top_p == 0:
        yield _invalid("top_p", "is no number above 0 and up to 1")
    seed = settings.seed
    if seed is not None and not (_whole(seed) and _between(seed, -_MOST, _MOST)):
        yield _invalid("seed", "is no whole number of 53 bits")
    most = settings.max_output_tokens
    if most is not None and not (_whole(most) and _between(most, 1, _MOST)):
        yield _invalid("max_output_tokens", "is no whole number from 1 on")
    wait: object = settings.request_timeout_s
    if wait is None or not _between(wait, 0, _DAY_S) or wait == 0:
        yield _invalid("request_timeout_s", "is no number of seconds, above 0 and up to a day")


def check_address(api_base: object) -> Iterator[Diagnostic]:
    """What is wrong with the address of a server, which is never quoted.

    Args:
        api_base: As the settings or the environment name it.
    """
    if api_base is None:
        return
    if not isinstance(api_base, str) or not _is_address(api_base):
        hint = "Name host and path, as in http://localhost:8000/v1."
        yield _invalid("api_base", "is no address", hint)
    elif address_holds_key(api_base):
        hint = "Give the key as api_key, and of the address scheme, host and path alone."
        yield _invalid("api_base", "holds a user, a query, a fragment or a key", hint)
    elif api_base.rstrip("/").endswith(_ENDPOINTS):
        hint = "Name it up to /v1, as in http://localhost:8000/v1: the rest is added."
        yield _invalid("api_base", "ends with the name of an endpoint", hint)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        told = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        told and parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable()
    )


def _key(api_key: object) -> Iterator[Diagnostic]:
    if api_key is not None and not (isinstance(api_key, str) and _KEY.fullmatch(api_key)):
        why = "is empty, or holds a space, a line break or a letter that no header takes"
        yield _invalid("api_key", why, "Was something copied along with it?")


def _extra(extra: object, *, streams: bool) -> Iterator[Diagnostic]:
    if not isinstance(extra, Mapping) or not all(isinstance(key, str) for key in extra):
        yield _invalid("extra", "is no mapping of keys of a request")
        return
    taken = [key for key in extra if key.lower() in _OWN_SETTINGS]
    for key in taken:
        own = _OWN_SETTINGS[key.lower()]
        hint = f"Use the setting {own}." if own else "Leave it out: every turn has its own."
        yield _invalid("extra", f"has {key}, which has another place", hint, (key,))
    if "stream_options" in extra and not streams:
        hint = "Leave it out, or set stream to True."
        yield _invalid("extra", "has stream_options, and stream is not set", hint, _STREAMING)
    for path in hidden_keys({key: extra[key] for key in extra if key not in taken}):
        why = f"has {path[-1][:60]}, which may be a key, and requests are logged"
        yield _invalid("extra", why, "Give the key as api_key.", path)
    try:
        json.dumps(dict(extra), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        yield _invalid("extra", "holds something that is no JSON")


def _combinations(settings: ModelSettings, run_mode: str, tools: bool) -> Iterator[Diagnostic]:
    structured = settings.response_format in _STRUCTURED
    calls_tools = run_mode in ("tool_loop", "hybrid")
    if settings.stream and structured:
        yield _found(
            "LLM_STREAMING_WITH_RESPONSE_FORMAT_FORBIDDEN",
            f"stream is set beside response_format {settings.response_format}.",
            "/stream",
            "Set stream to False, or response_format to prompt_only.",
        )
    if settings.stream and (calls_tools or tools):
        yield _found(
            "LLM_STREAMING_WITH_TOOL_CALLING_FORBIDDEN",
            "stream is set, and the model would be given tools.",
            "/stream",
            "Set stream to False, or run_mode to directives and give no tools.",
        )
    if structured and run_mode == "tool_loop":
        yield _found(
            "LLM_TOOLS_WITH_RESPONSE_FORMAT_FORBIDDEN",
            f"response_format {settings.response_format} is set in run_mode tool_loop.",
            "/response_format",
            "Set run_mode to hybrid, which asks for directives after the tools.",
        )
    if structured and settings.parallel_tool_calls and not calls_tools:
        yield _found(
            "LLM_STRUCTURED_OUTPUTS_PARALLEL_TOOL_CALLS_FORBIDDEN",
            f"parallel_tool_calls is set beside response_format {settings.response_format}.",
            "/parallel_tool_calls",
            "Leave parallel_tool_calls out.",
        )
    if tools and run_mode == "directives":
        hint = "Set run_mode to hybrid or tool_loop."
        yield _invalid("run_mode", "is directives, and tools are given", hint)


def _beyond(settings: ModelSettings, known: Capability, run_mode: str) -> Iterator[Diagnostic]:
    """What the model is known not to take, and nothing else is allowed instead."""
    wanted = settings.response_format
    fixed = settings.strict_parameters or not settings.step_down
    if wanted in LADDER and wanted not in known.response_formats and fixed:
        yield _unsupported("response_format", f"does not take {wanted}", "Set it to auto")
    if run_mode in ("tool_loop", "hybrid") and not known.tools:
        yield _unsupported("run_mode", "takes no tools", "Set it to directives")
    if settings.stream and not known.stream and settings.strict_parameters:
        yield _unsupported("stream", "does not stream", "Set it to False")


def _budget(budget: Budget | None) -> Iterator[Diagnostic]:
    for each in fields(budget) if budget is not None else ():
        value = getattr(budget, each.name)
        if each.name in ("calls", "tokens"):
            if value is not None and not (_whole(value) and _between(value, 0, _MOST)):
                yield _limit(f"budget.{each.name}", "is no whole number from 0 on")
        elif not _between(value, 0, _MOST):
            yield _limit(f"budget.{each.name}", "is no number from 0 on")


def _limit(name: str, why: str) -> Diagnostic:
    return _invalid(name, why, "None is no limit.")


def _tries(tries: Tries | None) -> Iterator[Diagnostic]:
    for each in fields(tries) if tries is not None else ():
        value = getattr(tries, each.name)
        if each.name.endswith("_s"):
            if value is None or not _between(value, 0, _DAY_S):
                yield _invalid(f"tries.{each.name}", "is no number of seconds, up to a day")
        elif not (_whole(value) and _between(value, 0, _MOST_TRIES)):
            yield _invalid(f"tries.{each.name}", f"is no whole number from 0 to {_MOST_TRIES}")


def _between(value: object, least: float, most: float) -> bool:
    """Whether a number is in a range, its ends included; None is no number to check."""
    if value is None:
        return True
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and least <= value <= most  # which no NaN is
    )


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _unsupported(name: str, why: str, hint: str) -> Diagnostic:
    message = f"The model {why}, as far as is known."
    more = f"{hint}, or say in a row of your own that it does."
    return _found("LLM_PARAMETER_UNSUPPORTED", message, join([name]), more)


def _invalid(name: str, why: str, hint: str = "", inside: Sequence[str] = ()) -> Diagnostic:
    pointer = join([*name.split("."), *inside])
    return _found("LLM_SETTINGS_INVALID", f"{name} {why}.", pointer, hint)


def _found(code: str, message: str, pointer: str, hint: str) -> Diagnostic:
    return diagnostic(code, message, pointer=pointer, hint=hint)
