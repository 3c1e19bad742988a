import { describe, expect, test } from "vitest";
import { checkHistory, trailActions } from "./check-history.ts";
import type { GrantVersion, History, Presentation } from "./history.ts";

const version = (given: Partial<GrantVersion> & { committedAtMs: number }): GrantVersion => ({
  grantId: "g",
  generation: 1,
  tokenVersion: 1,
  state: "active",
  reason: null,
  refreshToken: "r1",
  ...given,
});

const rotation = (from: string, to: string, given: Partial<Presentation> & { atMs: number }) => ({
  refreshToken: from,
  instance: "a",
  endedAtMs: given.atMs + 10,
  work: { did: "rotate", accessToken: `access of ${to}`, refreshToken: to } as const,
  answer: "whole" as const,
  ...given,
});

const refusal = (of: string, given: Partial<Presentation> & { atMs: number }): Presentation => ({
  ...rotation(of, "", given),
  work: { did: "refuse" },
});

/** A sign-in, one refresh, a lease, a disconnect, a revoked key: all as it should be. */
const sound: History = {
  signIns: [{ accessToken: "access of r1", refreshToken: "r1" }],
  presentations: [rotation("r1", "r2", { atMs: 200 })],
  versions: [
    version({ committedAtMs: 100 }),
    version({ committedAtMs: 220, tokenVersion: 2, refreshToken: "r2" }),
  ],
  uses: [
    { accessToken: "access of r1", atMs: 150, instance: "b", by: "proxied call" },
    { accessToken: "access of r2", atMs: 230, instance: "a", by: "lease" },
  ],
  answers: [
    {
      what: "lease",
      instance: "a",
      keyId: "k",
      grantId: "g",
      sentAtMs: 190,
      isServed: true,
      leaseId: "l",
    },
  ],
  ends: [],
  revoked: new Set(),
  kills: [],
  pauses: [],
  leaseIds: new Set(["l"]),
  events: [
    { action: trailActions.refresh, targetId: "g", isSuccess: true },
    { action: trailActions.lease, targetId: "l", isSuccess: true },
  ],
  brokenChains: [],
  healed: [{ grantId: "g", isServed: true, detail: "201" }],
};

const rulesBroken = (change: Partial<History>) => [
  ...new Set(checkHistory({ ...sound, ...change }).map(({ rule }) => rule)),
];
const events = (refreshes: number): History["events"] => [
  ...Array.from({ length: refreshes }, () => ({
    action: trailActions.refresh as string,
    targetId: "g",
    isSuccess: true,
  })),
  { action: trailActions.lease, targetId: "l", isSuccess: true },
];

test("a sound history breaks no rule", () => {
  expect(checkHistory(sound)).toEqual([]);
});

describe("what is allowed when things break", () => {
  /** The answer to r1 was lost; the one try to recover was refused. */
  const lost: Partial<History> = {
    presentations: [
      rotation("r1", "r2", { atMs: 200, answer: "lost" }),
      refusal("r1", { atMs: 900, instance: "b" }),
    ],
    versions: [
      version({ committedAtMs: 100 }),
      version({
        committedAtMs: 950,
        generation: 2,
        state: "needs_reconnect",
        reason: "refresh_interrupted",
        refreshToken: null,
      }),
    ],
    uses: [],
    events: events(0),
    healed: [{ grantId: "g", isServed: false, detail: "409" }],
  };

  test("a grant whose answer was cut is lost after one try to recover it", () => {
    expect(rulesBroken(lost)).toEqual([]);
  });

  test("so is one whose process was killed between the rotation and the commit", () => {
    const presentations = [
      rotation("r1", "r2", { atMs: 200 }),
      refusal("r1", { atMs: 900, instance: "b" }),
    ];
    const kills = [{ instance: "a", atMs: 215 }];
    expect(rulesBroken({ ...lost, presentations, kills })).toEqual([]);
    expect(rulesBroken({ ...lost, presentations })).toEqual([
      "a refresh token is presented once",
      "an answer that arrived is kept",
      "no grant is lost without a cause",
    ]);
  });

  test("a try of which the provider did nothing is made again", () => {
    const nothing = { work: { did: "nothing" } as const };
    const presentations = [
      rotation("r1", "r2", { atMs: 120, ...nothing }),
      rotation("r1", "r2", { atMs: 160, answer: "lost", ...nothing }),
      rotation("r1", "r2", { atMs: 200 }),
    ];
    expect(rulesBroken({ presentations })).toEqual([]);
  });

  test("a killed process's request may still be open when another asks", () => {
    const presentations = [
      rotation("r1", "r2", {
        atMs: 150,
        endedAtMs: null,
        answer: "lost",
        work: { did: "nothing" },
      }),
      rotation("r1", "r2", { atMs: 200, instance: "b" }),
    ];
    expect(rulesBroken({ presentations, kills: [{ instance: "a", atMs: 170 }] })).toEqual([]);
    expect(rulesBroken({ presentations })).toEqual([
      "a grant's tokens are never presented twice at once",
    ]);
  });

  test("an answer that comes after a new sign-in is dropped", () => {
    const versions = [
      version({ committedAtMs: 100 }),
      version({ committedAtMs: 205, generation: 2, tokenVersion: 2, refreshToken: "r9" }),
    ];
    expect(rulesBroken({ versions, uses: [], events: events(0) })).toEqual([]);
  });

  test("a paused instance hears of an end once it runs again", () => {
    const end = { what: "key", id: "k", answeredAtMs: 300 } as const;
    const late = { ...sound.answers[0], sentAtMs: 5_900 } as History["answers"][number];
    const revoked = {
      ends: [end],
      answers: [late],
      events: [
        ...sound.events,
        { action: trailActions.keyRevoked, targetId: "k", isSuccess: true },
      ],
    };
    const rule = "what was ended serves nobody";
    expect(rulesBroken(revoked)).toEqual([rule]);
    const pause = (instance: string) => ({ pauses: [{ instance, fromMs: 250, toMs: 5_000 }] });
    expect(rulesBroken({ ...revoked, ...pause("a") })).toEqual([]);
    expect(rulesBroken({ ...revoked, ...pause("b") })).toEqual([rule]);
  });
});

