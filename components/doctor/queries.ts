import { callApi } from "#components/ui/api.ts";
import type { DoctorReport } from "#lib/doctor/schema.ts";

const schema = async () => (await import("#lib/doctor/schema.ts")).doctorReportSchema;

/** @param definition - as it would be saved; nothing is */
export function checkDefinition(definition: unknown): Promise<DoctorReport> {
  return callApi("/api/doctor", schema, { method: "POST", body: definition });
}

export function checkConnection(connectionId: string): Promise<DoctorReport> {
  return callApi(`/api/connections/${connectionId}/doctor`, schema, { method: "POST" });
}
