"""What runs beside the tests: answers requests in lines of JSON, with the stand-in as torch."""

import json
import sys

sys.path.insert(0, sys.argv[1])

import replies
import torch

assert "stand-in" in torch.__version__


def reply_to(request):
    """Return the replies to calls of an answer, or what an expression or statements give."""
    if "calls" in request:
        answer = replies.answer_of(request["source"], request["name"])
        torch.manual_seed(0)
        return [replies.perform(answer, call) for call in request["calls"]]
    return [run(code, request["given"]) for code in request["codes"]]


def strides(x):
    """Return the strides that say something: those of axes with several elements."""
    return [s for s, n in zip(x.stride(), x.shape, strict=True) if n > 1 and x.numel()]


def run(code, given):
    """Return what statements leave under the name `result`, or the error they raise."""
    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "strides": strides}
    names |= {name: replies.read(tree) for name, tree in given.items()}
    try:
        exec(code, names)
        return {"value": replies.written(names["result"])}
    except Exception as error:
        return {"errors": [kind.__name__ for kind in type(error).__mro__], "message": str(error)}
    except torch.NotInThePage as lacking:
        return {"lacking": str(lacking)}


for line in sys.stdin:
    try:
        answer = {"reply": reply_to(json.loads(line))}
    except torch.NotInThePage as lacking:
        answer = {"lacking": str(lacking)}
    print(json.dumps(answer), flush=True)
