import { expect, test } from "vitest";
import { clockText, minutesText } from "#components/connect/time-left.ts";

test("the timer reads in minutes and seconds and stops at zero", () => {
  expect([600, 526, 59.2, 0, -3].map(clockText)).toEqual(["10:00", "8:46", "1:00", "0:00", "0:00"]);
});

test("what is announced changes once a minute", () => {
  expect([600, 541, 540, 61, 60, 0].map(minutesText)).toEqual([
    "10 minutes left",
    "10 minutes left",
    "9 minutes left",
    "2 minutes left",
    "Less than a minute left",
    "No time left",
  ]);
});
