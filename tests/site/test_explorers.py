"""The explorers in a real browser: what they show against the reference, by keys and pointer."""

from __future__ import annotations

import io
import math
import random
import re

import pytest
import torch
from PIL import Image
from playwright.sync_api import BrowserContext, Locator
from torch import Tensor
from visiting import readout, visit

import convolutions as ref
from convolutions.receptive_fields import VGG_16, spread


def numbers(text: str) -> list[float]:
    return [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text)]


def grid(place: Locator, label: str) -> Tensor:
    """Return the numbers of the grid whose label begins with `label`."""
    found = place.locator(f".ex-grid[aria-label^='{label}']")
    rows, columns = numbers(str(found.get_attribute("aria-label")).rsplit(",", 1)[1])
    cells = found.locator(".ex-cell > *").evaluate_all("c => c.map(e => e.value || e.textContent)")
    values = [float(cell.replace("\N{MINUS SIGN}", "-")) for cell in cells]
    return torch.tensor(values).reshape(int(rows), int(columns))


PARTS = ("channel", "slice")


def small(name: str) -> Tensor:
    """Return a photograph as the page has it: half as long on each side, 8 bits."""
    half = torch.nn.functional.avg_pool2d(ref.photograph(name)[None], 2)[0]
    return (half * 255).round() / 255