describe("what is found", () => {
  const once = "a refresh token is presented once";

  test("a spent token that comes again although its answer had arrived", () => {
    const presentations = [...sound.presentations, refusal("r1", { atMs: 500, instance: "b" })];
    expect(rulesBroken({ presentations })).toEqual([once]);
  });

  test("a second try to recover a lost answer; what the provider never judged is none", () => {
    const lost = rotation("r1", "r2", { atMs: 200, answer: "lost" });
    const late = { answer: "lost", work: { did: "nothing" } } as const;
    const unheard = [300, 400].map((atMs) => rotation("r1", "r2", { atMs, ...late }));
    const refused = [600, 700].map((atMs) => refusal("r1", { atMs }));
    expect(rulesBroken({ presentations: [lost, ...unheard, ...refused.slice(1)] })).toEqual([]);
    expect(rulesBroken({ presentations: [lost, ...unheard, ...refused] })).toEqual([once]);
    const lostToo = refusal("r1", { atMs: 500, answer: "lost" });
    expect(rulesBroken({ presentations: [lost, lostToo, ...refused.slice(1)] })).toEqual([]);
  });

  test("a token that comes again after a refusal for good", () => {
    const presentations = [
      refusal("r1", { atMs: 150 }),
      rotation("r1", "r2", { atMs: 200, answer: "whole" }),
    ];
    expect(rulesBroken({ presentations })).toEqual([once]);
  });

  test("two requests of a grant at once, of one instance or of two; not those of two sign-ins", () => {
    for (const instance of ["a", "b"]) {
      const open = rotation("r1", "r2", { atMs: 195, work: { did: "nothing" }, endedAtMs: 400 });
      const presentations = [open, rotation("r1", "r2", { atMs: 200, instance })];
      expect(rulesBroken({ presentations })).toEqual([
        "a grant's tokens are never presented twice at once",
      ]);
    }
    const presentations = [
      rotation("r1", "r2", { atMs: 200, endedAtMs: 400 }),
      rotation("r8", "r9", { atMs: 300, instance: "b" }),
    ];
    const again = { generation: 2 };
    const versions = [
      version({ committedAtMs: 100 }),
      version({ committedAtMs: 250, ...again, tokenVersion: 2, refreshToken: "r8" }),
      version({ committedAtMs: 320, ...again, tokenVersion: 3, refreshToken: "r9" }),
    ];
    expect(rulesBroken({ presentations, versions, uses: [] })).toEqual([]);
  });

  test("a call or a lease before its token was committed, or with one that never was", () => {
    const rule = "nobody is served a token that is not committed";
    const use = (accessToken: string, atMs: number) =>
      [{ accessToken, atMs, instance: "a", by: "lease" }] as const;
    expect(rulesBroken({ uses: use("access of r2", 215) })).toEqual([rule]);
    expect(rulesBroken({ uses: use("of nobody", 500) })).toEqual([rule]);
    const presentations = [
      ...sound.presentations,
      rotation("r2", "r3", { atMs: 400, answer: "lost" }),
    ];
    expect(rulesBroken({ presentations, uses: use("access of r3", 500) })).toEqual([rule]);
  });

  test("a version or a generation that goes back, and an old token that comes back", () => {
    const rule = "versions and generations only go forward";
    const [first, second] = sound.versions as [GrantVersion, GrantVersion];
    const then = (third: Partial<GrantVersion>) => ({
      versions: [first, second, { ...second, committedAtMs: 900, ...third }],
    });
    expect(rulesBroken(then({ tokenVersion: 1 }))).toEqual([rule]);
    expect(rulesBroken(then({ generation: 0 }))).toEqual([rule]);
    expect(rulesBroken(then({ refreshToken: "r8" }))).toContain(rule);
    expect(rulesBroken(then({ refreshToken: "r1", tokenVersion: 3, generation: 2 }))).toEqual([
      rule,
    ]);
  });

  test("an answer that arrived at a living process and was not stored", () => {
    const versions = sound.versions.slice(0, 1);
    expect(rulesBroken({ versions, uses: [], events: events(0) })).toEqual([
      "an answer that arrived is kept",
    ]);
  });

  test("a grant that is lost without a lost answer, with another reason, or without a try", () => {
    const gone = version({
      committedAtMs: 950,
      generation: 2,
      state: "needs_reconnect",
      reason: "refresh_interrupted",
      refreshToken: null,
    });
    const rule = "no grant is lost without a cause";
    const at = (presentations: Presentation[], last = gone) =>
      rulesBroken({
        presentations,
        versions: [version({ committedAtMs: 100 }), last],
        uses: [],
        events: events(0),
        healed: [],
      });
    const lost = rotation("r1", "r2", { atMs: 200, answer: "lost" });
    expect(at([refusal("r1", { atMs: 200 })])).toEqual([rule]);
    expect(at([lost])).toEqual([rule]);
    const refused = refusal("r1", { atMs: 400 });
    expect(at([lost, refused])).toEqual([]);
    expect(at([lost, refused], { ...gone, reason: "refresh_refused" })).toEqual([rule]);
  });

  test("a token of a grant that was disconnected", () => {
    const disconnected = {
      versions: [
        ...sound.versions,
        version({
          committedAtMs: 300,
          generation: 2,
          tokenVersion: 2,
          state: "disconnected",
          refreshToken: null,
        }),
      ],
      ends: [{ what: "grant", id: "g", answeredAtMs: 310 }] as const,
      healed: [],
    };
    const ended = { action: trailActions.grantEnded, targetId: "g", isSuccess: true };
    const all = { ...disconnected, events: [...sound.events, ended] };
    expect(rulesBroken(all)).toEqual([]);
    const use = { accessToken: "access of r2", instance: "b", by: "proxied call" } as const;
    const late = (atMs: number) => rulesBroken({ ...all, uses: [{ ...use, atMs }] });
    expect(late(1_300)).toEqual([]);
    expect(late(1_320)).toEqual(["what was ended serves nobody"]);
    expect(rulesBroken(disconnected)).toEqual(["every effect has its event"]);
  });

  test("a refresh, a lease or a revoked key without its event, and an event too many", () => {
    const rule = "every effect has its event";
    expect(rulesBroken({ events: events(0) })).toEqual([rule]);
    expect(rulesBroken({ events: events(2) })).toEqual([rule]);
    expect(rulesBroken({ events: events(1).slice(0, 1) })).toEqual([rule]);
    expect(rulesBroken({ leaseIds: new Set<string>() })).toEqual([rule]);
    expect(rulesBroken({ ends: [{ what: "key", id: "k2", answeredAtMs: 900 }] })).toEqual([rule]);
  });

  test("a grant that serves no more although it is not lost, and one that serves although it is", () => {
    const rule = "every grant that is not lost serves again";
    const healed = (isServed: boolean) => [{ grantId: "g", isServed, detail: "503" }];
    expect(rulesBroken({ healed: healed(false) })).toEqual([rule]);
    const versions = [
      ...sound.versions,
      version({
        committedAtMs: 900,
        generation: 2,
        tokenVersion: 2,
        state: "disconnected",
        refreshToken: null,
      }),
    ];
    const ended = { action: trailActions.grantEnded, targetId: "g", isSuccess: true };
    const all = { versions, events: [...sound.events, ended] };
    expect(rulesBroken({ ...all, healed: healed(false) })).toEqual([]);
    expect(rulesBroken({ ...all, healed: healed(true) })).toEqual([rule]);
  });

  test("a chain that does not verify", () => {
    expect(rulesBroken({ brokenChains: ["team 1 at 7: hash"] })).toEqual([
      "the trail's chains hold",
    ]);
  });
});
