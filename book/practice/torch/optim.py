"""`torch.optim`: gradient descent, with momentum where asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from torch._graph import enable_grad, no_grad
from torch._missing import lacks, module_getattr
from torch._tensor import Tensor

__getattr__ = module_getattr("torch.optim")


class Optimizer:
    """What changes parameters by their gradients."""

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                "but got torch.FloatTensor"
            )
        given = list(params)
        if not given:
            raise ValueError("optimizer got an empty parameter list")
        groups = given if isinstance(given[0], dict) else [{"params": given}]
        self.param_groups = [
            {**defaults, **group, "params": list(group["params"])} for group in groups
        ]
        self.state: dict[Tensor, Any] = {}
        for x in (x for group in self.param_groups for x in group["params"]):
            if not isinstance(x, Tensor):
                raise TypeError(
                    f"optimizer can only optimize Tensors, but one of the params is "
                    f"{type(x).__name__}"
                )
            if not x.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for group in self.param_groups:
            for x in group["params"]:
                if x.grad is not None:
                    x.grad = None if set_to_none else x.grad.detach() * 0

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change each parameter by its gradient."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                for x in group["params"]:
                    if x.grad is not None:
                        self._change(x, group)
        return loss

    def _change(self, x: Tensor, group: dict[str, Any]) -> None:
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent."""

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, momentum: float = 0, dampening: float = 0,
        weight_decay: float = 0, nesterov: bool = False, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if nesterov or dampening:
            lacks("torch.optim.SGD with nesterov or dampening")
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay,
                                  "maximize": maximize})  # fmt: skip

    def _change(self, x: Tensor, group: dict[str, Any]) -> None:
        g = -x.grad if group["maximize"] else x.grad
        if group["weight_decay"]:
            g = g + group["weight_decay"] * x.detach()
        if group["momentum"]:
            before = self.state.get(x)
            g = g.clone() if before is None else group["momentum"] * before + g
            self.state[x] = g
        x.sub_(group["lr"] * g)


class Adam(Optimizer):
    """Gradient descent with a rate for each number (Kingma and Ba, 2015)."""

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:  # fmt: skip
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    def _change(self, x: Tensor, group: dict[str, Any]) -> None:
        step, mean, square = self.state.get(x, (0, x.grad * 0, x.grad * 0))
        one, two = group["betas"]
        step, mean = step + 1, one * mean + (1 - one) * x.grad
        square = two * square + (1 - two) * x.grad * x.grad
        self.state[x] = step, mean, square
        size = (square / (1 - two**step)).sqrt() + group["eps"]
        x.sub_(group["lr"] / (1 - one**step) * mean / size)
