import {
  emptyPreview,
  type PlanJson,
  type PlanTarget,
  type Preview,
  type StepJson,
} from "#lib/plans/schema.ts";

/** Plans as the interface gives them, for tests of what shows them. */
const id = (n: number) => `3f0c9a4e-6f3b-4a35-9a57-${String(n).padStart(12, "0")}`;
const at = "2026-11-22T10:00:00.000Z";

export const halden: PlanTarget = {
  connectionId: id(1),
  name: "Halden Production",
  provider: "salesforce",
  environment: "production",
  isProduction: true,
  orgId: "00D5j00000B7xQmEAJ",
  memberId: null,
  orgName: "Halden Living",
  username: "dana.kowalczyk@halden.example",
  providerUserId: "0055j000001aaaaAAA",
};
export const uat: PlanTarget = {
  ...halden,
  connectionId: id(2),
  name: "uat",
  environment: "sandbox",
  isProduction: false,
  orgId: "00DVF0000041kTeEAI",
};

/** What a list tells of a target. */
export const listed = ({
  connectionId,
  name,
  provider,
  environment,
  isProduction,
  orgName,
}: PlanTarget): PlanJson["targets"][number] => ({
  connectionId,
  name,
  provider,
  environment,
  isProduction,
  orgName,
});

export function givenStep(
  of: Partial<Omit<StepJson, "preview">> & { preview?: Partial<Preview> } = {},
): StepJson {
  return {
    position: 1,
    connectionId: halden.connectionId,
    operationId: "salesforce.records.update",
    effect: "write",
    title: "Update 1 contact",
    records: 1,
    recipients: 0,
    state: "pending",
    startedAt: null,
    finishedAt: null,
    outcome: null,
    requestId: null,
    hash: "c".repeat(64),
    contentBytes: 2_000,
    ...of,
    preview: { ...emptyPreview, ...of.preview },
  };
}

export function givenPlan(of: Partial<PlanJson> = {}): PlanJson {
  return {
    id: id(10),
    url: `https://studio.example/plans/${id(10)}`,
    title: "Move lapsed members into win-back",
    state: "proposed",
    endReason: null,
    version: 1,
    proposer: { kind: "agent", id: id(11), name: "Journey scout" },
    owner: { id: id(12), name: "Dana Kowalczyk" },
    isMine: true,
    stepCount: 1,
    records: 1,
    recipients: 0,
    progress: { pending: 1, sending: 0, applied: 0, failed: 0, unknown: 0, drifted: 0, skipped: 0 },
    risks: ["production"],
    targets: [listed(halden)],
    approvals: [],
    missing: ["owner"],
    canApprove: "owner",
    createdAt: at,
    updatedAt: at,
    expiresAt: "2026-11-22T11:00:00.000Z",
    approvedAt: null,
    appliedAt: null,
    endedAt: null,
    reason: "214 members lapsed in October.",
    hash: `9f3c${"0".repeat(56)}e71a`,
    identities: [halden],
    showsContent: true,
    contentsRemovedAt: null,
    warnings: [{ code: "production", steps: 1 }],
    unready: [],
    asks: {
      recentSignIn: true,
      typedNames: [{ connectionId: halden.connectionId, name: halden.name }],
      secondPerson: false,
    },
    rejection: null,
    standingApprovalId: null,
    canReject: true,
    canCancel: false,
    canEdit: true,
    canApply: false,
    ...of,
  };
}
