"""The directive that places an explorer: a custom element around a still picture drawn at build.

The picture is what print and readers without JavaScript see; the scripts replace it on screen.
Scripts, style and photographs are loaded by the pages that use them and by no others.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive

ROOT = Path(__file__).resolve().parents[2]
STATIC = "explorers"
PIXELS = "photographs.js"


def three_kernels() -> str:
    """Return a photograph, and what three kernels of nine elements make of it."""
    import torch

    from convolutions import box_blur, corr2d, laplacian, photograph, sobel
    from convolutions.figures import show_images

    X, middle = photograph("camera"), torch.zeros(3, 3)
    middle[1, 1] = 1
    kernels = {"blur": box_blur(3), "sharpen": middle - laplacian(4), "vertical edges": sobel()[1]}
    alt = (
        "A photograph of a man behind a camera on a tripod, and the same blurred, sharpened, and "
        "reduced to its upright edges, red where it gets brighter to the right, blue where darker."
    )
    answers = {name: corr2d(X, K) for name, K in kernels.items()}
    signed = ["vertical edges"]
    return show_images(
        {"photograph": X, **answers}, signed=signed, columns=4, width=1.7, alt=alt
    ).svg


def window_stepper() -> str:
    """Return the four windows of the chapter's example."""
    import torch

    from convolutions.figures.correlation import show_sliding_window

    X, K = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
    alt = "A 2 by 2 window at its four positions on a 3 by 3 image: outputs 19, 25, 37 and 43."
    return show_sliding_window(X, K, alt=alt).svg


def kernel_lab() -> str:
    """Return the striped image and its response to [1, -1]."""
    from convolutions import corr2d, edge_kernels, stripes
    from convolutions.figures import show_matrices

    X = stripes()
    Y = corr2d(X, edge_kernels()[0])
    alt = "The 6 by 8 image of stripes, and its response: ones in column 1, minus ones in column 5."
    return show_matrices({"image X": X, "output Y": Y}, signed=["output Y"], alt=alt).svg


def learning_lab() -> str:
    """Return the loss surface of the striped image with ten steps at the rate 0.03."""
    import torch

    from convolutions import corr2d, descend, edge_kernels, stripes
    from convolutions.figures.learning import show_bowl

    X, path = stripes(), [torch.tensor([[1.3, 0.7]])]
    Y = corr2d(X, edge_kernels()[0])
    for _ in range(10):
        path.append(descend(X, Y, path[-1], lr=0.03, steps=1)[0])
    alt = "Level lines of the loss are long ellipses; ten steps cross the valley to and fro."
    return show_bowl(X, Y, {"η = 0.03": path}, window=(-1.4, 2.2, -2.2, 1.2), alt=alt).svg


def flip_explorer() -> str:
    """Return an impulse under four operations with the chapter's kernel."""
    import torch

    from convolutions import corr2d, flip
    from convolutions.figures import show_matrices

    impulse = torch.zeros(5, 6)
    impulse[2, 3] = 1
    L = torch.tensor([[1.0, 0.0], [2.0, 0.0], [3.0, 4.0]])
    laid = {"correlation": L, "convolution": flip(L), "one axis": L.flip(1), "transpose": L.T}
    answers = {name: corr2d(impulse, kernel) for name, kernel in laid.items()}
    alt = (
        "An impulse under correlation, convolution, a one-axis flip and a transpose of one kernel."
    )
    return show_matrices({"kernel": L, **answers}, cell=0.27, alt=alt).svg


def receptive_field_builder() -> str:
    """Return the table of two 2×2 layers, and the tree of what their unit sees."""
    from convolutions import trace
    from convolutions.figures.receptive_fields import show_reach

    alt = "A tree of dots: one unit of layer 2, two units of layer 1, three pixels."
    rows = "".join(
        f"<tr><td>{i}</td><td>{size}</td><td>{jump}</td><td>{start}</td></tr>"
        for i, (size, jump, start) in enumerate(trace([(2, 1, 1, 0)] * 2))
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("layer", "size", "jump", "start"))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return show_reach({"two layers, 2 elements each": [(2, 1, 1)] * 2}, alt=alt).svg + table


