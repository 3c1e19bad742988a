import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { PasskeyRefusedError } from "#lib/second-factor/errors.ts";
import type { PasskeyAnswer, PasskeyMade } from "#lib/second-factor/schema.ts";

/** EdDSA, ES256 and RS256: what authenticators in use have (COSE's numbers). */
const ALGORITHMS = [-8, -7, -257];
const RP_NAME = "MeshMesh Studio";
/** Passkeys are made for this origin and its host, and only answer there (OA-6). */
const rpIdOf = (studioUrl: string) => new URL(studioUrl).hostname;

type Bytes = Uint8Array<ArrayBuffer>;
type Known = { credentialId: Uint8Array; transports: readonly string[] };
export type HeldPasskey = { credentialId: Uint8Array; publicKey: Uint8Array; counter: number };
export type NewPasskey = {
  credentialId: Bytes;
  publicKey: Bytes;
  counter: number;
  transports: string[];
};

const asId = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const descriptors = (known: readonly Known[]) =>
  known.map(({ credentialId, transports }) => ({
    id: asId(credentialId),
    transports: [...transports],
  }));

/** What the browser needs to make a passkey: verified by the person, not one that is there already. */
export async function creationOptions(
  studioUrl: string,
  person: { id: string; email: string; name: string },
  challenge: Bytes,
  known: readonly Known[],
) {
  return generateRegistrationOptions({
    rpName: RP_NAME,
    rpID: rpIdOf(studioUrl),
    userID: Uint8Array.from(Buffer.from(person.id.replaceAll("-", ""), "hex")),
    userName: person.email,
    userDisplayName: person.name,
    challenge,
    attestationType: "none",
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: descriptors(known),
    authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
  });
}

/** What the browser needs to ask one of these passkeys. */
export async function requestOptions(studioUrl: string, challenge: Bytes, known: readonly Known[]) {
  return generateAuthenticationOptions({
    rpID: rpIdOf(studioUrl),
    challenge,
    allowCredentials: descriptors(known),
    userVerification: "required",
  });
}

/**
 * Judges a passkey that was just made: our challenge, origin and host, the person verified.
 * @throws {PasskeyRefusedError} anything else
 */
export async function judgeMade(
  studioUrl: string,
  challenge: string,
  made: PasskeyMade,
): Promise<NewPasskey> {
  const verified = await verifyRegistrationResponse({
    response: made as Parameters<typeof verifyRegistrationResponse>[0]["response"],
    expectedChallenge: challenge,
    expectedOrigin: studioUrl,
    expectedRPID: rpIdOf(studioUrl),
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch((cause: unknown) => {
    throw new PasskeyRefusedError(cause);
  });
  if (!verified.verified) throw new PasskeyRefusedError();
  const { credential } = verified.registrationInfo;
  return {
    credentialId: Uint8Array.from(Buffer.from(credential.id, "base64url")),
    publicKey: Uint8Array.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
  };
}

/**
 * Judges a passkey's answer: our challenge, origin and host, the person verified, the signature right,
 * and the counter, where the authenticator has one, beyond the held one.
 *
 * @returns the counter to keep
 * @throws {PasskeyRefusedError} anything else
 */
export async function judgeAnswer(
  studioUrl: string,
  challenge: string,
  answer: PasskeyAnswer,
  held: HeldPasskey,
): Promise<number> {
  const verified = await verifyAuthenticationResponse({
    response: answer as Parameters<typeof verifyAuthenticationResponse>[0]["response"],
    expectedChallenge: challenge,
    expectedOrigin: studioUrl,
    expectedRPID: rpIdOf(studioUrl),
    requireUserVerification: true,
    credential: {
      id: asId(held.credentialId),
      publicKey: Uint8Array.from(held.publicKey),
      counter: held.counter,
    },
  }).catch((cause: unknown) => {
    throw new PasskeyRefusedError(cause);
  });
  if (!verified.verified) throw new PasskeyRefusedError();
  return verified.authenticationInfo.newCounter;
}
