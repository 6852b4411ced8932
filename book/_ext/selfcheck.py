"""The `selfcheck` directive: a question to answer before running the code, a reply to each option.

    :::{selfcheck}
    How large is the output of a 3×2 kernel on a 6×8 image?

    - [x] 4×7

      Six rows leave room for 6 − 3 + 1 starts, eight columns for 8 − 2 + 1.

    - [no +1 in the output size] 3×6

      You counted steps; the first position needs none.
    :::

In brackets stands `x` for the right option, the problem bank's name of the mistake behind a wrong
one, or nothing. Options are `details` elements that share a name: they open one at a time, by
mouse, touch or keyboard, and need no script.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

OPTION = re.compile(r"^- \[([^\]]+)\] ")


class Question(nodes.General, nodes.Element):
    """A self-check: what is asked, then its options."""


class Option(nodes.General, nodes.Element):
    """One option: its `Choice`, then the reply to it."""


class Choice(nodes.General, nodes.Element):
    """What an option says."""


class SelfCheck(SphinxDirective):
    """Reads a question and a list of options, each with its reply."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the question, or say what is wrong with it."""
        marks = [m.group(1).strip() for line in self.content if (m := OPTION.match(line))]
        lines = [OPTION.sub("- ", line) for line in self.content]
        question = Question(name=f"selfcheck-{self.env.new_serialno('selfcheck')}")
        plain = StringList(lines, self.content.source(0))
        self.state.nested_parse(plain, self.content_offset, question)
        listed = question.pop() if question.children else None
        if not isinstance(listed, nodes.bullet_list) or len(listed) != len(marks):
            raise self.error("a selfcheck ends in a list of items that begin with [x], [name], [ ]")
        if len(marks) < 2 or marks.count("x") != 1:
            raise self.error(f"one option is right, here {marks.count('x')} of {len(marks)}")
        for mark, item in zip(marks, listed.children, strict=True):
            question += self.option(mark, item, str(question["name"]))
        return [question]

    def option(self, mark: str, item: Any, group: str) -> Option:
        """Return an option: the item's first paragraph, and the rest as the reply."""
        if len(item) < 2:
            raise self.error(f"the option {item.astext()!r} has no reply")
        choice = Choice("", *item[0].children)
        mistake = mark if mark != "x" else ""
        reply = with_verdict("Right." if mark == "x" else "No.", item[1:])
        return Option("", choice, *reply, right=mark == "x", mistake=mistake, group=group)


def with_verdict(verdict: str, reply: list[Any]) -> list[Any]:
    """Begin a reply with its verdict: in its first paragraph, or above what is none."""
    word = nodes.strong("", verdict, classes=["verdict"])
    if not isinstance(reply[0], nodes.paragraph):
        return [nodes.paragraph("", "", word), *reply]
    reply[0].insert(0, [word, nodes.Text(" ")])
    return reply


def visit_question(translator: Any, node: Question) -> None:
    """Open the group, under a title that names it."""
    name = node["name"]
    translator.body.append(
        f'<div class="selfcheck" role="group" aria-labelledby="{name}">'
        f'<p class="selfcheck-title" id="{name}">Predict before you run</p>'
    )


def visit_option(translator: Any, node: Option) -> None:
    """Open the disclosure."""
    kind = "right" if node["right"] else "wrong"
    mistake = f' data-mistake="{escape(node["mistake"])}"' if node["mistake"] else ""
    translator.body.append(f'<details class="option {kind}" name="{node["group"]}"{mistake}>')


def opener(text: str) -> Any:
    """Return a visitor that writes `text`."""
    return lambda translator, _node: translator.body.append(text)


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("selfcheck", SelfCheck)
    app.add_node(Question, html=(visit_question, opener("</div>\n")))
    app.add_node(Option, html=(visit_option, opener("</div></details>\n")))
    app.add_node(Choice, html=(opener("<summary>"), opener('</summary><div class="reply">')))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