def test_the_stepper_opens_on_19_and_steps_through_the_four_sums_by_keyboard(
    context: BrowserContext,
) -> None:
    """The arrow keys move from output to output; each sum is written out."""
    tab, place = visit(context, "window-stepper")
    said = [readout(place)]
    place.locator("[aria-label^='Y,'] button[tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        tab.keyboard.press(key)
        said.append(readout(place))

    assert said[0] == "Y[0, 0] = 0·0 + 1·1 + 3·2 + 4·3 = 19"
    assert said[1] == "Y[0, 1] = 1·0 + 2·1 + 4·2 + 5·3 = 25"
    assert said[2] == "Y[1, 1] = 4·0 + 5·1 + 7·2 + 8·3 = 43"
    assert said[3] == "Y[1, 0] = 3·0 + 4·1 + 6·2 + 7·3 = 37"
    assert grid(place, "Y,").tolist() == [[19, 25], [37, 43]]


def test_the_stepper_computes_anew_what_the_keyboard_changes(context: BrowserContext) -> None:
    """A pixel is typed over, the padding and the dilation are raised, as keys do it."""
    tab, place = visit(context, "window-stepper")
    place.locator("[aria-label^='X row 0, column 0']").focus()
    for key in ("ArrowRight", "ArrowDown"):
        tab.keyboard.press(key)
    tab.keyboard.type("-7.5")
    for label in ("padding", "dilation"):
        place.locator("label", has_text=label).locator("input").focus()
        tab.keyboard.press("ArrowUp")
    X, K = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
    X[1, 1] = -7.5

    expected = ref.conv2d_general(X, K, padding=1, dilation=2)
    assert torch.equal(grid(place, "Y,"), expected)
    assert "⌊(3 + 2·1 − 2·(2 − 1) − 1) / 1⌋ + 1 = 3" in str(place.text_content())


@pytest.mark.parametrize("seed", range(6))
def test_the_stepper_shows_outputs_sizes_and_unread_pixels(
    context: BrowserContext, seed: int
) -> None:
    """For random images and options, against the reference."""
    rng = random.Random(seed)
    (H, W), (h, w) = (rng.randint(4, 9), rng.randint(4, 9)), (rng.randint(1, 3), rng.randint(1, 3))
    p, s, d = rng.randint(0, 2), rng.randint(1, 4), rng.randint(1, 2)
    X = torch.tensor([[float(rng.randint(-9, 9)) for _ in range(W)] for _ in range(H)])
    K = torch.tensor([[float(rng.randint(-5, 5)) for _ in range(w)] for _ in range(h)])
    given = {"X": X, "K": K}
    parts = [
        f"{k}=" + "_".join(",".join(map(str, r)) for r in m.tolist()) for k, m in given.items()
    ]
    size = f"height={H}&width={W}&kernel_height={h}&kernel_width={w}"
    state = f"{size}&{'&'.join(parts)}&padding={p}&stride={s}&dilation={d}&bias=2"
    _, place = visit(context, "window-stepper", state)
    options = {"padding": p, "stride": s, "dilation": d}
    read = [
        {x for window in ref.positions_read(n, k, **options) for x in window}
        for n, k in ((H, h), (W, w))
    ]
    hatched = (H + 2 * p) * (W + 2 * p) - len(read[0]) * len(read[1])

    assert torch.equal(grid(place, "Y,"), ref.conv2d_general(X, K, p, s, d) + 2)
    assert place.locator(".ex-unread").count() == hatched
    left = [ref.unread(n, k, **options) for n, k in ((H, h), (W, w))]
    assert numbers(" ".join(place.locator(".ex-rest").all_text_contents())) == [
        x for x in left if x
    ]


def test_a_row_of_the_toeplitz_matrix_is_a_window_and_a_column_a_pixel(
    context: BrowserContext,
) -> None:
    """By mouse and by keyboard: the row's window and the outputs that the pixel feeds."""
    tab, place = visit(context, "window-stepper")
    matrix = place.locator(".ex-matrix")
    matrix.scroll_into_view_if_needed()
    box = matrix.bounding_box()
    T = ref.toeplitz(torch.arange(1.0, 5.0).reshape(2, 2), (3, 3))  # no zero elements
    assert box
    for row, column in ((3, 4), (1, 1), (2, 8)):
        x, y = (
            box["x"] + box["width"] * (column + 0.5) / 9,
            box["y"] + box["height"] * (row + 0.5) / 4,
        )
        tab.mouse.move(x, y)
        inside, fed = (
            place.locator(f"[aria-label^='{name},'] .ex-cell").evaluate_all(
                f"c => c.map(e => e.classList.contains('{mark}'))"
            )
            for name, mark in (("X", "ex-inside"), ("Y", "ex-pointed"))
        )
        assert inside == (T[row] != 0).tolist()
        assert fed == (T[:, column] != 0).tolist()
    tab.mouse.move(0, 0)
    matrix.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        tab.keyboard.press(key)

    assert readout(place).startswith("Y[0, 1] = ")
    assert readout(place).endswith("X[0, 1] feeds Y[0, 0], Y[0, 1]")


def test_a_kernel_that_does_not_fit_is_told_and_not_an_error(context: BrowserContext) -> None:
    """The stepper and the builder say in words that there is no output."""
    _, place = visit(context, "window-stepper", "height=2&width=2&kernel_height=5")
    _, other = visit(context, "receptive-field-builder", "preset=custom&n=2&layers=3,1,1,0")

    assert readout(place).startswith("No output: kernel spans 5 pixels")
    assert readout(other).startswith("No output: layer 1: kernel spans 3 pixels")


KERNELS = {
    "vertical": ref.edge_kernels()[0],
    "horizontal": ref.edge_kernels()[1],
    "second": ref.second_derivative_kernel(),
    "identity": torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "box": ref.box_blur(3),
    "gaussian": ref.gaussian_blur(1.0, 3),
    "sharpen": torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "sobel_down": ref.sobel()[0],
    "sobel_right": ref.sobel()[1],
    "prewitt_down": ref.prewitt()[0],
    "prewitt_right": ref.prewitt()[1],
    "scharr_down": ref.scharr()[0],
    "scharr_right": ref.scharr()[1],
    "laplacian4": ref.laplacian(4),
    "laplacian8": ref.laplacian(8),
    "log": ref.laplacian_of_gaussian(1.0, 3),
    "direction": ref.directional_kernel((math.cos(math.pi / 4), math.sin(math.pi / 4))),
}


def test_the_lab_s_presets_give_the_reference_s_response_rank_and_cost(
    context: BrowserContext,
) -> None:
    """Each preset on the camera: probed value, range, rank and products a pixel."""
    _, place = visit(context, "kernel-lab", "image=camera&row=40&column=30")
    X = small("camera")
    menu = place.locator("select").nth(1)
    offered = menu.locator("option").evaluate_all("all => all.map(o => o.value)")
    for preset, K in KERNELS.items():
        menu.select_option(preset)
        Y, (h, w) = ref.corr2d(X, K), K.shape
        rank = int(torch.linalg.matrix_rank(K, rtol=1e-5))
        i, j, value, rows, columns, low, high = numbers(readout(place))
        facts = str(place.locator(".ex-facts").text_content())

        assert (i, j, rows, columns) == (40, 30, *Y.shape)
        shown = torch.tensor([value, low, high])
        assert torch.allclose(shown, torch.stack([Y[40, 30], Y.min(), Y.max()]), atol=6e-4), preset
        assert f"rank {rank}, {h}×{w} elements" in facts
        assert f"{h * w} products a pixel" in facts
        if h > 1 and w > 1:
            assert f": {rank * (h + w)} products a pixel" in facts
    assert set(offered) - set(KERNELS) == {"custom"}


def test_the_lab_opens_on_the_stripes_and_shows_signs_three_ways(context: BrowserContext) -> None:
    """At white→black and black→white: red and blue, gray and gray, white and black."""
    tab, place = visit(context, "kernel-lab")
    look = """e => [1, 5, 3].map(x => [...e.getContext('2d').getImageData(x, 2, 1, 1).data])"""
    colors = {}
    for way in ("signed", "absolute", "clamped"):
        place.locator(f"input[value={way}]").focus()
        tab.keyboard.press("Space")
        colors[way] = place.locator("canvas").nth(1).evaluate(look)
    place.locator("canvas").nth(1).focus()
    for _ in range(4):
        tab.keyboard.press("ArrowRight")

    assert [c[:3] for c in colors["signed"]] == [[103, 0, 31], [5, 48, 97], [247, 247, 247]]
    assert [c[0] for c in colors["absolute"]] == [255, 255, 0]
    assert [c[0] for c in colors["clamped"]] == [255, 0, 0]
    assert readout(place).startswith("Y[0, 5] = -1, shown as 0.")


def test_the_dial_turns_and_an_edited_element_changes_rank_and_cost(
    context: BrowserContext,
) -> None:
    """The dial answers to keys and to the pointer; Sobel's kernel of rank 1 gets rank 2."""
    tab, place = visit(context, "kernel-lab", "preset=direction&image=brick")
    place.locator(".ex-compass input").focus()
    for _ in range(9):
        tab.keyboard.press("ArrowRight")
    assert torch.allclose(grid(place, "K,"), ref.directional_kernel((0, 1)), atol=0.006)
    dial = place.locator(".ex-dial")
    dial.scroll_into_view_if_needed()
    box = dial.bounding_box()
    assert box
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 2)
    tab.mouse.down()
    tab.mouse.up()
    assert torch.allclose(grid(place, "K,"), ref.directional_kernel((-1, 0)), atol=0.006)
    place.locator("select").nth(1).select_option("sobel_right")
    place.locator("[aria-label^='K row 0, column 0']").fill("3")
    tab.keyboard.press("Tab")

    K = ref.sobel()[1]
    K[0, 0] = 3
    assert torch.equal(grid(place, "K,"), K)
    rank = int(torch.linalg.matrix_rank(K))
    assert f"rank {rank}, 3×3" in str(place.locator(".ex-facts").text_content())


