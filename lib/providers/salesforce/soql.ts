const longest = 100_000;
// A quoted text, closed or not, so that no input is scanned twice; or a clause that locks rows, marks
// them as seen or counts a view of an article.
const quotedOrClause =
  /'(?:[^'\\]|\\.)*(?:'|\\?$)|\bfor\s+(?:view|reference|update)\b|\bupdate\s+(?:tracking|viewstat)\b/gis;
// The text that is searched for stands between braces, where anything but a brace may stand.
const searchText = /^\s*find\s*\{(?:[^{}\\]|\\.)*\}/is;

/**
 * True where a SOQL query or SOSL search leaves a trace in data or holds rows locked: `FOR VIEW`,
 * `FOR REFERENCE`, `FOR UPDATE`, `UPDATE TRACKING`, `UPDATE VIEWSTAT`. What stands in quotes is text.
 */
export function changesData(query: string): boolean {
  if (query.length > longest) return true;
  for (const [found] of query.replace(searchText, "FIND {}").matchAll(quotedOrClause)) {
    if (!found.startsWith("'")) return true;
  }
  return false;
}
