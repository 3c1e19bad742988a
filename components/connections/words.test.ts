import { expect, test } from "vitest";
import {
  actionsOf,
  type EventArea,
  eventAreas,
  eventLine,
} from "#components/connections/event-words.ts";
import { lossInShort } from "#components/connections/scope-words.ts";
import { initialsOf } from "#components/ui/avatar.tsx";
import { auditActions } from "#lib/audit/actions.ts";
import { lossWithout } from "#lib/connections/scope-loss.ts";

test("a missing scope says what will not work, and an unknown one still says something", () => {
  expect(lossWithout("marketing-cloud", "journeys_execute")).toBe("Agents cannot run journeys");
  expect(lossWithout("marketing-cloud", "email_send")).toBe("Agents cannot send email");
  expect(lossWithout("marketing-cloud", "new_area_read")).toBe("Agents cannot read new area");
  expect(lossWithout("marketing-cloud", "odd")).toBe("What needs it will be refused");
  expect(lossWithout("salesforce", "web")).toBe("Browser pages stay closed");
});

test("several missing scopes are the first and how many more", () => {
  expect(lossInShort("marketing-cloud", ["journeys_execute", "email_send"])).toBe(
    "Cannot run journeys, 1 more",
  );
  expect(lossInShort("salesforce", [])).toBe("");
});

test("every action of the trail has words of its own and one area", () => {
  for (const action of auditActions) {
    expect(eventLine({ action, result: "success" }).title, action).not.toBe(action);
  }
  const listed = (Object.keys(eventAreas) as EventArea[]).flatMap(actionsOf);
  expect(listed.toSorted()).toEqual([...auditActions].toSorted());
});

test("an event that did not go well says so", () => {
  expect(eventLine({ action: "grant.tested", result: "failed" })).toEqual({
    title: "Test call refused",
    tone: "warn",
  });
  expect(eventLine({ action: "grant.revocation_attempted", result: "intent" }).tone).toBe("plain");
  expect(eventLine({ action: "tomorrow.happened", result: "success" }).title).toBe(
    "tomorrow.happened",
  );
});

test("initials are those of the first and the last name, whatever the script", () => {
  expect(initialsOf("Dana Kowalczyk")).toBe("DK");
  expect(initialsOf("  Jonas  van der Mäkelä ")).toBe("JM");
  expect(initialsOf("Ösa")).toBe("Ö");
  expect(initialsOf("")).toBe("?");
});