def test_the_reader_s_own_image_is_read_in_the_page(context: BrowserContext) -> None:
    """An uploaded picture becomes the image; the context would see any request."""
    _, place = visit(context, "kernel-lab")
    levels = torch.tensor([[0, 50, 255, 20], [10, 255, 90, 0], [7, 7, 200, 30]], dtype=torch.uint8)
    picture = io.BytesIO()
    Image.frombytes("L", (4, 3), bytes(levels.flatten().tolist())).save(picture, format="PNG")
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    place.locator("input[type=file]").set_input_files(file)
    place.locator("canvas[aria-label*='3 by 4 pixels']").wait_for()
    Y = ref.corr2d(levels / 255, ref.edge_kernels()[0])

    _, _, value, _, _, low, high = numbers(readout(place))
    expected = torch.stack([Y[0, 1], Y.min(), Y.max()])
    assert torch.allclose(torch.tensor([value, low, high]), expected, atol=6e-4)
    file["buffer"] = b"no picture"
    place.locator("input[type=file]").set_input_files(file)
    place.locator("text=could not be read").wait_for()


def run(X: Tensor, start: list[float], lr: float, steps: int) -> tuple[Tensor, float]:
    """Return the kernel after the steps, and its loss."""
    Y = ref.corr2d(X, ref.edge_kernels()[0].to(X))
    K, _ = ref.descend(X.double(), Y.double(), torch.tensor([start]).double(), lr=lr, steps=steps)
    return K, float((ref.corr2d(X.double(), K) - Y).square().sum())


