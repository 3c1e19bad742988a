import { describe, expect, test } from "vitest";
import { marketingCloudTokenPlace } from "#lib/providers/marketing-cloud/proxy-dialect.ts";
import { salesforceTokenPlace } from "#lib/providers/salesforce/proxy-dialect.ts";
import { findSoapToken, type SoapTokenPlace, withSoapToken } from "#lib/providers/soap-token.ts";

const soap = "http://schemas.xmlsoap.org/soap/envelope/";
const ours = "mmk_abc_DEF-123";
const retrieve = `<RetrieveRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><RetrieveRequest><ObjectType>DataExtension</ObjectType><Properties>Größe</Properties></RetrieveRequest></RetrieveRequestMsg>`;
const envelope = (header: string, more = "") =>
  `<s:Envelope xmlns:s="${soap}">${more}<s:Header>${header}</s:Header><s:Body>${retrieve}</s:Body></s:Envelope>`;
const fueloauth = `<fueloauth xmlns="http://exacttarget.com">${ours}</fueloauth>`;

function swapped(text: string, place: SoapTokenPlace = marketingCloudTokenPlace) {
  const found = findSoapToken(Buffer.from(text), place);
  if (found.kind === "refused") return found.reason;
  expect(found.token).toBe(ours);
  return withSoapToken(found, "REAL.token").toString();
}

describe("what well-known clients send has its token swapped, and nothing else", () => {
  const shapes: Record<string, string> = {
    "sfmc-sdk, mcdev and FuelSDK: body first": `<Envelope xmlns="${soap}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body>${retrieve}</Body><Header>${fueloauth}</Header></Envelope>`,
    "zeep: prefixes of its own": `<?xml version='1.0' encoding='utf-8'?>\n<soap-env:Envelope xmlns:soap-env="${soap}"><soap-env:Header><ns0:fueloauth xmlns:ns0="http://exacttarget.com">${ours}</ns0:fueloauth></soap-env:Header><soap-env:Body>${retrieve}</soap-env:Body></soap-env:Envelope>`,
    "FuelSDK for Python: stars beside it": envelope(
      `<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><wsse:UsernameToken><wsse:Username>*</wsse:Username><wsse:Password>*</wsse:Password></wsse:UsernameToken></wsse:Security>${fueloauth}`,
    ),
    "white space around it": envelope(
      `<fueloauth xmlns="http://exacttarget.com">\n  ${ours}\r\n</fueloauth>`,
    ),
    "the same text elsewhere": envelope(fueloauth, `<!-- ${ours} -->`).replace("Größe", ours),
  };
  for (const [name, text] of Object.entries(shapes)) {
    test(name, () => {
      const at = text.indexOf(ours, text.indexOf("fueloauth"));
      expect(swapped(text)).toBe(`${text.slice(0, at)}REAL.token${text.slice(at + ours.length)}`);
    });
  }
  test("Salesforce's session header", () => {
    for (const namespace of salesforceTokenPlace.namespaces) {
      const text = `<e:Envelope xmlns:e="${soap}"><e:Header><SessionHeader xmlns="${namespace}"><sessionId>${ours}</sessionId></SessionHeader></e:Header><e:Body><query xmlns="${namespace}"><queryString>x</queryString></query></e:Body></e:Envelope>`;
      expect(swapped(text, salesforceTokenPlace)).toBe(text.replace(ours, "REAL.token"));
    }
  });
});

describe("[BRK-4] an envelope that two readers could see differently is refused", () => {
  const declared = `xmlns="http://exacttarget.com"`;
  const refusals: [name: string, text: string, reason: string][] = [
    ["no token", envelope(""), "no_token"],
    ["an empty one", envelope(`<fueloauth ${declared}/>`), "no_token"],
    ["blank", envelope(`<fueloauth ${declared}> </fueloauth>`), "no_token"],
    ["two", envelope(fueloauth + fueloauth), "several_tokens"],
    ["two headers", envelope(fueloauth, `<s:Header>${fueloauth}</s:Header>`), "several_tokens"],
    ["one in the body", envelope("").replace(retrieve, fueloauth), "odd_token"],
    ["a second one in the body", envelope(fueloauth).replace(retrieve, fueloauth), "odd_token"],
    [
      "one deeper in the header",
      envelope(`<a xmlns="http://exacttarget.com">${fueloauth}</a>`),
      "odd_token",
    ],
    ["another namespace", envelope(`<fueloauth xmlns="urn:x">${ours}</fueloauth>`), "odd_token"],
    ["another letter case", envelope(`<FuelOAuth ${declared}>${ours}</FuelOAuth>`), "odd_token"],
    ["CDATA", envelope(`<fueloauth ${declared}><![CDATA[${ours}]]></fueloauth>`), "odd_token"],
    ["a comment", envelope(`<fueloauth ${declared}>${ours}<!-- --></fueloauth>`), "odd_token"],
    ["an instruction", envelope(`<fueloauth ${declared}><?x y?>${ours}</fueloauth>`), "odd_token"],
    ["a reference", envelope(`<fueloauth ${declared}>&#109;mk_a</fueloauth>`), "odd_token"],
    ["an element", envelope(`<fueloauth ${declared}><t>${ours}</t></fueloauth>`), "odd_token"],
    ["an attribute", envelope(`<fueloauth ${declared} a="1">${ours}</fueloauth>`), "odd_token"],
    ["two words", envelope(`<fueloauth ${declared}>${ours} x</fueloauth>`), "odd_token"],
    [
      "a name and a password",
      envelope(
        `<Security xmlns="urn:s"><Username>api</Username><Password>pw</Password></Security>${fueloauth}`,
      ),
      "other_credentials",
    ],
    [
      "a name and a password in CDATA",
      envelope(
        `<Security xmlns="urn:s"><Username><![CDATA[api]]></Username></Security>${fueloauth}`,
      ),
      "other_credentials",
    ],
    [
      "the older token header",
      envelope(`<oAuth ${declared}><oAuthToken>x</oAuthToken></oAuth>${fueloauth}`),
      "other_credentials",
    ],
    ["a document type", `<!DOCTYPE x>${envelope(fueloauth)}`, "document_type"],
    [
      "an entity",
      `<!DOCTYPE x [<!ENTITY t "${ours}">]>${envelope(`<fueloauth ${declared}>&t;</fueloauth>`)}`,
      "document_type",
    ],
    ["an undeclared entity", envelope(`<fueloauth ${declared}>&t;</fueloauth>`), "not_xml"],
    [
      "another encoding",
      `<?xml version="1.0" encoding="utf-16"?>${envelope(fueloauth)}`,
      "not_xml",
    ],
    ["no end", envelope(fueloauth).slice(0, -3), "not_xml"],
    ["two roots", envelope(fueloauth) + envelope(fueloauth), "not_xml"],
    ["no envelope", fueloauth, "not_an_envelope"],
    ["no XML", "{}", "not_xml"],
    ["nothing", "", "not_xml"],
  ];
  test.each(refusals)("%s", (_name, text, reason) => {
    expect(swapped(text)).toBe(reason);
  });
  test("bytes that are no UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from(envelope(fueloauth)), Buffer.from([0xff])]);
    expect(findSoapToken(bytes, marketingCloudTokenPlace)).toMatchObject({ reason: "not_xml" });
  });
  test("elements a thousand deep", () => {
    expect(swapped(envelope(fueloauth + "<a>".repeat(1_000) + "</a>".repeat(1_000)))).toBe(
      "not_xml",
    );
  });
});
