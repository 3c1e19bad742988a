import type { Send } from "./data-types.ts";
import { type RestCall, unitOf } from "./rest-route.ts";

/** Batches and send ids of what tests and people set off begin here; seeded ones are lower. */
const firstSendId = 900_000;

/** Notes one mail to one person; its time may lie ahead, until then nobody sees it. */
export function recordSend(
  call: RestCall,
  given: Omit<Send, "id" | "mid" | "sendId" | "batchId" | "messageKey" | "journey"> &
    Partial<Pick<Send, "messageKey" | "journey">>,
): Send {
  const unit = unitOf(call);
  const sendId = firstSendId + Number.parseInt(given.definitionId.slice(0, 5), 16);
  const send: Send = {
    messageKey: null,
    journey: null,
    ...given,
    id: call.core.context.random.uuid(),
    mid: call.caller.token.mid,
    sendId,
    batchId: unit.sends.count() + 1,
  };
  unit.sends.put(send);
  return send;
}
