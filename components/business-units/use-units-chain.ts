"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { addUnits } from "#components/business-units/queries.ts";
import {
  afterLoad,
  type Chain,
  loadChain,
  newChain,
  type Skipped,
  saveChain,
} from "#components/business-units/units-chain.ts";
import { startFlow } from "#components/connect/begin-flow.ts";
import { unitsPath } from "#components/connect/units-return.ts";
import { problemWords } from "#components/ui/api.ts";
import type { BusinessUnitJson } from "#lib/grants/schema.ts";

const PAUSE_MS = 2_500;

/**
 * Signs in to one unit after another in this tab. Each flow is begun by this page, with a POST: on a
 * press, or when the page is back with the flow that it went away with, after a moment in which the
 * person sees how it ended and can stop.
 *
 * @param props.returned - the flow that the address says has ended
 * @param props.leave - goes to the provider; replaced in tests
 */
export function useUnitsChain({
  connectionId,
  items,
  returned,
  leave = (address) => window.location.assign(address),
}: {
  connectionId: string;
  items: readonly BusinessUnitJson[];
  returned: string | null;
  leave?: (address: string) => void;
}) {
  const [chain, setChain] = useState<Chain | null>(null);
  const [isCarryingOn, setIsCarryingOn] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [skipped, setSkipped] = useState<Skipped[]>([]);
  const byMid = useRef(new Map<number, BusinessUnitJson>());
  byMid.current = new Map(items.map((unit) => [unit.accountId, unit]));

  const keep = useCallback(
    (next: Chain | null) => {
      saveChain(connectionId, next);
      setChain(next);
    },
    [connectionId],
  );

  const begin = useCallback(
    async (next: Chain, connectionOf: (mid: number) => string | null) => {
      setIsCarryingOn(false);
      setIsBusy(true);
      setError(null);
      keep(next);
      try {
        const [mid] = next.left;
        const id = mid === undefined ? null : connectionOf(mid);
        if (id === null) throw new Error("a unit without a connection");
        const flow = await startFlow({ connectionId: id, returnTo: unitsPath(connectionId) });
        saveChain(connectionId, { ...next, flowId: flow.flowId });
        leave(flow.authorizeUrl);
      } catch (cause) {
        setIsBusy(false);
        setError(problemWords(cause));
      }
    },
    [connectionId, keep, leave],
  );

  const known = useCallback((mid: number) => byMid.current.get(mid)?.connection?.id ?? null, []);

  // What this tab remembers is read once, after the first render: the server knows nothing of it.
  const hasLoaded = useRef(false);
  useEffect(() => {
    if (hasLoaded.current) return;
    hasLoaded.current = true;
    const stored = loadChain(connectionId);
    if (returned !== null) window.history.replaceState(null, "", unitsPath(connectionId));
    if (stored === null) return;
    const after = afterLoad(
      stored,
      returned,
      (mid) => byMid.current.get(mid)?.connection?.state === "connected",
    );
    keep(after.chain);
    setIsCarryingOn(after.mayCarryOn);
  }, [connectionId, returned, keep]);

  useEffect(() => {
    if (!isCarryingOn || chain === null) return;
    const timer = setTimeout(() => void begin(chain, known), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [isCarryingOn, chain, begin, known]);

  return {
    chain,
    isCarryingOn,
    isBusy,
    error,
    skipped,
    /** Makes the connections that are missing, then signs in to the first unit. */
    async connect(mids: readonly number[]) {
      setIsBusy(true);
      setError(null);
      setSkipped([]);
      const ids = new Map(mids.map((mid) => [mid, known(mid)]));
      try {
        const missing = mids.filter((mid) => ids.get(mid) === null);
        const { results } =
          missing.length === 0 ? { results: [] } : await addUnits(connectionId, missing);
        const gone: Skipped[] = [];
        for (const { accountId, result, connectionId: made } of results) {
          if (result === "not_found" || result === "inactive")
            gone.push({ accountId, why: result });
          else ids.set(accountId, made);
        }
        setSkipped(gone);
        const asked = mids.filter((mid) => ids.get(mid) !== null);
        if (asked.length > 0) await begin(newChain(asked, gone), (mid) => ids.get(mid) ?? null);
        else setIsBusy(false);
      } catch (cause) {
        setIsBusy(false);
        setError(problemWords(cause));
      }
    },
    carryOn() {
      if (chain) void begin(chain, known);
    },
    stop: () => setIsCarryingOn(false),
    /** Forgets what is left; the connections stay. */
    forget() {
      setIsCarryingOn(false);
      keep(null);
    },
    /** Signs in to this connection again, to be able to list the units. */
    async reconnect() {
      setIsBusy(true);
      setError(null);
      try {
        const flow = await startFlow({ connectionId, returnTo: unitsPath(connectionId) });
        leave(flow.authorizeUrl);
      } catch (cause) {
        setIsBusy(false);
        setError(problemWords(cause));
      }
    },
  };
}

export type UnitsChain = ReturnType<typeof useUnitsChain>;
