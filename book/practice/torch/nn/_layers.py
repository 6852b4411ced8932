"""Layers of `torch.nn` that the course meets."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

from torch._creation import empty
from torch._missing import lacks
from torch._tensor import Tensor
from torch.nn import functional as F
from torch.nn import init
from torch.nn._module import Module, Parameter

Each = Any


class _Convolution(Module):
    rank, transposed = 2, False

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Each, stride: Each = 1,
        padding: Any = 0, dilation: Each = 1, groups: int = 1, bias: bool = True,
        padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._check(in_channels, out_channels, groups, padding)
        if padding_mode != "zeros":
            lacks(f"a convolution with padding_mode={padding_mode!r}")
        n = self.rank
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = F.each(kernel_size, n, ""), F.each(stride, n, "")
        self.padding = padding if isinstance(padding, str) else F.each(padding, n, "")
        self.dilation, self.padding_mode = F.each(dilation, n, ""), padding_mode
        self.output_padding = (0,) * n
        if padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError("padding='same' is not supported for strided convolutions")
        shape = out_channels, in_channels // groups, *self.kernel_size
        self.weight = Parameter(empty(shape, dtype=dtype))
        if bias:
            self.bias = Parameter(empty(out_channels, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _check(self, in_channels: int, out_channels: int, groups: int, padding: Any) -> None:
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise ValueError(f"Invalid padding string {padding!r}, should be one of same, valid")

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None and init.fans(self.weight)[0]:
            bound = 1 / math.sqrt(init.fans(self.weight)[0])
            init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        """Return the correlation with the weights, plus the bias."""
        return F._convolution(x, self.weight, self.bias, self.stride, self.padding, self.dilation,
                              self.groups, self.rank)  # fmt: skip

    def extra_repr(self) -> str:
        """Return the sizes and the options that are not usual."""
        n = self.rank
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        text += f", stride={self.stride}"
        if self.padding != (0,) * n:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * n:
            text += f", dilation={self.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        return text if self.bias is not None else text + ", bias=False"


class Conv1d(_Convolution):
    """Correlation along one axis."""

    rank = 1


class Conv2d(_Convolution):
    """Correlation along two axes."""


class Conv3d(_Convolution):
    """Correlation along three axes."""

    rank = 3


class Linear(Module):
    """A matrix times what comes in, plus a bias."""

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(empty(out_features, in_features, dtype=dtype))
        if bias:
            self.bias = Parameter(empty(out_features, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        """Return x·Wᵀ + b."""
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return (f"in_features={self.in_features}, out_features={self.out_features}, "
                f"bias={self.bias is not None}")  # fmt: skip


class _Pool(Module):
    def __init__(self, kernel_size: Each, stride: Each = None, padding: Each = 0) -> None:
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = stride if stride is not None else kernel_size


class _MaxPool(_Pool):
    rank = 2

    def __init__(
        self, kernel_size: Each, stride: Each = None, padding: Each = 0, dilation: Each = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(kernel_size, stride, padding)
        self.dilation, self.return_indices, self.ceil_mode = dilation, return_indices, ceil_mode

    def forward(self, x: Tensor) -> Tensor:
        """Return the largest element of each window."""
        return F._max_pool(x, self.kernel_size, self.stride, self.padding, self.dilation,
                           self.ceil_mode, self.return_indices, self.rank)  # fmt: skip

    def extra_repr(self) -> str:
        """Return the options."""
        return (f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
                f"dilation={self.dilation}, ceil_mode={self.ceil_mode}")  # fmt: skip


class MaxPool1d(_MaxPool):
    """The largest element of each window of one axis."""

    rank = 1


class MaxPool2d(_MaxPool):
    """The largest element of each window of two axes."""


class _AvgPool(_Pool):
    rank = 2

    def __init__(
        self, kernel_size: Each, stride: Each = None, padding: Each = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(kernel_size, stride, padding)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of each window."""
        return F._avg_pool(x, self.kernel_size, self.stride, self.padding, self.ceil_mode,
                           self.count_include_pad, self.divisor_override, self.rank)  # fmt: skip

    def extra_repr(self) -> str:
        """Return the options."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """The mean of each window of one axis."""

    rank = 1


class AvgPool2d(_AvgPool):
    """The mean of each window of two axes."""


def _activation(name: str, function: Any) -> type[Module]:
    class Activation(Module):
        """An activation function as a module."""

        def __init__(self, inplace: bool = False) -> None:
            super().__init__()
            self.inplace = inplace

        def forward(self, x: Tensor) -> Tensor:
            return x.copy_(function(x)) if self.inplace else function(x)

        def extra_repr(self) -> str:
            return "inplace=True" if self.inplace else ""

    Activation.__name__ = Activation.__qualname__ = name
    return Activation


ReLU = _activation("ReLU", F.relu)
ReLU6 = _activation("ReLU6", F.relu6)
Sigmoid, Tanh = _activation("Sigmoid", F.sigmoid), _activation("Tanh", F.tanh)
Softplus = _activation("Softplus", F.softplus)


class LeakyReLU(Module):
    """Positive elements as they are, others times a slope."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, x: Tensor) -> Tensor:
        """Return the elements, bent at 0."""
        return F.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        """Return the slope."""
        return f"negative_slope={self.negative_slope}"


