import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLoopbackOrigin, isPublicAddress } from "#lib/egress/public-address.ts";

const refused: Record<string, string[]> = {
  "this machine": ["127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "::"],
  "private networks": [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "fd00::1",
    "fc00::1",
  ],
  "link-local and metadata": ["169.254.169.254", "fe80::1", "fe80::1%eth0", "fd00:ec2::254"],
  "carrier NAT and benchmarks": ["100.64.0.1", "198.18.0.1", "2001:2::1"],
  "multicast, broadcast, reserved": [
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "ff02::1",
    "192.0.0.1",
  ],
  documentation: ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
  "mapped IPv4": [
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "0:0:0:0:0:ffff:a9fe:a9fe",
  ],
  "compatible IPv4": ["::127.0.0.1", "::7f00:1", "::93.184.215.14"],
  "translated IPv4": [
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d70e",
    "64:ff9b:1::1",
  ],
  "6to4, Teredo, ISATAP": [
    "2002:7f00:1::",
    "2002:5db8:d70e::",
    "2001:0:1::1",
    "2a00::5efe:7f00:1",
    "2a00::200:5efe:a00:1",
  ],
  "old and odd IPv6": ["fec0::1", "100::1", "5f00::1", "4000::1", "2001:20::1"],
  "no address at all": [
    "",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "1.2.3",
    "::1]",
    "1.2.3.4 ",
  ],
};

describe("public addresses", () => {
  for (const [name, addresses] of Object.entries(refused)) {
    test(`[NET-3] ${name}: not public`, () => {
      expect(addresses.filter(isPublicAddress)).toEqual([]);
    });
  }

  test("[NET-3] addresses of the internet are public, mapped ones too", () => {
    const addresses = [
      "93.184.215.14",
      "1.1.1.1",
      "2606:4700:4700::1111",
      "2a00:1450::1",
      "::ffff:1.1.1.1",
    ];
    expect(addresses.filter((address) => !isPublicAddress(address))).toEqual([]);
  });

  test("[NET-3] a private IPv4 address stays private in each IPv6 disguise", () => {
    const byte = fc.nat(255);
    const privateV4 = fc.oneof(
      fc.tuple(fc.constant(10), byte, byte, byte),
      fc.tuple(fc.constant(127), byte, byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
      fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
    );
    fc.assert(
      fc.property(privateV4, (parts) => {
        const [a, b, c, d] = parts;
        const v4 = parts.join(".");
        const high = (a * 256 + b).toString(16);
        const low = (c * 256 + d).toString(16);
        const forms = [
          v4,
          `::ffff:${v4}`,
          `::ffff:${high}:${low}`,
          `::${v4}`,
          `::ffff:0:${high}:${low}`,
          `64:ff9b::${high}:${low}`,
          `64:ff9b:1::${high}:${low}`,
          `2002:${high}:${low}::1`,
          `2001:0:${high}:${low}::1`,
          `2a00:1450::5efe:${high}:${low}`,
        ];
        expect(forms.filter(isPublicAddress)).toEqual([]);
      }),
      { numRuns: 10_000 },
    );
  });

  test("loopback origins are told from look-alikes", () => {
    const own = [
      "http://localhost:3000",
      "http://127.0.0.1",
      "http://[::1]:1",
      "https://a.localhost",
    ];
    const others = [
      "http://localhost.example",
      "http://127.0.0.1.example",
      "http://10.0.0.1",
      "x",
      "http://[::2]",
    ];
    expect([own.every(isLoopbackOrigin), others.some(isLoopbackOrigin)]).toEqual([true, false]);
  });
});
