import { callApi } from "#components/ui/api.ts";
import type { FactorAddedJson } from "#lib/second-factor/schema.ts";

/** The browser did not give a passkey: none there, the person said no, or time ran out. */
export class NoPasskeyError extends Error {
  override readonly name = "NoPasskeyError";
}

export type PasskeyOptions = Record<string, unknown>;

const schemas = () => import("#lib/second-factor/schema.ts");
const optionsFrom = async (path: string) =>
  (await callApi(path, async () => (await schemas()).passkeyOptionsSchema, { method: "POST" }))
    .options;

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new NoPasskeyError("no passkey was given", { cause });
  }
}

/** What the next passkey is made for: good for five minutes. @throws {ApiProblem} it may not be made now */
export const askToAddPasskey = () => optionsFrom("/api/second-factor/passkeys/options");

/** Makes a passkey in this browser and adds it. @throws {NoPasskeyError | ApiProblem} */
export async function addPasskeyHere(
  options: PasskeyOptions,
  name: string,
): Promise<FactorAddedJson> {
  const optionsJSON = options as never;
  const { startRegistration } = await import("@simplewebauthn/browser");
  const made = await asked(() => startRegistration({ optionsJSON }));
  const { response, id, rawId, type, clientExtensionResults } = made;
  const { clientDataJSON, attestationObject, transports } = response;
  return callApi("/api/second-factor/passkeys", async () => (await schemas()).factorAddedSchema, {
    method: "POST",
    body: {
      name,
      made: {
        id,
        rawId,
        type,
        clientExtensionResults,
        response: { clientDataJSON, attestationObject, ...(transports && { transports }) },
      },
    },
  });
}

/** Takes the second step by a passkey of this browser. @throws {NoPasskeyError | ApiProblem} */
export async function passWithPasskeyHere(): Promise<void> {
  const optionsJSON = (await optionsFrom("/api/second-factor/step/passkey/options")) as never;
  const { startAuthentication } = await import("@simplewebauthn/browser");
  const answer = await asked(() => startAuthentication({ optionsJSON }));
  await callApi("/api/second-factor/step/passkey", null, { method: "POST", body: { answer } });
}