def channel_explorer() -> str:
    """Return two channels, what their slices make of them, the sum, and its maxima."""
    import torch

    from convolutions import corr2d, corr2d_multi, pool2d
    from convolutions.figures import show_matrices

    X = torch.zeros(2, 6, 6)
    X[0, :, :2] = X[1, :, 2:] = 3
    edge = torch.tensor([[1.0, 0.0, -1.0]] * 3)
    K = torch.stack([edge, -edge])
    parts = {f"under slice {c}": corr2d(X[c], K[c]) for c in (0, 1)}
    maps = {"sum": corr2d_multi(X, K), "maxima": pool2d(corr2d_multi(X, K), 2)}
    alt = (
        "Two channels, one bright on the left and one on the right; what a slice makes of each; "
        "their sum, of 18 along the border between the two; and its maxima."
    )
    return show_matrices(
        {"channel 0": X[0], "channel 1": X[1], **parts, **maps},
        signed=[*parts, *maps],
        cell=0.22,
        alt=alt,
    ).svg


#: What each element is called on the page, and what draws its first frame.
EXPLORERS: dict[str, tuple[str, Callable[[], str]]] = {
    "three-kernels": ("Explorer: one photograph, three kernels", three_kernels),
    "window-stepper": ("Explorer: the window, step by step", window_stepper),
    "kernel-lab": ("Explorer: kernels on pictures", kernel_lab),
    "learning-lab": ("Explorer: descending to a kernel", learning_lab),
    "flip-explorer": ("Explorer: four operations, one kernel", flip_explorer),
    "receptive-field-builder": ("Explorer: building a receptive field", receptive_field_builder),
    "channel-explorer": ("Explorer: channels, slices and their sum", channel_explorer),
}
NEED_PHOTOGRAPHS = {"three-kernels", "kernel-lab", "flip-explorer"}


class ExplorerDirective(Directive):
    """``{explorer} name``: the explorer of that name, once on a page."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the element with its still picture, for HTML alone."""
        name = self.arguments[0]
        if name not in EXPLORERS:
            raise self.error(f"no explorer {name!r}; there are {', '.join(EXPLORERS)}")
        title, draw = EXPLORERS[name]
        environment = self.state.document.settings.env
        environment.note_dependency(__file__)
        for path in sorted((ROOT / "src" / "convolutions").rglob("*.py")):
            environment.note_dependency(str(path))
        return [nodes.raw("", element(name, title, draw()), format="html")]


def element(name: str, title: str, still: str) -> str:
    """Return the HTML of one explorer before any script has run."""
    return (
        f'<{name} class="explorer" id="{name}" role="group" aria-label="{escape(title)}">'
        f'<p class="explorer-title">{escape(title)}</p>'
        f'<div class="explorer-still">{still}'
        "<p>A still picture; with JavaScript it can be played with.</p></div>"
        f"</{name}>"
    )


def photographs() -> str:
    """Return a script with the bundled photographs as gray bytes, half as long on each side.

    A script, because a page opened from a folder may not read the pixels of a picture beside it.
    """
    import torch

    from convolutions.images import PHOTOGRAPHS, photograph

    parts = []
    for name in PHOTOGRAPHS:
        half = torch.nn.functional.avg_pool2d(photograph(name)[None], 2)[0]
        data = base64.b64encode(bytes((half * 255).round().byte().flatten().tolist())).decode()
        parts.append(f'{name}: {{height: {half.shape[0]}, width: {half.shape[1]}, gray: "{data}"}}')
    body = ",\n".join(parts)
    return f"(globalThis.convolutions ??= {{}}).photographs = {{\n{body}\n}};\n"


def write_photographs(app: Any) -> None:
    """Put the script of photographs among the static files, before pages are written."""
    script = Path(app.outdir) / "_static" / STATIC / PIXELS
    sources = [Path(__file__), *(ROOT / "src" / "convolutions" / "photographs").glob("*.png")]
    newest = max(path.stat().st_mtime for path in sources)
    if app.builder.format != "html" or (script.is_file() and script.stat().st_mtime > newest):
        return
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(photographs(), encoding="utf-8")


def load(app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Load style and scripts on a page that has explorers."""
    used = [name for name in EXPLORERS if f"<{name} " in context.get("body", "")]
    if not used:
        return
    scripts = ["core.js", "explorer.js", *(f"{name}.js" for name in used)]
    if NEED_PHOTOGRAPHS.intersection(used):
        scripts.insert(0, PIXELS)
    app.add_css_file(f"{STATIC}/explorers.css")
    for script in scripts:
        app.add_js_file(f"{STATIC}/{script}", loading_method="defer")


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("explorer", ExplorerDirective)
    app.connect("builder-inited", write_photographs)
    app.connect("html-page-context", load)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
