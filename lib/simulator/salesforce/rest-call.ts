import type { SimulatorRequest } from "#lib/simulator/kit/types.ts";
import type { RecordStore } from "#lib/simulator/salesforce/records.ts";
import type { SalesforceCore, Session } from "#lib/simulator/salesforce/state.ts";
import type { Org, SalesforceUser } from "#lib/simulator/salesforce/world.ts";

/** A call of the REST API whose token has been looked at. */
export type RestCall = {
  core: SalesforceCore;
  request: SimulatorRequest;
  session: Session;
  org: Org;
  user: SalesforceUser;
  store: RecordStore;
  /** Without the `v`: `64.0`. */
  version: string;
  isTooling: boolean;
  query: URLSearchParams;
};
