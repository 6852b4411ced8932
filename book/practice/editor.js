// The editor, as one script: CodeMirror 6 with Python, and what it is called with.
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { python } from "@codemirror/lang-python";
import { classHighlighter } from "@lezer/highlight";

/** Return an editor of Python; Escape, then Tab, leaves it. */
function codeEditor({ text, label, described, onChange, onRun, onCheck }) {
  const view = new EditorView({
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), history(), drawSelection(), highlightActiveLine(), bracketMatching(), indentOnInput(),
        indentUnit.of("    "), python(), syntaxHighlighting(classHighlighter), EditorView.lineWrapping,
        keymap.of([
          { key: "Shift-Enter", run: () => (onRun(), true) },
          { key: "Mod-Enter", run: () => (onCheck(), true) },
          indentWithTab, ...defaultKeymap, ...historyKeymap,
        ]),
        EditorView.contentAttributes.of({
          "aria-label": label, "aria-describedby": described, spellcheck: "false", autocapitalize: "off",
        }),
        EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
      ],
    }),
  });
  return {
    element: view.dom,
    get text() { return view.state.doc.toString(); },
    set text(value) { view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } }); },
    focus: () => view.focus(),
  };
}

Object.assign((globalThis.convolutions ??= {}), { codeEditor });
