import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type LiveNews, startLive } from "#components/live/live-source.ts";

/** The browser's EventSource, as far as it is used; the test plays the server. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 0;
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    FakeSource.all.push(this);
  }
  close() {
    this.readyState = FakeSource.CLOSED;
  }
  say(event: string, data: unknown = {}) {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }
  fail(readyState: 0 | 2) {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }
}

/** Delivers at once, to all others of the name. */
class FakeChannel {
  static all = new Set<FakeChannel>();
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
    FakeChannel.all.add(this);
  }
  postMessage(data: unknown) {
    for (const other of FakeChannel.all) {
      if (other !== this && other.name === this.name) other.onmessage?.({ data });
    }
  }
  close() {
    FakeChannel.all.delete(this);
  }
}

/** One holder at a time, in the order of asking. */
function fakeLocks() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request(_: string, { signal }: { signal: AbortSignal }, work: () => Promise<void>) {
      const mine = last.then(() => (signal.aborted ? undefined : work()));
      last = mine;
      return mine;
    },
  };
}

const settled = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};
const planId = "00000000-0000-4000-8000-000000000001";
const changed = [{ kind: "plan", id: planId }] as const;

beforeEach(() => {
  FakeSource.all = [];
  FakeChannel.all.clear();
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal("BroadcastChannel", FakeChannel);
  vi.stubGlobal("navigator", { locks: fakeLocks() });
});

function tab() {
  const news: LiveNews[] = [];
  const stop = startLive("team", (each) => news.push(each));
  onTestFinished(stop);
  return { news, stop };
}

test("the tabs of a browser share one stream, and all of them hear", async () => {
  const [one, other] = [tab(), tab()];
  await settled();
  expect(FakeSource.all.map(({ url }) => url)).toEqual(["/api/live"]);
  FakeSource.all[0]?.say("ready");
  FakeSource.all[0]?.say("change", changed);
  for (const { news } of [one, other]) {
    expect(news).toEqual([{ isLive: true }, { changes: "all" }, { changes: changed }]);
  }
});

test("a tab that opens later learns at once that changes are told, and asks everything again", async () => {
  const first = tab();
  await settled();
  FakeSource.all[0]?.say("ready");
  const known = [...first.news];
  expect(tab().news).toEqual([{ isLive: true }, { changes: "all" }]);
  expect(first.news).toEqual(known);
});

test("what changed between the page's reading and its stream is asked again", async () => {
  const { news } = tab();
  await settled();
  expect(news).toEqual([]);
  FakeSource.all[0]?.say("ready");
  expect(news).toEqual([{ isLive: true }, { changes: "all" }]);
});

test("when the tab that has the stream closes, another one takes over and asks everything again", async () => {
  const [one, other] = [tab(), tab()];
  await settled();
  FakeSource.all[0]?.say("ready");
  one.stop();
  await settled();
  expect(FakeSource.all.map(({ readyState }) => readyState)).toEqual([FakeSource.CLOSED, 0]);
  FakeSource.all[1]?.say("ready");
  const live = [{ isLive: true }, { changes: "all" }];
  expect(other.news).toEqual([...live, { isLive: false }, ...live]);
});

test("after a gap everything is asked again, and the view polls meanwhile", async () => {
  const { news } = tab();
  await settled();
  FakeSource.all[0]?.say("ready");
  FakeSource.all[0]?.fail(0);
  FakeSource.all[0]?.say("ready");
  const live = [{ isLive: true }, { changes: "all" }];
  expect(news).toEqual([...live, { isLive: false }, ...live]);
});

test("a stream that was refused is asked for again, ever later", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  tab();
  await settled();
  FakeSource.all[0]?.fail(2);
  vi.advanceTimersByTime(4_999);
  expect(FakeSource.all).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(FakeSource.all).toHaveLength(2);
  FakeSource.all[1]?.fail(2);
  vi.advanceTimersByTime(9_999);
  expect(FakeSource.all).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(FakeSource.all).toHaveLength(3);
});

test("a page that is put aside gives the stream up, and asks everything again when it comes back", async () => {
  const { news } = tab();
  await settled();
  FakeSource.all[0]?.say("ready");
  window.dispatchEvent(new Event("pagehide"));
  expect(FakeSource.all[0]?.readyState).toBe(FakeSource.CLOSED);
  await settled();
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  await settled();
  expect(FakeSource.all).toHaveLength(2);
  expect(news).toContainEqual({ changes: "all" });
});

test("a browser without locks gives each tab a stream of its own", async () => {
  vi.stubGlobal("navigator", {});
  tab();
  tab();
  await settled();
  expect(FakeSource.all).toHaveLength(2);
});
