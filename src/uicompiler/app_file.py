"""Loading an app from its folder: `app.yaml` and, beside it, code that registers handlers.

`app.yaml` holds what `AppFile` declares: `id`, `version`, `forms`, `actions`,
`inline_form_action`, `texts`, `recoveries`, `limits`, `url_schemes`, `catalog` (an A2UI catalog
file beside it) and `code`: the file whose function `register(app)` adds what YAML cannot say.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
import sys
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Final

import yaml
from pydantic import Field as Setting
from pydantic import ValidationError

from uicompiler.app import ActionSpec, UIApp
from uicompiler.catalog.catalog import load_catalog
from uicompiler.errors import AppError, Diagnostic, Recovery, diagnostic
from uicompiler.ir.actions import Button
from uicompiler.ir.base import Frozen, Key
from uicompiler.ir.fields import Field, Option
from uicompiler.limits import Limits
from uicompiler.pointer import join
from uicompiler.strict_json import outgrows
from uicompiler.templates.form import FormTemplate

_MAX_BYTES: Final = 2 * 1024 * 1024
_MAX_VALUES: Final = 200_000
_MAX_DEPTH: Final = 32


class ActionFile(Frozen):
    """One entry of `actions`."""

    requires_rev: bool = True


class AppFile(Frozen):
    """The content of an `app.yaml`."""

    id: Key
    version: Annotated[int, Setting(ge=1)] = 1
    code: str | None = None
    inline_form_action: Key | None = None
    actions: dict[Key, ActionFile | None] = Setting(default_factory=dict)
    forms: dict[Key, FormTemplate] = Setting(default_factory=dict)
    texts: dict[str, dict[str, str]] = Setting(default_factory=dict)
    recoveries: dict[str, Recovery] = Setting(default_factory=dict)
    limits: dict[str, Annotated[int, Setting(ge=1)]] = Setting(default_factory=dict)
    url_schemes: tuple[str, ...] = ("http", "https")
    catalog: str | None = None


def load_app(place: str | Path) -> UIApp:
    """Load an app from a folder or from `module:attribute`.

    Raises:
        AppError: APP_NOT_FOUND or APP_INVALID.
    """
    folder = Path(place)
    if (folder / "app.yaml").is_file():
        return _from_folder(folder)
    if isinstance(place, str) and ":" in place and not folder.exists():
        return _from_module(place)
    raise _error(
        "APP_NOT_FOUND",
        f"{place} is neither a folder with an app.yaml nor module:attribute",
        hint="for example --app examples/crm",
    )


def _from_folder(folder: Path) -> UIApp:
    path = folder / "app.yaml"
    raw = _bytes(path)
    settings = _read(path, raw)
    app = UIApp(
        settings.id,
        version=settings.version,
        inline_form_action=settings.inline_form_action,
        texts=settings.texts,
        recoveries=settings.recoveries,
        limits=_limits(settings.limits),
        url_schemes=settings.url_schemes,
        catalog=None if settings.catalog is None else load_catalog(folder / settings.catalog),
    )
    for name, action in settings.actions.items():
        spec = ActionSpec(name, requires_rev=action is None or action.requires_rev)
        app.actions[name] = spec
    for form_id, form in settings.forms.items():
        app.add_form(form_id, form)
    if settings.code is not None:
        declared = set(app.actions)
        _run_register(folder, settings.code, app)
        _check_declared(app, declared, settings.code)
    _check_buttons(app, path, raw)
    return app


def _limits(given: dict[str, int]) -> Limits:
    known = {item.name for item in fields(Limits)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise AppError(
            [
                diagnostic(
                    "APP_INVALID",
                    f"no limit is called {unknown[0]!r}",
                    pointer=join(("limits", unknown[0])),
                    hint=f"limits: {', '.join(sorted(known))}",
                )
            ]
        )
    return replace(Limits(), **given)


class _Loader(yaml.SafeLoader):
    """Plain YAML in which no object names a key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands here twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _bytes(path: Path) -> bytes:
    raw = path.read_bytes()
    if len(raw) > _MAX_BYTES:
        raise _error("APP_INVALID", f"{path.name} has {len(raw)} bytes, at most {_MAX_BYTES}")
    return raw


