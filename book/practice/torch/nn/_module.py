"""The module: parameters, buffers and modules by name, and what is done with all of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import _dtypes
from torch._graph import no_grad
from torch._missing import absent, lacks
from torch._tensor import ONLY_FLOATS, Tensor

KINDS = ("_parameters", "_buffers", "_modules")


class Parameter(Tensor):
    """A tensor that a module learns."""

    _is_parameter = True

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        if data is None:
            from torch._creation import empty

            data = empty(0)
        if not isinstance(data, Tensor):
            raise TypeError(f"Parameter expected a Tensor, but got {type(data).__name__}")
        if requires_grad and data.dtype.kind < _dtypes.FLOATING:
            raise RuntimeError(ONLY_FLOATS.capitalize().replace("tensors", "Tensors"))
        self._place(data._storage, data.shape, data._strides, data._start, data.dtype)
        self._flag = bool(requires_grad)


class Module:
    """What computes something with parameters: a layer, or layers put together."""

    training: bool

    def __init__(self) -> None:
        for kind in KINDS:
            object.__setattr__(self, kind, OrderedDict())
        object.__setattr__(self, "training", True)

    def forward(self, *args: Any) -> Any:
        """Compute the result; each module has its own."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, (Parameter, Module)):
            kind = "_parameters" if isinstance(value, Parameter) else "_modules"
            if kind not in own:
                what = "parameters" if isinstance(value, Parameter) else "module"
                raise AttributeError(f"cannot assign {what} before Module.__init__() call")
            for other in ("__dict__", *KINDS):
                (own if other == "__dict__" else own[other]).pop(name, None)
            own[kind][name] = value
            return
        for kind, what in zip(KINDS, ("parameter", "buffer", "child module"), strict=True):
            if name in own.get(kind, ()):
                self._replace(kind, what, name, value)
                return
        object.__setattr__(self, name, value)

    def _replace(self, kind: str, what: str, name: str, value: Any) -> None:
        if value is not None and not (kind == "_buffers" and isinstance(value, Tensor)):
            wanted = {
                "_parameters": "torch.nn.Parameter or None", "_modules": "torch.nn.Module or None",
                "_buffers": "torch.Tensor or None",
            }[kind]  # fmt: skip
            came = value.type_name() if isinstance(value, Tensor) else type(value).__name__
            raise TypeError(f"cannot assign '{came}' as {what} '{name}' ({wanted} expected)")
        self.__dict__[kind][name] = value

    def __getattr__(self, name: str) -> Any:
        for kind in KINDS:
            found = self.__dict__.get(kind, {})
            if name in found:
                return found[name]
        error = f"'{type(self).__name__}' object has no attribute '{name}'"
        return absent("torch.nn.Module", name, error)

    def __delattr__(self, name: str) -> None:
        for kind in KINDS:
            if name in self.__dict__[kind]:
                del self.__dict__[kind][name]
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(n for kind in KINDS for n in self.__dict__[kind])})

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under a name."""
        if "_parameters" not in self.__dict__:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        if param is not None and not isinstance(param, Parameter):
            came = param.type_name() if isinstance(param, Tensor) else type(param).__name__
            raise TypeError(
                f"cannot assign '{came}' object to parameter '{name}' (torch.nn.Parameter or None "
                "required)"
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that is kept, but not learned."""
        if not persistent:
            lacks("register_buffer(persistent=False)")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{type(tensor).__name__}' object to buffer '{name}' (torch Tensor "
                "or None required)"
            )
        self._buffers[name] = tensor

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a module under a name."""
        self._modules[name] = module

    register_module = add_module

    def _named(self, kind: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
            for name, value in module.__dict__[kind].items():
                if value is not None and id(value) not in seen:
                    seen.add(id(value))
                    yield (f"{path}.{name}" if path else name), value

    def named_parameters(
        self, prefix: str = "", recurse: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield each parameter once, with its path."""
        return self._named("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield each parameter once."""
        return (value for _, value in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Yield each buffer once, with its path."""
        return self._named("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield each buffer once."""
        return (value for _, value in self.named_buffers(recurse=recurse))

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = ""
    ) -> Iterator[tuple[str, Module]]:
        """Yield this module and those inside, each once, with its path."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """Yield this module and those inside, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules directly inside, with their names."""
        return ((name, module) for name, module in self._modules.items() if module is not None)

    def children(self) -> Iterator[Module]:
        """Yield the modules directly inside."""
        return (module for _, module in self.named_children())

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter at a path."""
        return dict(self.named_parameters())[target]

    def state_dict(self, *, prefix: str = "") -> OrderedDict[str, Tensor]:
        """Return all parameters and buffers by path, detached."""
        found: OrderedDict[str, Tensor] = OrderedDict()
        for path, module in self.named_modules(prefix=prefix.rstrip(".")):
            for kind in KINDS[:2]:
                for name, value in module.__dict__[kind].items():
                    if value is not None:
                        found[f"{path}.{name}" if path else name] = value.detach()
        return found

    def load_state_dict(self, state_dict: Mapping[str, Tensor], strict: bool = True) -> str:
        """Copy values by path into parameters and buffers."""
        own = {**dict(self.named_parameters()), **dict(self.named_buffers())}
        wrong = []
        if strict:
            unexpected = [f'"{k}"' for k in state_dict if k not in own]
            missing = [f'"{k}"' for k in own if k not in state_dict]
            if unexpected:
                wrong.append(f"Unexpected key(s) in state_dict: {', '.join(unexpected)}. ")
            if missing:
                wrong.insert(0, f"Missing key(s) in state_dict: {', '.join(missing)}. ")
        for name, value in state_dict.items():
            if name in own and own[name].shape != value.shape:
                wrong.append(
                    f"size mismatch for {name}: copying a param with shape {value.shape} from "
                    f"checkpoint, the shape in current model is {own[name].shape}."
                )
            elif name in own:
                with no_grad():
                    own[name].copy_(value)
        if wrong:
            raise RuntimeError(
                f"Error(s) in loading state_dict for {type(self).__name__}:\n\t"
                + "\n\t".join(wrong)
            )
        return "<All keys matched successfully>"

    def train(self, mode: bool = True) -> Module:
        """Set whether modules behave as in training."""
        for module in self.modules():
            object.__setattr__(module, "training", mode)
        return self

    def eval(self) -> Module:
        """Set that modules do not behave as in training."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Set whether parameters require gradients."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else parameter.grad.detach() * 0

    def apply(self, fn: Callable[[Module], Any]) -> Module:
        """Call a function with each module inside, then with this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Module:
        """Convert floating parameters and buffers in place."""
        for module in self.modules():
            for kind in KINDS[:2]:
                for name, value in module.__dict__[kind].items():
                    if value is not None and value.dtype.kind >= _dtypes.FLOATING:
                        made = value.detach().to(*args, **kwargs)
                        if kind == "_parameters":
                            value.data = made
                        else:
                            module.__dict__[kind][name] = made
        return self

    def double(self) -> Module:
        """Convert to float64."""
        return self.to(_dtypes.float64)

    def float(self) -> Module:
        """Convert to float32."""
        return self.to(_dtypes.float32)

    def cpu(self) -> Module:
        """Return the module: it is there already."""
        return self

    def extra_repr(self) -> str:
        """Return what stands in parentheses where the module is printed."""
        return ""

    def __repr__(self) -> str:
        name, extra = type(self).__name__, self.extra_repr()
        lines = [f"({key}): {_indented(repr(module))}" for key, module in self._modules.items()]
        if not lines:
            return f"{name}({extra})"
        head = [extra] if extra else []
        return f"{name}(\n  " + "\n  ".join(head + lines) + "\n)"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