def told(place: Locator) -> tuple[int, Tensor, float]:
    """Return steps, kernel and loss as the learning lab tells them."""
    steps, a, b, loss = numbers(readout(place))[:4]
    return int(steps), torch.tensor([[a, b]]).double(), loss


def test_the_learning_lab_descends_as_the_reference_does(context: BrowserContext) -> None:
    """At the chapter's rate, and beyond the bound after the slider is moved by keys."""
    tab, place = visit(context, "learning-lab")
    K, loss = run(ref.stripes(), [1.3, 0.7], 0.03, 10)
    steps, shown, shown_loss = told(place)
    assert steps == 10
    assert torch.allclose(shown, K, atol=6e-4)
    assert abs(shown_loss - loss) < 6e-4
    assert str(place.locator(".ex-bound").text_content()) == "bound 0.0333"
    assert "η is at 90 % of the bound" in readout(place)
    rate, count = (
        place.locator("input[type=range]").nth(0),
        place.locator("input[type=range]").nth(1),
    )
    rate.focus()
    for _ in range(16):
        tab.keyboard.press("ArrowRight")
    count.focus()
    for _ in range(5):
        tab.keyboard.press("ArrowRight")

    K, loss = run(ref.stripes(), [1.3, 0.7], 0.038, 15)
    steps, shown, shown_loss = told(place)
    assert steps == 15
    assert torch.allclose(shown, K, rtol=1e-3, atol=6e-4)
    assert math.isclose(shown_loss, loss, rel_tol=1e-3)
    assert "η is at 114 % of the bound" in readout(place)


def test_the_learning_lab_s_noise_is_a_bowl_with_its_own_bound(context: BrowserContext) -> None:
    """The page's noise, given to the reference: bound, eigenvalues, solution, the path's end."""
    tab, place = visit(context, "learning-lab")
    place.locator("input[value=noise]").focus()
    tab.keyboard.press("Space")
    place.locator(".ex-surface").focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp"):
        tab.keyboard.press(key)
    X = torch.tensor(tab.evaluate("globalThis.convolutions.core.noise(6, 8, 1)")).double()
    largest = ref.largest_stable_lr(X, (1, 2))
    K, _ = run(X, [1.1, 0.8], 0.03, 10)
    values = torch.linalg.eigvalsh(ref.normal_matrix(X, (1, 2)))

    assert torch.allclose(told(place)[1], K, rtol=1e-3, atol=6e-4)
    assert abs(numbers(str(place.locator(".ex-bound").text_content()))[0] - largest) < 6e-5
    facts = str(place.locator(".ex-facts").text_content())
    assert f"eigenvalues {float(values[1]):.1f} and {float(values[0]):.1f}" in facts
    assert float(values[1] / values[0]) < 2 < 5  # rounder than the stripes' valley
    assert "least-squares kernel (the cross): [1, −1]" in facts


@pytest.mark.parametrize("context", [{"reduced_motion": "reduce"}, {}], indirect=True)
def test_steps_are_played_one_by_one_only_where_motion_is_welcome(
    context: BrowserContext,
) -> None:
    """With reduced motion the whole path stays on screen; otherwise it starts from its start."""
    tab, place = visit(context, "learning-lab")
    still = tab.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
    dots = place.locator(".ex-surface .ex-dots circle")
    place.locator("button", has_text="Play").focus()
    tab.keyboard.press("Enter")
    first = dots.count()

    assert first == 11 if still else first < 5
    tab.wait_for_function("document.querySelectorAll('.ex-surface .ex-dots circle').length == 11")
    assert readout(place).startswith("After 10 steps")


