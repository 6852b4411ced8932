"""What the stand-in says of itself, and of what it lacks."""

from __future__ import annotations

import inspect

import pytest
import torch
from standin import PRACTICE, StandIn
from torch import nn

OWNERS = {
    "torch": torch, "torch.Tensor": torch.Tensor, "torch.nn": nn, "torch.nn.Module": nn.Module,
    "torch.nn.functional": nn.functional, "torch.nn.init": nn.init, "torch.linalg": torch.linalg,
    "torch.fft": torch.fft, "torch.autograd": torch.autograd, "torch.func": torch.func,
    "torch.autograd.functional": torch.autograd.functional, "torch.optim": torch.optim,
    "torch.random": torch.random,
}  # fmt: skip


def said(there: StandIn, code: str) -> dict[str, object]:
    """Return what statements leave there, or raise."""
    (reply,) = there.ask(codes=[code], given={})
    return dict(reply)


def test_the_version_says_that_it_is_a_stand_in(there: StandIn) -> None:
    """`torch.__version__` names the release that it follows, and that it is not that release."""
    release = torch.__version__.partition("+")[0]

    assert said(there, "result = torch.__version__") == {
        "value": f"{release}+stand-in-for-the-page"
    }


LACKING = """
torch.stft
torch.zeros(2).cuda()
nn.LSTM(1, 1)
F.grid_sample
torch.linalg.eig(torch.eye(2))
torch.zeros(2).numpy()
torch.zeros(2, device='cuda')
nn.Conv2d(1, 1, 1).half()
"""
SWALLOWED = "try:\n    torch.zeros(2).istft()\nexcept Exception:\n    result = 0"


@pytest.mark.parametrize("code", [*LACKING.strip().splitlines(), SWALLOWED])
def test_what_it_lacks_names_the_notebook(there: StandIn, code: str) -> None:
    """A name that PyTorch has raises one sentence, which `except Exception` does not catch."""
    reply = said(there, code)

    assert set(reply) == {"lacking"}
    assert str(reply["lacking"]).endswith(
        "run this task in its notebook, where PyTorch itself answers."
    )


@pytest.mark.parametrize("code", ["torch.zeroes", "torch.zeros(2).shpae", "F.conv2", "nn.Conv"])
def test_a_misspelled_name_is_the_error_of_torch(there: StandIn, code: str) -> None:
    """A name that PyTorch lacks too raises its `AttributeError`, word for word."""
    with pytest.raises(AttributeError) as raised:
        exec(code, {"torch": torch, "F": nn.functional, "nn": nn})
    reply = said(there, code)

    assert reply["message"] == str(raised.value)
    assert reply["errors"][0] == "AttributeError"  # type: ignore[index]


def test_it_knows_the_names_of_the_release_that_is_pinned() -> None:
    """The list of PyTorch's names is that of the version in the lock."""
    lines = (PRACTICE / "torch" / "names.txt").read_text(encoding="utf-8").splitlines()
    known = {owner: names.split() for owner, _, names in (line.partition(": ") for line in lines)}

    for owner, value in OWNERS.items():
        names = {name for name in dir(value) if not name.startswith("_")}
        more = names - {*known[owner]}  # modules that something else has imported by now

        assert {*known[owner]} <= names, owner
        assert all(inspect.ismodule(getattr(value, name)) for name in more), owner
    assert known.keys() == OWNERS.keys()
