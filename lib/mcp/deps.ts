import type { AuthenticateDeps } from "#lib/agents/authenticate-agent.ts";
import type { AdmitDeps } from "#lib/broker/admit-caller.ts";
import type { CallerDeps } from "#lib/broker/authenticate-caller.ts";
import type { CallPlaces } from "#lib/broker/call-places.ts";
import type { ListAgentConnectionsDeps } from "#lib/broker/list-agent-connections.ts";
import type { RaiseRequestDeps } from "#lib/connection-requests/raise-request.ts";
import type { WaitDeps } from "#lib/connection-requests/wait-for-answer.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { CallOperationDeps } from "#lib/plans/call-operation.ts";
import type { WaitForPlanDeps } from "#lib/plans/wait-for-plan.ts";

/** What the tools are made of: the features, and nothing below them. */
export type McpDeps = AuthenticateDeps &
  AdmitDeps &
  CallerDeps &
  ListAgentConnectionsDeps &
  CallOperationDeps &
  RaiseRequestDeps &
  WaitDeps &
  WaitForPlanDeps & {
    studioUrl: string;
    log: Logger;
    callPlaces: CallPlaces;
    derivedKeys: { requestState: Secret };
  };
