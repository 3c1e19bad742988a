import { createHash, timingSafeEqual } from "node:crypto";

const shown = "[secret]";
const brand = Symbol.for("meshmesh.secret");

/**
 * A value that must not be seen: a token, code, key or password (VA-10). As a string, in a template,
 * in JSON and when inspected it reads `[secret]`; a structured clone of it is an empty object. Only
 * `reveal` and `revealBytes` give the value, in the line that sends, seals or hashes it.
 */
export class Secret {
  readonly #bytes: Buffer;

  get [brand](): true {
    return true;
  }

  /**
   * @param value - text without lone surrogates, or bytes; bytes are copied, so the caller may wipe
   *   its own
   * @throws {TypeError} the text cannot be kept without loss; the message does not hold it
   */
  constructor(value: string | Uint8Array) {
    if (typeof value === "string" && !value.isWellFormed()) {
      throw new TypeError("a secret's text must be well-formed Unicode");
    }
    // Not Buffer.from: a small one would sit in Node's shared pool beside other data.
    const source = typeof value === "string" ? new TextEncoder().encode(value) : value;
    this.#bytes = Buffer.alloc(source.byteLength);
    this.#bytes.set(source);
    Object.freeze(this);
  }

  /**
   * True for a secret. Next gives each entry its own copy of this class: a secret of any copy counts.
   */
  static is(value: unknown): value is Secret {
    return typeof value === "object" && value !== null && brand in value;
  }

  /** The value as UTF-8 text. */
  reveal(): string {
    return this.#bytes.toString("utf8");
  }

  /** A copy of the bytes: the caller's to wipe. */
  revealBytes(): Buffer {
    const copy = Buffer.alloc(this.#bytes.byteLength);
    this.#bytes.copy(copy);
    return copy;
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  /** Compares in time that does not depend on where the values differ. */
  equals(other: Secret): boolean {
    const digest = (secret: Secret) => createHash("sha256").update(secret.revealBytes()).digest();
    return timingSafeEqual(digest(this), digest(other));
  }

  /** Overwrites the value with zeros, for keys and other short-lived secrets. It reveals zeros after. */
  wipe(): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.toPrimitive](): string {
    return shown;
  }

  get [Symbol.toStringTag](): string {
    return "Secret";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return shown;
  }
}
