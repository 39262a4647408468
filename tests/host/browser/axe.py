"""axe-core on a page: what it finds wrong, and what it leaves to a person to judge.

The script is handed to the page over the browser's debugging protocol, which no
Content-Security-Policy forbids, so the page keeps its strict one.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from playwright.sync_api import Page

OFF = {
    "focus-order-semantics": "an experimental rule, against which scrollable-region-focusable "
    "stands: a wide table takes the focus so that keys can scroll it. It is a group: were it the "
    "region that the rule asks for, every table would be a landmark",
}
"""By rule that is not run, why."""

_RUN = """async off => {
  const all = {};
  for (const {ruleId, tags} of axe.getRules())
    all[ruleId] = {enabled: !tags.includes('wcag2aaa') && !off.includes(ruleId)};
  const found = await axe.run(document, {resultTypes: ['violations', 'incomplete'], rules: all});
  const told = kind => found[kind].flatMap(rule => rule.nodes.map(node => ({
    rule: rule.id,
    html: node.html.slice(0, 300),
    why: [...node.any, ...node.all, ...node.none].map(check => check.message).join('; '),
  })));
  const passes = found.passes.length;
  return {violations: told('violations'), incomplete: told('incomplete'), passes};
}"""
"""Every other rule but those of level AAA: best practices and experimental ones too."""


class Found(NamedTuple):
    """One thing that axe found."""

    rule: str
    html: str
    why: str


class Report(NamedTuple):
    """What axe found on a page."""

    violations: list[Found]
    incomplete: list[Found]


@cache
def source() -> str:
    """axe-core."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def examined(page: Page) -> Report:
    """Run every rule on a page as it is."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(source())
    found: dict[str, Any] = page.evaluate(_RUN, list(OFF))
    assert found["passes"] > 0
    return Report(*([Found(**item) for item in found[k]] for k in ("violations", "incomplete")))
