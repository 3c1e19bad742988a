import { type CallTable, unknownCall } from "#lib/providers/proxied-call.ts";

export const marketingCloudCalls: CallTable = {
  needsBody: () => false,
  classify: () => unknownCall,
};
