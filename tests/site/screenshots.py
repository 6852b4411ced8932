"""Makes the pictures of README from the built book: `make screenshots`."""

from __future__ import annotations

from browser import launched
from pages import ROOT, page

OUT = ROOT / "book" / "_static" / "screenshots"
SHOTS = (  # document, theme, width, height, what to scroll to, file
    ("book/edges", "light", 1180, 820, "#edges-one-direction", "edges-light.png"),
    ("book/learning", "dark", 1180, 820, "#stable-learning-rate", "learning-dark.png"),
    ("book/correlation", "light", 390, 780, "#worked-example", "correlation-phone.png"),
)


def main() -> None:
    """Open each page, go to its place, take the picture."""
    OUT.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        for document, theme, width, height, place, file in SHOTS:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme
            )
            tab = context.new_page()
            tab.goto(page(document).as_uri())
            tab.wait_for_timeout(1000)
            tab.locator(place).first.evaluate("e => e.scrollIntoView()")
            tab.wait_for_timeout(300)
            tab.screenshot(path=OUT / file)
            context.close()
            print(OUT / file)


if __name__ == "__main__":
    main()
