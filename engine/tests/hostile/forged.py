"""Results that were never earned: forged outputs, hooks of IPython, replaced machinery."""

from hostile import Hostile

WRONG = "\ndef add(a, b):\n    return 0\n"

SUBMISSIONS = [
    Hostile(
        "a display that no page can show",
        "from IPython.display import display\ndisplay({'text/plain': 'x', "
        "'application/vnd.jupyter.widget-view+json': '{'}, raw=True)" + WRONG,
    ),
    Hostile(
        "a script in a display",
        "from IPython.display import HTML, display\n"
        "display(HTML('<script>alert(1)</script>'))" + WRONG,
    ),
    Hostile("a print of the score", "print(3.0)\n3.0"),
    Hostile("an answer that prints and returns nothing", "def add(a, b):\n    print(3.0)"),
    Hostile(
        "an input transformer that blanks tests",
        "get_ipython().input_transformers_cleanup.append("
        "lambda lines: ['2\\n'] if any('assert' in x for x in lines) else lines)" + WRONG,
    ),
    Hostile(
        "an AST transformer that drops asserts",
        "import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Assert(self, node):\n"
        "        return ast.Pass()\nget_ipython().ast_transformers.append(Drop())" + WRONG,
    ),
    Hostile(
        "a hook before every cell that displays a score",
        "get_ipython().events.register('pre_run_cell', lambda *a: display(3.0))" + WRONG,
    ),
    Hostile(
        "a hook after every cell that displays a score",
        "get_ipython().events.register('post_run_cell', lambda *a: display(3.0))" + WRONG,
    ),
    Hostile(
        "a replaced run_cell",
        "get_ipython().run_cell = lambda *a, **k: None" + WRONG,
    ),
    Hostile(
        "a replaced do_execute",
        "ip = get_ipython()\nif hasattr(ip, 'kernel'):\n"
        "    async def do(*a, **k): return {'status': 'ok', 'execution_count': 1}\n"
        "    ip.kernel.do_execute = do" + WRONG,
    ),
    Hostile(
        "a display hook of its own", "import sys\nsys.displayhook = lambda v: print(3.0)" + WRONG
    ),
    Hostile(
        "an execute_result sent by hand",
        "get_ipython().displayhook.exec_result = 3.0\n"
        "get_ipython().display_pub.publish({'text/plain': '3.0'})" + WRONG,
    ),
    Hostile(
        "a recorder that is patched",
        "r = get_ipython().__dict__.get('recorder')\n"
        "if r: r.outputs = [{'output_type': 'execute_result', 'data': {'text/plain': '3.0'}}]"
        + WRONG,
    ),
]
