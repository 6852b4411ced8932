/* An assignment's notebook as the practice needs it: its cells by grade_id, and the same notebook
   with other answers. Nothing but the sources of answer cells is ever changed. */
(function (book) {
  "use strict";

  const joined = (source) => (Array.isArray(source) ? source.join("") : String(source));
  const lines = (text) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const id = (cell) => cell.metadata?.nbgrader?.grade_id;
  const isAnswer = (cell) => Boolean(cell.metadata?.nbgrader?.solution);

  class Notebook {
    constructor(text) {
      this.text = text;
      const { cells } = JSON.parse(text);
      this.answers = cells.filter(isAnswer).map((cell) => ({
        name: id(cell), source: joined(cell.source), code: cell.cell_type === "code",
        check: joined(cells.find((other) => id(other) === `check_${id(cell)}`)?.source ?? ""),
      }));
      this.setup = joined(cells.find((cell) => cell.cell_type === "code" && !isAnswer(cell))?.source ?? "");
    }

    /** Return an answer cell as it was released. */
    answer(name) { return this.answers.find((answer) => answer.name === name); }

    /** Return the notebook's text with these answers, by grade_id, in their cells. */
    filled(answers) {
      const notebook = JSON.parse(this.text);
      for (const cell of notebook.cells.filter((one) => isAnswer(one) && id(one) in answers)) {
        cell.source = lines(answers[id(cell)]);
      }
      return `${JSON.stringify(notebook, null, 1)}\n`;
    }

    /** Return the answers in another copy of this notebook, by grade_id; throw where it is none. */
    answersIn(text, name) {
      let cells;
      try {
        ({ cells } = JSON.parse(text));
        cells = cells.filter((cell) => isAnswer(cell) && this.answer(id(cell)));
      } catch {
        throw new Error(`${name} is not a notebook: nothing was changed.`);
      }
      if (cells.length === 0) throw new Error(`${name} has no answers to the tasks of this page: nothing was changed.`);
      return Object.fromEntries(cells.map((cell) => [id(cell), joined(cell.source)]));
    }
  }

  Object.assign(book, { Notebook });
})((globalThis.convolutions ??= {}));