class Softmax(Module):
    """Exponentials along an axis, divided by their sum."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers whose sum along the axis is 1."""
        return F.softmax(x, self.dim)

    def extra_repr(self) -> str:
        """Return the axis."""
        return f"dim={self.dim}"


class Identity(Module):
    """What comes in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        """Return what comes in."""
        return x


class Flatten(Module):
    """Axes joined into one."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Tensor) -> Tensor:
        """Return the tensor with the axes joined."""
        return x.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Return the axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class ZeroPad2d(Module):
    """A frame of zeros."""

    def __init__(self, padding: Each) -> None:
        super().__init__()
        self.padding = (padding,) * 4 if isinstance(padding, int) else tuple(padding)

    def forward(self, x: Tensor) -> Tensor:
        """Return the framed tensor."""
        return F.pad(x, self.padding)

    def extra_repr(self) -> str:
        """Return the widths."""
        return f"{self.padding}"


class _Loss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction


class MSELoss(_Loss):
    """Squared differences."""

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """Return their mean or sum."""
        return F.mse_loss(x, target, self.reduction)


class L1Loss(_Loss):
    """Absolute differences."""

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """Return their mean or sum."""
        return F.l1_loss(x, target, self.reduction)


class CrossEntropyLoss(_Loss):
    """The cross-entropy of scores with classes."""

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """Return its mean or sum."""
        return F.cross_entropy(x, target, self.reduction)


class Sequential(Module):
    """Modules one after the other."""

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = args[0] if len(args) == 1 and isinstance(args[0], OrderedDict) else None
        for key, module in (named or {str(i): m for i, m in enumerate(args)}).items():
            self.add_module(key, module)

    def forward(self, x: Any) -> Any:
        """Return what the last module makes of what the others made."""
        for module in self:
            x = module(x)
        return x

    def append(self, module: Module) -> Sequential:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, index: int | slice) -> Any:
        found = list(self._modules.values())[index]
        return type(self)(*found) if isinstance(index, slice) else found


class ModuleList(Module):
    """Modules in a list."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        for module in modules:
            self.append(module)

    def append(self, module: Module) -> ModuleList:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, index: int) -> Module:
        return list(self._modules.values())[index]


class ParameterList(Module):
    """Parameters in a list."""

    def __init__(self, values: Iterable[Tensor] = ()) -> None:
        super().__init__()
        for i, value in enumerate(values):
            self.register_parameter(
                str(i), value if isinstance(value, Parameter) else Parameter(value)
            )

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._parameters.values())

    def __len__(self) -> int:
        return len(self._parameters)

    def __getitem__(self, index: int) -> Parameter:
        return list(self._parameters.values())[index]
