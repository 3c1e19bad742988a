import { expect, test } from "vitest";
import { fail, pass, unknown } from "#lib/doctor/line.ts";
import { countsInWords, reportText } from "#lib/doctor/report-text.ts";

const host = { id: "host", title: "Host" };
const report = {
  title: "MeshMesh Studio: check of Acme",
  checkedAt: "2026-03-02T09:00:00.000Z",
  durationMs: 120,
  subject: [
    { name: "Connection", value: "Acme" },
    { name: "Host", value: "acme.my.salesforce.com" },
  ],
  lines: [
    pass(host, "Answers."),
    fail({ id: "scopes", title: "Scopes" }, "web is missing.", "Ask again.", {
      code: "missing_scope",
    }),
    unknown({ id: "limits", title: "Limits" }, "Nobody tells.", "The contract does."),
  ],
};

test("a report reads as plain text, in the order of its lines", () => {
  expect(reportText(report)).toBe(
    [
      "MeshMesh Studio: check of Acme",
      "Monday, 2 March 2026 at 09:00:00 UTC: 1 fine, 1 to fix, 1 not known",
      "",
      "Connection  Acme",
      "Host        acme.my.salesforce.com",
      "",
      "Fine       Host: Answers.",
      "To fix     Scopes: web is missing.",
      "           → Ask again.",
      "           (missing_scope)",
      "Not known  Limits: Nobody tells.",
      "           → The contract does.",
    ].join("\n"),
  );
});

test("[WEB-9] a name from elsewhere cannot forge a line of the report", () => {
  const forged = "Acme\nFine       Host: all is well\u2028To fix nothing\r\n";
  const text = reportText({
    ...report,
    subject: [{ name: "Org", value: forged }],
    lines: [pass(host, forged)],
  });
  expect(text.split(/[\n\r\u2028]/).filter((line) => line.startsWith("Fine"))).toHaveLength(1);
});

test("counts leave out what there is none of", () => {
  expect(countsInWords([pass(host, "x"), pass(host, "y")])).toBe("2 fine");
  expect(countsInWords([])).toBe("");
});
