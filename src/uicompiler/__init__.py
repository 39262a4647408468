"""Safe, deterministic UI for LLM apps: validated directives in, guarded A2UI out; HTML is planned.

    from uicompiler import compile
    result = compile(model_text)

The front door: everything public, loaded when it is first asked for, so that importing the root
costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uicompiler.app import (
        Action,
        ClientProfile,
        Outcome,
        Receipt,
        Signer,
        StateView,
        ToolCall,
        TurnContext,
        UIApp,
    )
    from uicompiler.compiler import CompileResult, Fallback, compile, restore, snapshot
    from uicompiler.directives.registry import Payload
    from uicompiler.dispatcher import StepResult, dispatch
    from uicompiler.errors import (
        AppError,
        Diagnostic,
        DirectiveError,
        EvalError,
        HostError,
        IngressError,
        LLMError,
        OutputError,
        StoreError,
        UICompilerError,
    )
    from uicompiler.ir.changes import Effect, PatchOp
    from uicompiler.ir.state import Surface, UIState
    from uicompiler.limits import Limits
    from uicompiler.rendering import Batch
    from uicompiler.templates.form import FormTemplate
    from uicompiler.templates.rules import Rule
    from uicompiler.templates.view import ViewTemplate
    from uicompiler.templates.wizard import Step, WizardTemplate

_HOMES: Final = {
    "Action": "app",
    "AppError": "errors",
    "Batch": "rendering",
    "ClientProfile": "app",
    "CompileResult": "compiler",
    "Diagnostic": "errors",
    "DirectiveError": "errors",
    "Effect": "ir.changes",
    "EvalError": "errors",
    "Fallback": "compiler",
    "FormTemplate": "templates.form",
    "HostError": "errors",
    "IngressError": "errors",
    "LLMError": "errors",
    "Limits": "limits",
    "Outcome": "app",
    "OutputError": "errors",
    "PatchOp": "ir.changes",
    "Payload": "directives.registry",
    "Receipt": "app",
    "Rule": "templates.rules",
    "Signer": "app",
    "StateView": "app",
    "Step": "templates.wizard",
    "StepResult": "dispatcher",
    "StoreError": "errors",
    "Surface": "ir.state",
    "ToolCall": "app",
    "TurnContext": "app",
    "UIApp": "app",
    "UICompilerError": "errors",
    "UIState": "ir.state",
    "ViewTemplate": "templates.view",
    "WizardTemplate": "templates.wizard",
    "compile": "compiler",
    "dispatch": "dispatcher",
    "restore": "compiler",
    "snapshot": "compiler",
}

__all__ = [
    "Action",
    "AppError",
    "Batch",
    "ClientProfile",
    "CompileResult",
    "Diagnostic",
    "DirectiveError",
    "Effect",
    "EvalError",
    "Fallback",
    "FormTemplate",
    "HostError",
    "IngressError",
    "LLMError",
    "Limits",
    "Outcome",
    "OutputError",
    "PatchOp",
    "Payload",
    "Receipt",
    "Rule",
    "Signer",
    "StateView",
    "Step",
    "StepResult",
    "StoreError",
    "Surface",
    "ToolCall",
    "TurnContext",
    "UIApp",
    "UICompilerError",
    "UIState",
    "ViewTemplate",
    "WizardTemplate",
    "compile",
    "dispatch",
    "restore",
    "snapshot",
]


def __getattr__(name: str) -> object:
    """Load a public name from the module that defines it (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