def test_the_flip_explorer_computes_the_four_operations(context: BrowserContext) -> None:
    """On the impulse, moved by keys, and as learned kernels, for two kernels without symmetry."""
    tab, place = visit(context, "flip-explorer")
    place.locator("[aria-label^='impulse,'] button[aria-pressed=true]").focus()
    tab.keyboard.press("ArrowLeft")
    impulse = torch.zeros(5, 6)
    impulse[2, 2] = 1
    moves = {
        "correlation": lambda K: K,
        "convolution": ref.flip,
        "one-axis flip": lambda K: K.flip(1),
        "transpose": lambda K: K.t(),
    }
    for kernel, K in (
        ("L", torch.tensor([[1.0, 0], [2, 0], [3, 4]])),
        ("numbers", torch.tensor([[0.0, 1], [2, 3]])),
    ):
        place.locator("select").first.select_option(kernel)
        for name, move in moves.items():
            assert torch.equal(grid(place, f"{name}, laid"), move(K))
            assert torch.equal(grid(place, f"{name}, answer"), ref.corr2d(impulse, move(K)))
            assert torch.allclose(grid(place, f"{name}, learned"), move(K), atol=1e-3)
    assert "correlation learns [[0, 1], [2, 3]], convolution learns [[3, 2], [1, 0]]" in readout(
        place
    )
    assert torch.equal(grid(place, "convolution, answer"), ref.conv2d(impulse, K))
    place.locator("select").first.select_option("cross")
    assert "the same as: convolution, one-axis flip, transpose" in readout(place)
    place.locator("select").first.select_option("edge")
    assert "none of the other three" in readout(place)


def table(place: Locator) -> list[list[int]]:
    """Return map, size, jump and start of each layer, as the table shows them."""
    rows = place.locator(".ex-layers tbody tr").all()
    results = [row.locator("td[data-name]:not(:has(input))").all_text_contents() for row in rows]
    return [[int(x.replace("\N{MINUS SIGN}", "-")) for x in row] for row in results]


def test_the_builder_s_presets_have_the_published_fields(context: BrowserContext) -> None:
    """Two 2×2 see 3; dilations 2-2-2 touch 7 of 13, 1-2-3 all 13; VGG-16 has 212 and jump 32."""
    _, place = visit(context, "receptive-field-builder")
    menu = place.locator("select").first

    assert readout(place).startswith("Size 3, jump 1, start 0.")
    assert "9 pixels can affect" in readout(place)
    menu.select_option("same")
    assert "7 of 13 positions along an axis are touched; 49 pixels" in readout(place)
    menu.select_option("growing")
    assert "13 of 13 positions along an axis are touched; 169 pixels" in readout(place)
    menu.select_option("vgg")
    assert readout(place).startswith(
        "Size 212, jump 32, start -90. Unit (0, 0) sees rows -90 to 121"
    )
    assert [row[1:] for row in table(place)] == [list(g) for g in ref.trace(VGG_16)[1:]]
    assert table(place)[-1][0] == 7


def test_layers_are_added_edited_reordered_and_removed_by_keyboard(
    context: BrowserContext,
) -> None:
    """After each change the table, the region of the chosen unit and its σ are the reference's."""
    tab, place = visit(
        context, "receptive-field-builder", "preset=custom&n=30&layers=3,2,1,1_2,1,2,0"
    )
    layers = [(3, 2, 1, 1), (2, 1, 2, 0)]

    def agrees() -> None:
        size, jump, start = ref.trace(layers)[-1]
        assert [row[1:] for row in table(place)] == [list(g) for g in ref.trace(layers)[1:]]
        said = numbers(readout(place))
        assert said[:3] == [size, jump, start]
        row, column = int(said[3]), int(said[4])
        first, last = ref.input_region(layers, row), ref.input_region(layers, column)
        assert said[5:9] == [*first, *last]
        weights = torch.zeros(size, dtype=torch.float64)
        weights[ref.touched([layer[:3] for layer in layers])] = 1
        if len({k for k, *_ in layers}) == 1 and all(layer[1:3] == (1, 1) for layer in layers):
            weights = ref.influence(len(layers), layers[0][0])
            assert abs(said[-2] - spread(weights)) < 6e-3

    agrees()
    place.locator("button", has_text="Add a layer").focus()
    tab.keyboard.press("Enter")
    layers.append((3, 1, 1, 0))
    agrees()
    place.locator("[aria-label='Move up layer 3']").focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    layers.insert(0, layers.pop())
    agrees()
    place.locator("[aria-label='dilation of layer 1']").focus()
    tab.keyboard.press("ArrowUp")
    layers[0] = (3, 1, 2, 0)
    agrees()
    output = place.locator("canvas").first
    output.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        tab.keyboard.press(key)
    assert "Unit (2, 1)" in readout(place)
    agrees()
    place.locator("[aria-label='Remove layer 2']").focus()
    tab.keyboard.press("Enter")
    layers.pop(1)
    agrees()


