"""Makes the pictures of README and the social card from the built book: `make screenshots`."""

from __future__ import annotations

from browser import launched
from pages import ROOT, page
from playwright.sync_api import Browser

STATIC = ROOT / "book" / "_static"
OUT = STATIC / "screenshots"
SHOTS = (  # document, theme, width, height, what to scroll to, file
    ("book/edges", "light", 1180, 820, "#edges-one-direction", "edges-light.png"),
    ("book/learning", "dark", 1180, 820, "learning-lab", "learning-dark.png"),
    ("book/correlation", "light", 390, 780, "window-stepper", "correlation-phone.png"),
)
CARD = """<style>
  body {{ margin: 0; width: 1200px; height: 630px; display: flex; align-items: center;
    gap: 70px; background: #fdfdfb; color: #1f2328; font-family: sans-serif }}
  svg {{ width: 400px; height: 400px; margin-left: 90px }}
  h1 {{ font-size: 76px; line-height: 1.12; margin: 0 0 28px }}
  p {{ font-size: 33px; line-height: 1.35; margin: 0; max-width: 560px; color: #4b535d }}
</style>{logo}<div><h1>Convolutions<br>for Images</h1>
<p>A book to read, run and play with, and exercises that grade themselves</p></div>"""


def card(browser: Browser) -> None:
    """Draw the picture that other sites show beside a link to the book."""
    tab = browser.new_page(viewport={"width": 1200, "height": 630})
    tab.set_content(CARD.format(logo=(STATIC / "logo.svg").read_text(encoding="utf-8")))
    tab.screenshot(path=STATIC / "card.png")
    tab.close()
    print(STATIC / "card.png")


def main() -> None:
    """Open each page, go to its place, take the picture."""
    OUT.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        card(browser)
        for document, theme, width, height, place, file in SHOTS:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme
            )
            tab = context.new_page()
            tab.goto(page(document).as_uri())
            tab.mouse.move(3, 3)
            tab.wait_for_timeout(1500)
            tab.locator(place).first.evaluate("e => e.scrollIntoView()")
            tab.wait_for_timeout(1000)  # an explorer begins when it is near
            tab.screenshot(path=OUT / file)
            context.close()
            print(OUT / file)


if __name__ == "__main__":
    main()
