import "reflect-metadata"; // @peculiar/x509 throws on import without it
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A certificate authority of this run only, and a server certificate by it. */
export type TestCertificates = { caPem: string; certPem: string; keyPem: string };

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 86_400_000;

/** @param names - DNS names of the server certificate; `*.` stands for one label */
export async function makeCertificates(names: readonly string[]): Promise<TestCertificates> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const keys = async () =>
    (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  const [caKeys, serverKeys] = [await keys(), await keys()];
  // The certificate is checked by real clients against real time, whatever the simulator's clock says.
  const validity = {
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 30 * dayMs),
  };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=Simulator test authority",
    ...validity,
    signingAlgorithm: algorithm,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const server = await x509.X509CertificateGenerator.create({
    serialNumber: "02",
    subject: "CN=Simulator",
    issuer: ca.subject,
    ...validity,
    signingAlgorithm: algorithm,
    signingKey: caKeys.privateKey,
    publicKey: serverKeys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: "dns" as const, value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey));
  const lines = key.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    caPem: `${ca.toString("pem")}\n`,
    certPem: `${server.toString("pem")}\n`,
    keyPem: `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`,
  };
}
