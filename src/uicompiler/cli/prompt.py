"""`uicompiler prompt` and `uicompiler schema`: what to tell a model about an app."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from uicompiler.cli.common import APP_HELP, UsageError, app_for, command, json_text, out

if TYPE_CHECKING:
    from uicompiler.app import UIApp

_PROMPT: Final = """\
Print the system-prompt instructions for an app: format, directives, forms, rules."""
_PROMPT_EXAMPLES: Final = """\
uicompiler prompt --app examples/crm
uicompiler prompt --app examples/crm --stats"""
_SCHEMA: Final = """\
Print the JSON Schema of an envelope for an app, or the response_format that holds it."""
_SCHEMA_EXAMPLES: Final = """\
uicompiler schema --app examples/crm
uicompiler schema --app examples/crm --response-format"""


def add(commands: Any) -> None:  # argparse does not name its type
    """Add both commands."""
    prompt = command(
        commands,
        "prompt",
        run_prompt,
        summary="print the instructions for a model",
        description=_PROMPT,
        examples=_PROMPT_EXAMPLES,
    )
    prompt.add_argument("--app", metavar="P", help=APP_HELP)
    prompt.add_argument("--stats", action="store_true", help="print their size, as JSON")
    schema = command(
        commands,
        "schema",
        run_schema,
        summary="print the JSON Schema a model is held to",
        description=_SCHEMA,
        examples=_SCHEMA_EXAMPLES,
    )
    schema.add_argument("--app", metavar="P", help=APP_HELP)
    schema.add_argument(
        "--response-format", action="store_true", help="as a chat-completions response_format"
    )


def run_prompt(args: argparse.Namespace) -> int:
    """Print the instructions or their size."""
    from uicompiler.errors import AppError
    from uicompiler.llm.prompt import instructions

    app = app_for(args.app, "-")
    try:
        text = json_text(_stats(app), indent=2) + "\n" if args.stats else instructions(app)
    except AppError as exc:
        raise UsageError(str(exc)) from exc
    out(text)
    return 0


def _stats(app: UIApp) -> dict[str, int | str]:
    """Sizes; in tokens where there is a tokenizer."""
    from uicompiler.errors import LLMError
    from uicompiler.llm.prompt import instructions, prompt_stats
    from uicompiler.llm.schema import response_format
    from uicompiler.llm.transport import count_tokens

    stats: dict[str, int | str] = {**prompt_stats(app)}
    try:
        tokens = count_tokens(instructions(app))
        schema_tokens = count_tokens(json_text(response_format(app)))
    except LLMError:  # litellm is not installed
        return stats
    counted = {"tokens": tokens, "response_format_tokens": schema_tokens}
    return {**stats, **counted, "tokenizer": "cl100k_base"}


def run_schema(args: argparse.Namespace) -> int:
    """Print the schema or the response_format."""
    from uicompiler.errors import AppError
    from uicompiler.llm.schema import envelope_schema, response_format

    app = app_for(args.app, "-")
    try:
        value = response_format(app) if args.response_format else envelope_schema(app)
    except AppError as exc:
        raise UsageError(str(exc)) from exc
    out(json_text(value, indent=2) + "\n")
    return 0
