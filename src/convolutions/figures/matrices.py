"""Matrices and images as pictures: grids with their numbers, gray images, signed maps.

Grey runs from black (0) to white (1). Signed values take a diverging map whose middle, white,
is zero, so that the color tells the sign.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image
from torch import Tensor, uint8

from convolutions.figures.drawing import (
    FAINT,
    GAP,
    ORANGE,
    Drawing,
    arrange,
    house_style,
    panel_style,
    side_by_side,
)

GREY, SIGNED = "gray", "RdBu_r"
PHOTOGRAPH = 64  # pixels of width from which an image is smoothed where a screen enlarges it
Region = tuple[int, int, int, int]  # top, left, height, width


def draw_matrix(
    ax: Axes,
    values: Tensor,
    *,
    title: str = "",
    signed: bool = False,
    numbers: bool = True,
    limit: float | None = None,
    marked: Sequence[Region] = (),
    color: str = ORANGE,
) -> None:
    """Draw a matrix as a grid of colored cells, each with its number, on `ax`.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : Tensor of shape (H, W)
    title : str
    signed : bool
        Diverging map centered at zero instead of gray from the least to the largest value.
    numbers : bool
        Write each value into its cell.
    limit : float, optional
        Value at the end of the signed map; the largest magnitude unless given.
    marked : sequence of (top, left, height, width)
        Rectangles to outline, in cells.
    color : str
        Color of the outlines.
    """
    values = values.detach().cpu().double()
    H, W = values.shape
    for i in range(H):
        for j in range(W):
            fill = _fill(values, i, j, signed, limit)
            ax.add_patch(Rectangle((j, i), 1, 1, facecolor=fill, edgecolor=FAINT, linewidth=0.8))
            if numbers:
                text = f"{values[i, j].item():.3g}".replace("-", "\N{MINUS SIGN}")
                ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", color=_letters_on(fill))
    for top, left, height, width in marked:
        ax.add_patch(
            Rectangle((left, top), width, height, fill=False, edgecolor=color, linewidth=2.5)
        )
    ax.set(xlim=(-0.06, W + 0.06), ylim=(H + 0.06, -0.06), aspect="equal", title=title)
    ax.axis("off")


def show_matrices(
    matrices: Mapping[str, Tensor],
    *,
    alt: str,
    signed: Sequence[str] = (),
    marked: Mapping[str, Sequence[Region]] | None = None,
    numbers: bool = True,
    cell: float = 0.42,
) -> Drawing:
    """Draw titled matrices side by side, as far as the page is wide.

    Parameters
    ----------
    matrices : mapping of title to Tensor of shape (H, W)
    alt : str
        What the figure shows, in words.
    signed : sequence of str
        Titles of the matrices drawn on the diverging map.
    marked : mapping of title to sequence of (top, left, height, width), optional
        Cells to outline.
    numbers : bool
        Write values into cells.
    cell : float
        Side of a cell, in inches.
    """
    panels = []
    with house_style():
        for title, values in matrices.items():
            rows, columns = values.shape
            panel = Figure(figsize=(cell * (columns + 0.2), cell * (rows + 0.2) + 0.3))
            draw_matrix(
                panel.subplots(),
                values,
                title=title,
                signed=title in signed,
                numbers=numbers,
                marked=(marked or {}).get(title, ()),
            )
            panels.append(panel)
    return arrange(panels, alt, columns=len(panels))


def show_images(
    images: Mapping[str, Tensor],
    *,
    alt: str,
    signed: Sequence[str] = (),
    columns: int = 2,
    width: float = 2.6,
) -> Drawing:
    """Draw titled images in a grid, sharp pixels, signed ones on the diverging map.

    Parameters
    ----------
    images : mapping of title to Tensor of shape (H, W) or (3, H, W)
        Gray values from 0 (black) to 1 (white), signed values of any size, or colors from 0 to 1.
    alt : str
        What the figure shows, in words.
    signed : sequence of str
        Titles of the images drawn on the diverging map.
    columns : int
        Images beside each other, at most.
    width : float
        Width of one image, in inches.
    """
    side = width * 96  # CSS pixels in an inch
    panels = [
        _picture(title, png(image, signed=title in signed), image.shape[-2:], side)
        for title, image in images.items()
    ]
    return side_by_side(panels, alt, room=columns * (side + GAP) - GAP)


def png(image: Tensor, *, signed: bool = False) -> bytes:
    """Return an image as a PNG of its own pixels: gray or color from 0 to 1, or a signed map.

    Parameters
    ----------
    image : Tensor of shape (H, W), or (3, H, W) in color
    signed : bool
        Diverging map whose ends are the largest magnitude.
    """
    image = image.detach().cpu()
    if image.ndim == 3:
        levels = (image.clamp(0, 1) * 255).round().to(uint8).permute(1, 2, 0)
        return _encoded(Image.fromarray(levels.contiguous().numpy()))
    bound = float(image.abs().max()) or 1.0
    shades = (image / bound + 1) / 2 if signed else image.clamp(0, 1)
    colors = colormaps[SIGNED if signed else GREY](range(256), bytes=True)[:, :3]
    indexed = Image.fromarray((shades * 256).clamp(max=255).to(uint8).numpy())
    indexed.putpalette(colors.tobytes())
    return _encoded(indexed)


def _encoded(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _picture(title: str, data: bytes, shape: Sequence[int], side: float) -> str:
    """Return a titled picture of `side` CSS pixels; only photographs are smoothed when enlarged."""
    rendering = "auto" if shape[1] >= PHOTOGRAPH else "pixelated"
    return (
        f'<span aria-hidden="true" style="{panel_style(side)}; text-align: center">{escape(title)}'
        f'<img aria-hidden="true" alt="" src="data:image/png;base64,{b64encode(data).decode()}" '
        f'width="{shape[1]}" height="{shape[0]}" loading="lazy" '
        f'style="display: block; width: 100%; height: auto; image-rendering: {rendering}"></span>'
    )


def _fill(
    values: Tensor, i: int, j: int, signed: bool, limit: float | None
) -> tuple[float, float, float]:
    value = float(values[i, j])
    if signed:
        bound = limit or float(values.abs().max()) or 1.0
        shade = 0.5 + 0.42 * value / bound  # stops short of the map's darkest ends
        return to_rgb(colormaps[SIGNED](shade))
    low, high = float(values.min()), float(values.max())
    shade = (value - low) / (high - low) if high > low else 1.0
    return to_rgb(colormaps[GREY](0.15 + 0.85 * shade))


def _letters_on(fill: tuple[float, float, float]) -> str:
    """Black or white, whichever stands out from `fill` (relative luminance, WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in fill]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if luminance > 0.18 else "white"
