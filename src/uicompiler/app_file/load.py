"""From a place to an app: reading, registering, judging."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType
from typing import Final, TypeAlias

from pydantic import TypeAdapter, ValidationError

from uicompiler.app import ActionSpec, Form, UIApp
from uicompiler.app_file.judge import judge
from uicompiler.app_file.problems import did_you_mean, problems
from uicompiler.app_file.shape import ActionFile, AppFile
from uicompiler.app_file.source import Place, Source, read_source
from uicompiler.catalog.catalog import Catalog, load_catalog
from uicompiler.errors import AppError, Diagnostic, diagnostic
from uicompiler.ir.base import Key, Node
from uicompiler.ir.reserved import OWN_PREFIX
from uicompiler.ir.tree import STANDARD_NODES
from uicompiler.ir.values import FrozenDict
from uicompiler.limits import Limits
from uicompiler.pointer import join, parse
from uicompiler.resources import data_path
from uicompiler.templates.view import ViewTemplate

APP_FILES: Final = ("app.yaml", "app.json")

_Views: TypeAlias = dict[Key, ViewTemplate]
_VIEWS: Final = TypeAdapter(_Views)


def load_app(place: str | Path) -> UIApp:
    """Load an app from a folder or from `module:attribute`.

    Raises:
        AppError: APP_NOT_FOUND, APP_INVALID or APP_DUPLICATE; all problems there are, but for
            those that only show once others are mended.
    """
    folder = Path(place)
    found = [folder / name for name in APP_FILES if (folder / name).is_file()]
    if len(found) > 1:
        raise _error("APP_INVALID", f"{place} holds {' and '.join(APP_FILES)}; keep one of them")
    if found:
        return _from_file(found[0])
    if isinstance(place, str) and ":" in place and not folder.exists():
        return _from_module(place)
    raise _error(
        "APP_NOT_FOUND",
        f"{place} is neither a folder with an app.yaml nor module:attribute",
        hint=f"for example {_example()}",
    )


def _example() -> Path | str:
    """An app that is there: after an installation the examples are inside the package."""
    try:
        return data_path("examples/crm")
    except FileNotFoundError:
        return "a folder of yours"


def _from_module(place: str) -> UIApp:
    module_name, _, attribute = place.partition(":")
    try:
        app = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as exc:
        raise _error("APP_NOT_FOUND", f"{place} could not be imported: {exc}") from exc
    if not isinstance(app, UIApp):
        raise _error("APP_INVALID", f"{place} is a {type(app).__name__}, expected a UIApp")
    return app


def _from_file(path: Path) -> UIApp:
    source = read_source(path)
    settings = _settings(source)
    app = _declared(settings, source, path.parent)
    declared = set(app.actions)
    if settings.code is not None:
        _run_register(path.parent, settings.code, app, source)
    views, found = _views(source, app.nodes)
    found += [*_undeclared(app, declared, settings.code or ""), *_add_views(app, views, source)]
    found += judge(app, _reporter(source, settings.code))
    if found:
        raise AppError(found)
    return app


# --- what the file says ---------------------------------------------------------------------------


def _settings(source: Source) -> AppFile:
    """The file without its views, which may hold nodes that only the code knows."""
    document = source.value
    if isinstance(document, dict):
        document = {name: value for name, value in document.items() if name != "views"}
    try:
        return AppFile.model_validate(document)
    except ValidationError as exc:
        found = problems(source, exc, STANDARD_NODES)
        has_code = isinstance(document, dict) and "code" in document
        raise AppError([*found, *_views(source, STANDARD_NODES, open_nodes=has_code)[1]]) from exc


def _views(
    source: Source, nodes: Mapping[str, type[Node]], *, open_nodes: bool = False
) -> tuple[_Views, list[Diagnostic]]:
    given = source.value.get("views", {}) if isinstance(source.value, dict) else {}
    try:
        return _VIEWS.validate_python(given, context={"nodes": nodes}), []
    except ValidationError as exc:
        return {}, problems(source, exc, nodes, below=("views",), open_nodes=open_nodes)


def _declared(settings: AppFile, source: Source, folder: Path) -> UIApp:
    """The app that the file declares, without its views and what its code adds."""
    found = [*_reserved(settings, source), *_unknown_limits(settings, source)]
    # Each by itself, so that a problem with one hides none of another's.
    for attempt in (
        lambda: UIApp(settings.id, texts=settings.texts),
        lambda: UIApp(settings.id, recoveries=settings.recoveries),
        lambda: UIApp(settings.id, url_schemes=settings.url_schemes),
    ):
        found += _tried(attempt, source)
    catalog, of_catalog = _catalog(settings, source, folder)
    templates, of_templates = _html_templates(settings, source, folder)
    found += [*of_catalog, *of_templates, *_taken_twice(settings, source)]
    if found:
        raise AppError(found)
    app = UIApp(
        settings.id,
        version=settings.version,
        inline_form_action=settings.inline_form_action,
        texts=settings.texts,
        recoveries=settings.recoveries,
        limits=replace(Limits(), **settings.limits),
        url_schemes=settings.url_schemes,
        html_templates=templates,
        catalog=catalog,
        catalog_fallback=settings.catalog_fallback is not None,
    )
    for name, action in settings.actions.items():
        app.actions[name] = _action(name, action or ActionFile())
    forms: dict[str, Form] = {**settings.forms, **settings.wizards}
    for form_id, form in forms.items():
        app.add_form(form_id, form)
    return app


def _action(name: str, given: ActionFile) -> ActionSpec:
    return ActionSpec(
        name,
        requires_rev=given.requires_rev,
        steps=None if given.steps is None else frozenset(given.steps),
        context=None if given.context is None else FrozenDict(given.context),
        run_mode=given.run_mode,
    )


def _tried(attempt: Callable[[], object], source: Source) -> list[Diagnostic]:
    try:
        attempt()
    except AppError as exc:
        return [
            source.problem(item.message, parse(item.pointer), hint=item.hint, code=item.code)
            for item in exc.diagnostics
        ]
    return []


def _reserved(settings: AppFile, source: Source) -> Iterator[Diagnostic]:
    named: list[tuple[Place, str | None]] = [
        (("inline_form_action",), settings.inline_form_action),
        *((("actions", name), name) for name in settings.actions),
    ]
    for place, name in named:
        if name is not None and name.startswith(OWN_PREFIX):
            yield source.problem(f"the action {name!r} is the library's own", place)


def _unknown_limits(settings: AppFile, source: Source) -> Iterator[Diagnostic]:
    known = {item.name for item in fields(Limits)}
    for name in sorted(set(settings.limits) - known):
        hint = did_you_mean(name, known)
        yield source.problem(f"no limit is called {name!r}", ("limits", name), hint=hint)


def _taken_twice(settings: AppFile, source: Source) -> Iterator[Diagnostic]:
    for name in sorted(set(settings.forms) & set(settings.wizards)):
        yield _duplicate(source, ("wizards", name))


def _duplicate(source: Source, place: tuple[str, str]) -> Diagnostic:
    why = f"a form, wizard or view is called {place[1]!r} already"
    return source.problem(why, place, hint="their ids are one namespace", code="APP_DUPLICATE")


def _catalog(
    settings: AppFile, source: Source, folder: Path
) -> tuple[Catalog | None, list[Diagnostic]]:
    if settings.catalog is None:
        return None, []
    path = _beside(folder, settings.catalog)
    if path is None:
        why = f"catalog: {_shown(settings.catalog)} is not a file beside {source.name}"
        return None, [source.problem(why, ("catalog",), code="APP_NOT_FOUND")]
    try:
        inner = read_source(path)
        return load_catalog(path), []
    except AppError as exc:
        found = exc.diagnostics
        if any(item.line is not None or item.message.startswith(path.name) for item in found):
            return None, list(found)
        return None, [inner.problem(item.message, parse(item.pointer)) for item in found]


def _html_templates(
    settings: AppFile, source: Source, folder: Path
) -> tuple[dict[str, str], list[Diagnostic]]:
    texts, found = {}, []
    for index, name in enumerate(settings.html_templates):
        path, place = _beside(folder, name), ("html_templates", str(index))
        if path is None:
            why = f"html_templates: {_shown(name)} is not a file beside {source.name}"
            found.append(source.problem(why, place, code="APP_NOT_FOUND"))
            continue
        try:
            texts[name] = path.read_text("utf-8")
        except UnicodeDecodeError:
            found.append(source.problem(f"{_shown(name)} is no UTF-8 text", place))
    return texts, found


def _add_views(app: UIApp, views: _Views, source: Source) -> Iterator[Diagnostic]:
    for name, view in views.items():
        if app.template(name) is None:
            app.add_view(name, view)
        else:
            yield _duplicate(source, ("views", name))


# --- what its code adds ---------------------------------------------------------------------------


def _run_register(folder: Path, code: str, app: UIApp, source: Source) -> None:
    path = _beside(folder, code)
    if path is None:
        why = f"code: {_shown(code)} is not a file beside {source.name}"
        raise AppError([source.problem(why, ("code",), code="APP_NOT_FOUND")])
    register = getattr(_import_file(path), "register", None)
    if not callable(register):
        raise AppError([source.problem(f"{code} has no function register(app)", ("code",))])
    try:
        register(app)
    except AppError as exc:
        found = [replace(item, message=f"{code}: {item.message}") for item in exc.diagnostics]
        raise AppError(found) from exc


def _shown(name: str) -> str:
    return name if name.isprintable() and len(name) <= 80 else repr(name[:80])


def _beside(folder: Path, name: str) -> Path | None:
    try:
        path = (folder / name).resolve()
        return path if path.parent == folder.resolve() and path.is_file() else None
    except (OSError, ValueError):  # a name that no file can have
        return None


def _import_file(path: Path) -> ModuleType:
    name = f"uicompiler_app_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _error("APP_INVALID", f"{path.name} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _undeclared(app: UIApp, declared: set[str], code: str) -> Iterator[Diagnostic]:
    """A handler under a name nobody declared would never run, most likely for a typo."""
    for name in sorted(set(app.actions) - declared):
        yield diagnostic(
            "APP_INVALID",
            f"{code} registers the action {name!r}, which is not under actions",
            pointer=join(("actions", name)),
            hint=did_you_mean(name, declared),
        )


def _reporter(source: Source, code: str | None) -> Callable[[str, Place, str], Diagnostic]:
    """Findings about the file's own screens and actions name its lines, others the code."""

    def report(why: str, place: Place, hint: str) -> Diagnostic:
        if source.has(place[:2]):
            return source.problem(why, place, hint=hint)
        where = f"{code}: {place[0]} {place[1]!r}"
        return diagnostic("APP_INVALID", f"{where}: {why}", pointer=join(place), hint=hint)

    return report


def _error(code: str, message: str, *, hint: str = "") -> AppError:
    return AppError([diagnostic(code, message, hint=hint)])
