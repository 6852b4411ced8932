"""What runs beside the tests: answers requests in lines of JSON, with the stand-in as torch."""

import json
import sys

sys.path.insert(0, sys.argv[1])

import replies  # noqa: E402
import torch  # noqa: E402

assert "stand-in" in torch.__version__


def reply_to(request):
    """Return the replies to calls of an answer, or what an expression or statements give."""
    if "calls" in request:
        answer = replies.answer_of(request["source"], request["name"])
        found = []
        for call in request["calls"]:
            torch.manual_seed(0)
            found.append(replies.perform(answer, call))
        return found
    if "code" in request:
        return run(request["code"], request["given"])
    raise ValueError(request)


def run(code, given):
    """Return what statements leave under the name `result`, or the error they raise."""
    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    names |= {name: replies.read(tree) for name, tree in given.items()}
    try:
        exec(code, names)
    except Exception as error:
        kinds = [kind.__name__ for kind in type(error).__mro__ if kind is not object]
        return {"errors": kinds, "message": str(error)}
    return {"value": replies.written(names.get("result"))}


for line in sys.stdin:
    try:
        answer = {"reply": reply_to(json.loads(line))}
    except torch.NotInThePage as lacking:
        answer = {"lacking": str(lacking)}
    print(json.dumps(answer), flush=True)
