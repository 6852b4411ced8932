"""A stand-in for PyTorch in plain Python, for answering this book's tasks in the page.

It is not PyTorch: it has the names, rules and printed form of the part of it that the tasks need,
so that the same answer runs here and there. Tensors are small lists of numbers, computed one by
one; results are rounded as their type rounds, and sums may differ from PyTorch's in the last bits.
What it lacks says so in a sentence that names the notebook as the place for it, and gives no
number. What counts is what the notebook gives, run with PyTorch itself.
"""

from torch import _indexing, _products, _reductions, autograd, fft, func, linalg, nn, optim, random
from torch._conversion import (
    is_tensor,
    numel,
    result_type,
    view_as_complex,
    view_as_real,
)
from torch._creation import (
    arange,
    as_tensor,
    asarray,
    empty,
    empty_like,
    empty_strided,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    logspace,
    ones,
    ones_like,
    strided,
    tensor,
    tril_indices,
    triu_indices,
    zeros,
    zeros_like,
)
from torch._dtypes import (
    ALL,
    LONG_NAMES,
    bfloat16,
    complex64,
    complex128,
    dtype,
    finfo,
    float16,
    float32,
    float64,
    iinfo,
    int8,
    int16,
    int32,
    int64,
    promote_types,
    uint8,
)
from torch._dtypes import bool_ as bool
from torch._elementwise import complex_of as complex
from torch._elementwise import imag, real, where
from torch._graph import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
)
from torch._indexing import take_flat as take
from torch._layout import Size, broadcast_shapes
from torch._missing import NotInThePage, module_getattr
from torch._printing import save, set_printoptions
from torch._products import addmm, einsum, kron, tensordot
from torch._random import (
    Generator,
    bernoulli,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    normal,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    seed,
    set_rng_state,
)
from torch._tensor import Tensor, device
from torch._views import (
    atleast_1d,
    atleast_2d,
    broadcast_tensors,
    broadcast_to,
    cat,
    channels_last,
    column_stack,
    concat,
    concatenate,
    contiguous_format,
    dstack,
    hstack,
    meshgrid,
    preserve_format,
    row_stack,
    stack,
    vstack,
)
from torch.nn.functional import (
    constant_pad_nd,
    conv1d,
    conv2d,
    conv3d,
    conv_transpose2d,
    max_pool2d,
)

__version__ = "2.13.0+stand-in-for-the-page"
__getattr__ = module_getattr("torch")

AS_METHODS = """
abs absolute acos add addcmul allclose all amax amin aminmax angle any arctan2 argmax argmin
argsort argwhere as_strided asin atan atan2 bincount bitwise_and bitwise_not bitwise_or bitwise_xor
bmm ceil chunk clamp clamp_max clamp_min clip clone conj cos cosh count_nonzero cumprod cumsum
diag diagonal diff dist div divide dot eq equal erf exp exp2 expm1 fix flatten flip fliplr flipud
floor floor_divide fmod frac gather ge ger greater greater_equal gt hypot index_add index_select
inner isclose isfinite isinf isnan le lerp less less_equal log log10 log1p log2 log_softmax
logical_and logical_not logical_or logical_xor logsumexp lt masked_fill masked_select matmul
matrix_power max maximum mean median min minimum mm moveaxis movedim mul multiply mv nan_to_num
nansum narrow ne neg negative nonzero norm not_equal outer permute pow prod ravel reciprocal relu
remainder repeat_interleave reshape resolve_conj roll rot90 round rsqrt scatter scatter_add select
sgn sigmoid sign signbit sin sinh softmax sort split sqrt square squeeze std sub subtract sum
swapaxes swapdims t tan tanh tile topk trace transpose tril triu true_divide trunc unbind
unflatten unique unsqueeze var is_floating_point is_complex detach conj_physical
"""
for _name in AS_METHODS.split():
    globals()[_name] = getattr(Tensor, _name)
for _name, _of in LONG_NAMES.items():
    globals()[_name] = _of
for _name, _of in {
    "inv": "inverse",
    "pinv": "pinverse",
    "det": "det",
    "cholesky": "cholesky",
}.items():
    globals()[_of] = getattr(linalg, _name)
    setattr(Tensor, _of, getattr(linalg, _name))


def get_default_dtype() -> dtype:
    """Return the type of new tensors of floats."""
    return float32