def test_a_click_on_an_output_marks_its_region_on_the_input(context: BrowserContext) -> None:
    """The orange box lies where `input_region` says, padding included."""
    tab, place = visit(context, "receptive-field-builder", "preset=padded")
    output = place.locator("canvas").first
    output.scroll_into_view_if_needed()
    box = output.bounding_box()
    assert box
    tab.mouse.click(box["x"] + 0.1 * box["width"], box["y"] + 0.9 * box["height"])  # unit (4, 0)
    layers = [(3, 2, 1, 1), (3, 1, 1, 1)]
    low, high = ref.input_region(layers, 0)[0], ref.input_region(layers, 4)[1]
    side = high - low + 1
    style = place.locator("canvas[aria-label^='Input'] ~ .ex-spot").last
    shares = style.evaluate(
        "e => ['top', 'left', 'height', 'width'].map(k => parseFloat(e.style[k]))"
    )
    (top, bottom), (left, right) = ref.input_region(layers, 4), ref.input_region(layers, 0)

    expected = [100 * x / side for x in (top - low, left - low, bottom - top + 1, right - left + 1)]
    assert shares == pytest.approx(expected, abs=1e-3)


def test_the_channel_explorer_sums_slices_and_pools_as_the_reference_does(
    context: BrowserContext,
) -> None:
    """A pixel and an element are typed over, channels added, the sum pooled, another one chosen."""
    tab, place = visit(context, "channel-explorer")
    for label in ("channel 1 row 2, column 4", "slice 1 row 0, column 2"):
        place.locator(f"[aria-label^='{label}']").fill("-2.5")
        tab.keyboard.press("Tab")
    place.locator(".ex-number input").focus()
    tab.keyboard.press("ArrowUp")
    for pool in ("max", "mean"):
        place.locator(f"input[value={pool}]").focus()
        tab.keyboard.press("Space")
        X, K = (torch.stack([grid(place, f"{what} {c},") for c in range(3)]) for what in PARTS)
        Y = ref.corr2d_multi(X, K)

        assert (float(X[1, 2, 4]), float(K[1, 0, 2])) == (-2.5, -2.5)
        assert torch.equal(grid(place, "part 1,"), ref.corr2d(X[1], K[1]))
        assert torch.equal(grid(place, "Y,"), Y)
        assert torch.allclose(grid(place, "P,"), ref.pool2d(Y, 2, mode=pool), atol=6e-3)
    place.locator("[aria-label^='P,'] button[tabindex='0']").focus()
    tab.keyboard.press("ArrowRight")
    said, mean = readout(place), float(Y[:2, 2:].mean())
    terms = [float(a) * float(b) for a, b in re.findall(r"(-?[\d.]+)\)?·\(?(-?[\d.]+)", said)]
    assert len(terms) == 27
    assert said.startswith("Y[0, 2], channel 0: ")
    assert sum(terms) == float(Y[0, 2])
    assert numbers(said.rsplit("P[0, 1]", 1)[1])[-1] == pytest.approx(mean, abs=6e-4)


def test_a_kernel_of_one_pixel_mixes_channels_and_costs_a_ninth(context: BrowserContext) -> None:
    """Three channels, three weights; alike slices of opposed channels find no edge."""
    tab, place = visit(context, "channel-explorer", "channels=3&size=1")
    X = torch.stack([grid(place, f"channel {c},") for c in range(3)])
    Y = ref.conv1x1(X, torch.tensor([[1.0, -1.0, 2.0]]))[0]
    costs = [ref.layer_costs((3, 6, 6), (k, k), 1) for k in (1, 3)]
    facts = place.locator(".ex-facts")

    assert torch.equal(grid(place, "Y,"), Y)
    assert f", {costs[0][0]}. " in str(facts.text_content())
    assert str(facts.text_content()).endswith(f" {costs[0][1]}.")
    place.locator("input[value='3']").focus()
    tab.keyboard.press("Space")
    assert f", {costs[1][0]}. " in str(facts.text_content())
    assert str(facts.text_content()).endswith(f" {costs[1][1]}.")
    place.locator(".ex-number input").focus()
    tab.keyboard.press("ArrowDown")
    place.locator("select").select_option("alike")
    assert not grid(place, "Y,").any()
