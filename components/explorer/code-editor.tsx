"use client";

import {
  autocompletion,
  type CompletionSource,
  closeBrackets,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { keywordCompletionSource, SQLDialect, sql } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderOf } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { getNonce } from "get-nonce";
import { useEffect, useRef } from "react";

const soqlDialect = SQLDialect.define({
  keywords:
    "select from where and or not in like includes excludes order by asc desc nulls first last group having limit offset using scope with security_enforced typeof when then else end for view reference update",
  builtin:
    "count count_distinct sum avg min max today yesterday tomorrow this_week last_week next_week this_month last_month this_year last_year last_n_days next_n_days",
});

const look = EditorView.theme({
  "&": { backgroundColor: "var(--raised)", color: "var(--ink)", fontSize: "var(--text-sm)" },
  ".cm-content": { fontFamily: "var(--font-mono)", padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 10px" },
  // The frame around it all wears the ring.
  "&.cm-focused": { outline: "none" },
  ".cm-content:focus-visible": { boxShadow: "none" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection": {
    backgroundColor: "var(--accent-tint)",
  },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-placeholder": { color: "var(--ink-3)" },
  ".cm-matchingBracket": {
    backgroundColor: "var(--chip)",
    outline: "1px solid var(--line-strong)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    boxShadow: "var(--shadow-2)",
  },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", fontFamily: "var(--font-mono)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-tint)",
    color: "var(--ink)",
  },
  ".cm-completionDetail": { color: "var(--ink-3)", fontStyle: "normal" },
  ".cm-scroller": { overflow: "auto", minHeight: "5.5rem", maxHeight: "22rem" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--accent-ink)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--env-custom-ink)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--env-sandbox-ink)" },
  { tag: tags.propertyName, color: "var(--env-production-ink)" },
  { tag: tags.comment, color: "var(--ink-3)" },
]);

type Props = {
  id?: string;
  label: string;
  language: "soql" | "json";
  value: string;
  placeholder?: string;
  isInvalid?: boolean;
  describedBy?: string | undefined;
  complete?: CompletionSource;
  onChange(value: string): void;
  /** ⌘ Enter. */
  onRun?(): void;
};

/**
 * A field for code. Tab leaves it, as it leaves every field; Escape closes its list of completions. What
 * changes of the props but the value is read when it is needed, so the editor is made once.
 */
export default function CodeEditor(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    if (!place.current) return;
    const { label, language, value, placeholder = "" } = latest.current;
    const nonce = getNonce();
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          nonce ? EditorView.cspNonce.of(nonce) : [],
          history(),
          closeBrackets(),
          bracketMatching(),
          autocompletion({
            icons: false,
            override: [
              (context) =>
                latest.current.complete?.(context) ??
                (language === "soql" ? keywordCompletionSource(soqlDialect, true)(context) : null),
            ],
          }),
          language === "soql" ? sql({ dialect: soqlDialect, upperCaseKeywords: true }) : json(),
          syntaxHighlighting(colours),
          look,
          EditorView.lineWrapping,
          placeholderOf(placeholder),
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
          keymap.of([
            {
              key: "Mod-Enter",
              run: () => {
                latest.current.onRun?.();
                return true;
              },
            },
            ...completionKeymap,
            ...defaultKeymap,
            ...historyKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === props.value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value } });
  }, [props.value]);

  useEffect(() => {
    const content = view.current?.contentDOM;
    if (!content) return;
    if (props.id !== undefined) content.id = props.id;
    content.setAttribute("aria-invalid", String(props.isInvalid ?? false));
    if (props.describedBy === undefined) content.removeAttribute("aria-describedby");
    else content.setAttribute("aria-describedby", props.describedBy);
  }, [props.id, props.isInvalid, props.describedBy]);

  return (
    <div
      ref={place}
      data-invalid={props.isInvalid || undefined}
      className="overflow-hidden rounded-2 border border-line-control focus-within:[box-shadow:var(--focus-ring)] hover:border-ink-3 data-invalid:border-danger-solid"
    />
  );
}
