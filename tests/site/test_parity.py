"""The explorers' numeric core, in a browser, against the reference."""

from __future__ import annotations

from pages import ROOT
from parity import cases, difference
from playwright.sync_api import Browser

CORE = ROOT / "book" / "_static" / "explorers" / "core.js"
RUN = """all => all.map(([name, args]) => {
  const core = globalThis.convolutions.core;
  if (typeof core[name] !== 'function') return core[name] ?? 'missing';
  try { return core[name](...args); } catch (error) { return null; }
})"""


def test_the_core_computes_what_the_reference_computes(browser: Browser) -> None:
    """Over ten thousand random inputs, every function of both, errors included, within 1e-5."""
    drawn = cases(seed=5)
    tab = browser.new_page()
    tab.add_script_tag(path=CORE)
    answers = tab.evaluate(RUN, [[name, args] for name, args, _ in drawn])
    names = set(tab.evaluate("Object.keys(globalThis.convolutions.core)"))
    tab.close()
    worst: dict[str, float] = {}
    for (name, args, expected), answer in zip(drawn, answers, strict=True):
        assert (answer is None) == (expected is None), (name, args, expected, answer)
        gap = 0.0 if expected is None else difference(answer, expected)
        worst[name] = max(worst.get(name, 0.0), gap)
    print(f"\n{len(drawn)} inputs, largest relative difference {max(worst.values()):.1e}")

    assert len(drawn) >= 10_000
    assert {name: gap for name, gap in worst.items() if not gap <= 1e-5} == {}
    helpers = {"largest", "matmul", "matrix", "noise", "outer", "pad", "range", "shape", "svd"}
    assert names - set(worst) == helpers | {"transpose"}
