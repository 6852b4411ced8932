"""Reverse-mode differentiation: what was computed from what, and the walk back through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ContextDecorator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch._tensor import Tensor

Rule = Callable[["Tensor"], "Tensor | None"]
TWICE = (
    "Trying to backward through the graph a second time (or directly access saved tensors after "
    "they have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved tensors after calling backward."
)


class _Recording:
    on = True


def is_grad_enabled() -> bool:
    """Return whether operations are recorded."""
    return _Recording.on


class set_grad_enabled(ContextDecorator):  # noqa: N801 - torch's name
    """Record operations or not: at once, and as a context until its end."""

    def __init__(self, mode: bool) -> None:
        self.mode, self.before = bool(mode), _Recording.on
        _Recording.on = self.mode

    def __enter__(self) -> None:
        _Recording.on = self.mode

    def __exit__(self, *_: object) -> None:
        _Recording.on = self.before


class no_grad(ContextDecorator):  # noqa: N801 - torch's name
    """Record nothing inside: a context, and a decorator with or without parentheses."""

    mode = False

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """Wrap a function where one is given."""
        made = super().__new__(cls)
        made.before = []
        return made(function) if function else made

    def __enter__(self) -> None:
        self.before.append(_Recording.on)
        _Recording.on = self.mode

    def __exit__(self, *_: object) -> None:
        _Recording.on = self.before.pop()


class enable_grad(no_grad):  # noqa: N801 - torch's name
    """Record what happens inside, also within `no_grad`."""

    mode = True


class inference_mode(no_grad):  # noqa: N801 - torch's name
    """Record nothing inside."""


class Node:
    """One operation: the nodes of its inputs, and a rule for the gradient of each."""

    def __init__(
        self,
        label: str,
        inputs: Sequence[Tensor],
        rules: Sequence[Rule | None],
        saved: Sequence[Tensor] = (),
    ) -> None:
        self.label = label
        self.edges = [edge(x) if rule else None for x, rule in zip(inputs, rules, strict=True)]
        self.forms = [(x.shape, x.dtype) for x in inputs]
        self.rules: Sequence[Rule | None] | None = rules
        self.saved = [(x, x._version) for x in saved]

    def __repr__(self) -> str:
        return f"<{self.label} object at {id(self):#x}>"

    def name(self) -> str:
        """Return the operation's name."""
        return self.label

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """Return the nodes of the inputs."""
        return tuple((node, 0) for node in self.edges)

    def gradients(self, gradient: Tensor, wanted: set[int]) -> Iterator[tuple[Node, Tensor]]:
        """Yield each input's node with its part of the gradient."""
        if self.rules is None:
            raise RuntimeError(TWICE)
        for x, version in self.saved:
            if x._version != version:
                raise RuntimeError(
                    "one of the variables needed for gradient computation has been modified by an "
                    f"inplace operation: [{x.type()} {list(x.shape)}] is at version {x._version}; "
                    f"expected version {version} instead. Hint: enable anomaly detection to find "
                    "the operation that failed to compute its gradient, with "
                    "torch.autograd.set_detect_anomaly(True)."
                )
        for node, rule, (shape, dtype) in zip(self.edges, self.rules, self.forms, strict=True):
            if node is not None and id(node) in wanted and rule is not None:
                part = rule(gradient)
                if part is not None:
                    yield node, part._fit(shape, dtype)

    def free(self) -> None:
        """Forget what was kept for the rules; without anything kept, a second walk is allowed."""
        if self.saved:
            self.rules, self.saved = None, []


class AccumulateGrad(Node):
    """Where a gradient ends: it is added to the leaf's `grad`."""

    def __init__(self, variable: Tensor) -> None:
        super().__init__("AccumulateGrad", (), ())
        self.variable = variable


def edge(x: Tensor) -> Node | None:
    """Return the node from which a tensor comes; a leaf's is its accumulator."""
    if x.grad_fn is not None:
        return x.grad_fn
    if not x.requires_grad:
        return None
    if x._accumulator is None:
        x._accumulator = AccumulateGrad(x)
    return x._accumulator


def is_recorded(*inputs: Tensor) -> bool:
    """Return whether what is done to these is recorded for gradients."""
    return _Recording.on and any(x.requires_grad for x in inputs)


def record(
    result: Tensor,
    label: str,
    inputs: Sequence[Tensor],
    rules: Sequence[Rule | None],
    saved: Sequence[Tensor] = (),
) -> Tensor:
    """Return a result that knows how it came about, where gradients are recorded and asked for.

    Parameters
    ----------
    result : Tensor
        What was computed.
    label : str
        What PyTorch calls the step back.
    inputs, rules : sequences of one length
        Each input with the function from the result's gradient to the input's.
    saved : sequence of Tensor
        What the rules read, and no operation may change in the meantime.
    """
    if result.dtype.kind > 1 and is_recorded(*inputs):
        result._set_history(Node(label, inputs, rules, saved))
    return result


def keep(result: Tensor, read: Tensor) -> Tensor:
    """Return a result whose step back fails if `read`, itself perhaps, has changed by then."""
    if result._node is not None:
        result._node.saved.append((read, read._version))
    return result


def _ordered(roots: Sequence[Node]) -> list[Node]:
    """Return all nodes behind the roots, each before those of its inputs."""
    order: list[Node] = []
    seen: set[int] = set()
    stack = [(root, False) for root in roots]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack += [(n, False) for n in node.edges if n is not None and id(n) not in seen]
    return order[::-1]


def _leading(order: Sequence[Node], ends: set[int]) -> set[int]:
    """Return the nodes from which a way leads to one of the ends."""
    found = set(ends)
    for node in reversed(order):
        if any(n is not None and id(n) in found for n in node.edges):
            found.add(id(node))
    return found


def walk(
    outputs: Sequence[Tensor],
    cotangents: Sequence[Tensor],
    inputs: Sequence[Tensor] | None,
    *,
    retain_graph: bool,
    create_graph: bool,
) -> list[Tensor | None]:
    """Return the gradients of the inputs; without inputs, add them to the leaves' `grad`."""
    roots = [node for node in map(edge, outputs) if node is not None]
    order = _ordered(roots)
    ends = None if inputs is None else [edge(x) for x in inputs]
    wanted = {id(n) for n in order} if ends is None else _leading(order, set(map(id, ends)))
    gathered: dict[int, Tensor] = {}

    def gather(node: Node, gradient: Tensor) -> None:
        known = gathered.get(id(node))
        gathered[id(node)] = gradient if known is None else known + gradient

    with set_grad_enabled(create_graph):
        for x, cotangent in zip(outputs, cotangents, strict=True):
            gather(edge(x), cotangent)  # type: ignore[arg-type]  # outputs were checked
        for node in order:
            if id(node) not in gathered or id(node) not in wanted:
                continue
            gradient = gathered[id(node)]
            if isinstance(node, AccumulateGrad):
                if ends is None:
                    _accumulate(node.variable, gradient, create_graph)
                continue
            for before, part in node.gradients(gradient, wanted):
                gather(before, part)
            if not retain_graph:
                node.free()
    return [] if ends is None else [gathered.get(id(end)) for end in ends]


def _accumulate(leaf: Tensor, gradient: Tensor, create_graph: bool) -> None:
    if leaf._grad is not None:
        leaf._grad = leaf._grad + gradient
    else:
        leaf._grad = gradient.clone() if create_graph else gradient.detach().clone()
