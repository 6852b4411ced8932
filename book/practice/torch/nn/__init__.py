"""`torch.nn`: modules, parameters and the layers that the course meets."""

from torch._missing import module_getattr
from torch.nn import functional, init
from torch.nn._layers import (
    AvgPool1d,
    AvgPool2d,
    Conv1d,
    Conv2d,
    Conv3d,
    CrossEntropyLoss,
    Flatten,
    Identity,
    L1Loss,
    LeakyReLU,
    Linear,
    MaxPool1d,
    MaxPool2d,
    ModuleList,
    MSELoss,
    ParameterList,
    ReLU,
    ReLU6,
    Sequential,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
    ZeroPad2d,
)
from torch.nn._module import Module, Parameter

__getattr__ = module_getattr("torch.nn")

__all__ = [
    "AvgPool1d",
    "AvgPool2d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "CrossEntropyLoss",
    "Flatten",
    "Identity",
    "L1Loss",
    "LeakyReLU",
    "Linear",
    "MSELoss",
    "MaxPool1d",
    "MaxPool2d",
    "Module",
    "ModuleList",
    "Parameter",
    "ParameterList",
    "ReLU",
    "ReLU6",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "ZeroPad2d",
    "functional",
    "init",
]
