import { type CallTable, unknownCall } from "#lib/providers/proxied-call.ts";

export const salesforceCalls: CallTable = {
  needsBody: () => false,
  classify: () => unknownCall,
};
