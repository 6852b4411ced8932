"""All plotting of the chapters: `show_…` returns a `Drawing` that follows the page's theme."""

from convolutions.figures.drawing import Drawing, finish, house_style
from convolutions.figures.matrices import draw_matrix, show_images, show_matrices

__all__ = [
    "Drawing",
    "draw_matrix",
    "finish",
    "house_style",
    "show_images",
    "show_matrices",
]
