import { expect, test } from "vitest";
import { createLiveStream } from "#lib/live/live-stream.ts";

const plan = (n: number) =>
  ({ kind: "plan", id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` }) as const;

async function textOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read();
  return new TextDecoder().decode(value);
}

test("the same change is told once, however often it came while nobody read", async () => {
  const stream = createLiveStream(() => {});
  const reader = stream.readable.getReader();
  expect(await textOf(reader)).toMatch(/^retry: \d{4}\nevent: ready\ndata: \{\}\n\n$/);
  for (let times = 0; times < 5; times++) stream.tell(plan(1));
  stream.tell(plan(2));
  expect(await textOf(reader)).toBe(
    `event: change\ndata: ${JSON.stringify([plan(1), plan(2)])}\n\n`,
  );
});

test("a reader that takes no sign of life until the next one is gone", async () => {
  let ended = 0;
  const stream = createLiveStream(() => ended++);
  const reader = stream.readable.getReader();
  await textOf(reader);
  stream.beat();
  expect(await textOf(reader)).toBe(": still here\n\n");
  stream.beat();
  expect(ended).toBe(0);
  stream.beat();
  expect(ended).toBe(1);
  expect((await reader.read()).done).toBe(true);
});

test("it ends once, also while somebody waits for the next event", async () => {
  let ended = 0;
  const stream = createLiveStream(() => ended++);
  const reader = stream.readable.getReader();
  await textOf(reader);
  const waiting = reader.read();
  stream.end();
  stream.end();
  expect((await waiting).done).toBe(true);
  await reader.cancel();
  expect(ended).toBe(1);
});
