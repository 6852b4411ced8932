"""`torch.nn.init`: first values of parameters, written in place."""

from __future__ import annotations

import math
from typing import Any

from torch._graph import no_grad
from torch._missing import module_getattr
from torch._tensor import Tensor

__getattr__ = module_getattr("torch.nn.init")
GAINS = {"linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "sigmoid": 1.0,
         "tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 0.75}  # fmt: skip


def _writer(name: str) -> Any:
    def operation(tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        with no_grad():
            return getattr(tensor, name)(*args, **kwargs)

    return operation


zeros_, constant_ = _writer("zero_"), _writer("fill_")


def ones_(tensor: Tensor) -> Tensor:
    """Write ones."""
    return constant_(tensor, 1.0)


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Write random numbers from `a` up to `b`."""
    return _writer("uniform_")(tensor, a, b, generator=generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Write normal numbers."""
    return _writer("normal_")(tensor, mean, std, generator=generator)


def eye_(tensor: Tensor) -> Tensor:
    """Write ones where row and column are equal, zeros elsewhere."""
    from torch._creation import eye

    with no_grad():
        return tensor.copy_(eye(*tensor.shape))


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor by which PyTorch widens first values before an activation."""
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in GAINS:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}")
    return GAINS[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """Return how many numbers an output sums, and how many outputs a number goes into."""
    if len(tensor.shape) < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        )
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    fan_in, fan_out = fans(tensor)
    fan = {"fan_in": fan_in, "fan_out": fan_out}[mode]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:  # fmt: skip
    """Write random numbers that keep the size of signals (He et al., 2015)."""
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:  # fmt: skip
    """Write normal numbers that keep the size of signals (He et al., 2015)."""
    return normal_(tensor, 0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Write random numbers that keep the size of signals both ways (Glorot and Bengio, 2010)."""
    bound = math.sqrt(3.0) * gain * math.sqrt(2.0 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Write normal numbers that keep the size of signals both ways (Glorot and Bengio, 2010)."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(fans(tensor))), generator)