def _read(path: Path, raw: bytes) -> AppFile:
    try:
        document = yaml.load(raw.decode(), Loader=_Loader)  # noqa: S506  # a SafeLoader
    except UnicodeDecodeError as exc:
        raise _error("APP_INVALID", f"{path.name} is not UTF-8 at byte {exc.start}") from exc
    except RecursionError as exc:
        raise _error("APP_INVALID", f"{path.name} nests too deeply") from exc
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        problem = getattr(exc, "problem", None) or "not YAML"
        raise _error("APP_INVALID", f"{path.name}: {problem}", line=line) from exc
    # Aliases let a short file stand for a huge value.
    if outgrows(document, max_values=_MAX_VALUES, max_depth=_MAX_DEPTH):
        raise _error("APP_INVALID", f"{path.name} holds too many values, or nests too deeply")
    try:
        return AppFile.model_validate(document)
    except ValidationError as exc:
        raise AppError(_findings(path, raw, exc)) from exc


def _findings(path: Path, raw: bytes, error: ValidationError) -> list[Diagnostic]:
    return [
        diagnostic(
            "APP_INVALID",
            f"{path.name}: {item['msg'].removeprefix('Value error, ')}",
            pointer=join(map(str, item["loc"])),
            hint=_hint(item["type"], str(item["loc"][-1]) if item["loc"] else ""),
            line=_line_of(raw, item["loc"]),
        )
        for item in error.errors(include_url=False, include_context=False)
    ]


_KNOWN_KEYS: Final = sorted(
    {
        name
        for model in (FormTemplate, Field, Button, Option, ActionFile)
        for name in model.model_fields
    }
)


def _hint(kind: str, key: str) -> str:
    if kind != "extra_forbidden":
        return ""
    known = sorted({*AppFile.model_fields, *_KNOWN_KEYS})
    close = difflib.get_close_matches(key, known, n=1)
    return f"did you mean {close[0]}?" if close else "no such key; see docs/app_yaml.md"


def _line_of(raw: bytes, place: tuple[Any, ...]) -> int | None:
    """The line of the deepest part of `place` that is in the file."""
    node = yaml.compose(raw, Loader=yaml.SafeLoader)
    line = None
    for step in place:
        inner = _child(node, step)
        if inner is None:
            break
        node = inner
        line = node.start_mark.line + 1
    return line


def _child(node: yaml.Node | None, step: object) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((v for k, v in node.value if getattr(k, "value", None) == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None


def _run_register(folder: Path, code: str, app: UIApp) -> None:
    path = (folder / code).resolve()
    if path.parent != folder.resolve() or not path.is_file():
        raise _error("APP_NOT_FOUND", f"code: {code} is not a file beside app.yaml")
    register = getattr(_import_file(path), "register", None)
    if not callable(register):
        raise _error("APP_INVALID", f"{code} has no function register(app)")
    register(app)


def _import_file(path: Path) -> ModuleType:
    name = f"uicompiler_app_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _error("APP_INVALID", f"{path.name} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _from_module(place: str) -> UIApp:
    module_name, _, attribute = place.partition(":")
    try:
        app = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as exc:
        raise _error("APP_NOT_FOUND", f"{place} could not be imported: {exc}") from exc
    if not isinstance(app, UIApp):
        raise _error("APP_INVALID", f"{place} is a {type(app).__name__}, expected a UIApp")
    return app


def _check_declared(app: UIApp, declared: set[str], code: str) -> None:
    """A handler under a name nobody declared would never run, most likely for a typo."""
    for name in sorted(set(app.actions) - declared):
        close = difflib.get_close_matches(name, sorted(declared), n=1)
        raise _error(
            "APP_INVALID",
            f"{code} registers the action {name!r}, which app.yaml does not declare",
            hint=f"did you mean {close[0]}?" if close else "declare it under actions",
        )


def _check_buttons(app: UIApp, path: Path, raw: bytes) -> None:
    findings = [
        diagnostic(
            "APP_INVALID",
            f"{path.name}: the button {button.label!r} sends {button.action!r}, "
            "which is not under actions",
            pointer=join(("forms", form_id, "buttons", index, "action")),
            hint=f"actions: {', '.join(sorted(app.actions)) or 'none'}",
            line=_line_of(raw, ("forms", form_id, "buttons", index, "action")),
        )
        for form_id, form in app.forms.items()
        for index, button in enumerate(form.buttons)
        if button.action not in app.actions
    ]
    if findings:
        raise AppError(findings)


def _error(code: str, message: str, *, hint: str = "", line: int | None = None) -> AppError:
    return AppError([diagnostic(code, message, hint=hint, line=line)])
