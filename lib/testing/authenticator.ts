import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import type { PasskeyAnswer, PasskeyMade } from "#lib/second-factor/schema.ts";

const FLAG_PRESENT = 0x01;
const FLAG_VERIFIED = 0x04;
const FLAG_CREDENTIAL = 0x40;

type Asked = { challenge: string };
/** What a phisher, a broken device or a copy of one would change. */
type Lie = { origin?: string; rpId?: string; isVerified?: boolean; counter?: number };

/** A passkey of its own, in software: makes one credential and answers with it. */
export function softwareAuthenticator(studioUrl: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const id = randomBytes(32);
  let counter = 0;

  const clientData = (type: string, { challenge }: Asked, lie: Lie) =>
    Buffer.from(
      JSON.stringify({ type, challenge, origin: lie.origin ?? studioUrl, crossOrigin: false }),
    );
  const authData = (flags: number, lie: Lie, credential = Buffer.alloc(0)) => {
    counter += 1;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(lie.counter ?? counter);
    const verified = lie.isVerified === false ? 0 : FLAG_VERIFIED;
    const host = lie.rpId ?? new URL(studioUrl).hostname;
    return Buffer.concat([
      createHash("sha256").update(host).digest(),
      Buffer.of(FLAG_PRESENT | verified | flags),
      count,
      credential,
    ]);
  };
  const shared = {
    id: id.toString("base64url"),
    rawId: id.toString("base64url"),
    type: "public-key" as const,
    clientExtensionResults: {},
  };

  return {
    make(asked: Asked, lie: Lie = {}): PasskeyMade {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.byteLength);
      // COSE: EC2, ES256, P-256, x, y (RFC 9053).
      const key = Buffer.concat([
        Buffer.from("a5010203262001", "hex"),
        Buffer.from("215820", "hex"),
        Buffer.from(x, "base64url"),
        Buffer.from("225820", "hex"),
        Buffer.from(y, "base64url"),
      ]);
      const credential = Buffer.concat([Buffer.alloc(16), length, id, key]);
      const data = authData(FLAG_CREDENTIAL, lie, credential);
      // CBOR: { fmt: "none", attStmt: {}, authData }
      const size = Buffer.alloc(2);
      size.writeUInt16BE(data.byteLength);
      const attestation = Buffer.concat([
        Buffer.from("a363666d74646e6f6e656761747453746d74a0686175746844617461", "hex"),
        Buffer.of(0x59),
        size,
        data,
      ]);
      return {
        ...shared,
        response: {
          clientDataJSON: clientData("webauthn.create", asked, lie).toString("base64url"),
          attestationObject: attestation.toString("base64url"),
          transports: ["internal"],
        },
      };
    },
    answer(asked: Asked, lie: Lie = {}): PasskeyAnswer {
      const data = authData(0, lie);
      const client = clientData("webauthn.get", asked, lie);
      const signed = Buffer.concat([data, createHash("sha256").update(client).digest()]);
      return {
        ...shared,
        response: {
          clientDataJSON: client.toString("base64url"),
          authenticatorData: data.toString("base64url"),
          signature: createSign("sha256").update(signed).sign(privateKey).toString("base64url"),
        },
      };
    },
  };
}
