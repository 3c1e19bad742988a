import { describe, expect, test } from "vitest";
import { meridianMids } from "./seed-business-units.ts";
import { marketingCloudFaults } from "./switches.ts";
import { halden, testCloud } from "./testing.ts";
import { api, bodyOf, results, simple, status } from "./testing-soap.ts";

const unitProperties = ["ID", "Name", "ParentID", "ParentName", "IsActive"];

const subdomain = "mcm3r1d1anfr4nch1se8k2w5x7qz";
function meridian() {
  const cloud = testCloud();
  const app = { client_id: "m3r1d1anpub1ic5x2c9v7k4q", redirect_uri: halden.callback };
  const enter = async (accountId: number) => {
    const code = (await cloud.signIn(app, "t.okeke@meridian", subdomain)).get("code");
    const grant = { grant_type: "authorization_code", code, account_id: accountId };
    return cloud.token({ ...app, ...grant }, subdomain);
  };
  return { ...cloud, enter };
}

describe("business units", () => {
  const all = "<QueryAllAccounts>true</QueryAllAccounts>";

  test("the parent sees the tree, a child itself", async () => {
    const { connect, retrieve } = testCloud();
    const parent = await connect();
    const tree = results((await retrieve(parent.access, "BusinessUnit", unitProperties, all)).text);
    expect(tree.map(({ ID, ParentID }) => [ID, ParentID])).toEqual([
      ["514012345", "0"],
      ["514012388", "514012345"],
      ["514012391", "514012345"],
      ["514013006", "514012345"],
    ]);
    const child = await connect({}, halden.dana, { account_id: halden.mids.dach });
    for (const more of [all, ""]) {
      const { text } = await retrieve(child.access, "BusinessUnit", unitProperties, more);
      expect(results(text).map(({ Name }) => Name)).toEqual(["Halden DACH"]);
    }
    const own = await retrieve(parent.access, "Account", ["ID", "Name"], all);
    expect(results(own.text)).toHaveLength(1);
  });

  test("a tree of more than 2,500 comes in pages, with regions in between and closed units told", async () => {
    const { enter, retrieve } = meridian();
    const access = (await enter(meridianMids.parent)).json.access_token;
    const first = await retrieve(access, "BusinessUnit", unitProperties, all, subdomain);
    expect([status(first.text), results(first.text).length]).toEqual(["MoreDataAvailable", 2500]);
    const id = bodyOf(first.text).RetrieveResponseMsg.RequestID;
    const more = `<ContinueRequest>${id}</ContinueRequest>${all}`;
    const rest = await retrieve(access, "BusinessUnit", unitProperties, more, subdomain);
    expect([status(rest.text), results(rest.text).length]).toEqual(["OK", 142]);
    const units = [...results(first.text), ...results(rest.text)];
    expect(new Set(units.map(({ ID }) => ID)).size).toBe(2642);
    expect(units.filter(({ IsActive }) => IsActive === "false")).toHaveLength(26);
    const shop = units.find(({ ID }) => ID === "527001000");
    expect([shop.ParentID, shop.ParentName]).toEqual(["527000002", "Meridian Benelux"]);
  });

  test("nobody enters a unit that is switched off", async () => {
    const { enter } = meridian();
    expect((await enter(meridianMids.first)).status).toBe(200);
    expect((await enter(meridianMids.closed)).status).toBe(401);
  });

  test("without accounts_read the status says so, in HTTP 200", async () => {
    const { connect, retrieve } = testCloud();
    const { access } = await connect({ scope: "email_read" });
    const answer = await retrieve(access, "BusinessUnit", unitProperties, all);
    expect([answer.status, status(answer.text)]).toEqual([200, "Error: API Permission Failed."]);
  });
});

describe("retrieve", () => {
  test("answers as recorded: prefix soap, bare children, nil for empties, order of the WSDL", async () => {
    const { connect, retrieve } = testCloud();
    const { access } = await connect();
    const { headers, text } = await retrieve(
      access,
      "DataExtension",
      ["Name", "CustomerKey"],
      simple("CustomerKey", "equals", "Orders"),
    );
    expect(headers["content-type"]).toBe("text/xml; charset=utf-8");
    expect(text).toContain(
      `<soap:Body><RetrieveResponseMsg xmlns="${api}"><OverallStatus>OK</OverallStatus><RequestID>`,
    );
    expect(text).toContain(
      '<Results xsi:type="DataExtension"><PartnerKey xsi:nil="true" /><ObjectID xsi:nil="true" /><CustomerKey>Orders</CustomerKey><Name>Orders</Name></Results>',
    );
  });

  test.each([
    [simple("Name", "like", "Order%"), ["Order_Items", "Orders"]],
    [simple("Name", "IN", "Orders", "Stores"), ["Orders", "Stores"]],
    [
      simple("SendableDataExtensionField.Name", "isNotNull"),
      ["Customers", "Loyalty_Members", "Newsletter_Subscribers", "VIP_Customers"],
    ],
    [
      `<Filter xsi:type="ComplexFilterPart"><LeftOperand xsi:type="SimpleFilterPart"><Property>Name</Property><SimpleOperator>equals</SimpleOperator><Value>Stores</Value></LeftOperand><LogicalOperator>OR</LogicalOperator><RightOperand xsi:type="SimpleFilterPart"><Property>Name</Property><SimpleOperator>equals</SimpleOperator><Value>Orders</Value></RightOperand></Filter>`,
      ["Orders", "Stores"],
    ],
    [simple("CreatedDate", "greaterThan", "2099-01-01T00:00:00"), []],
  ])("filters by %s", async (filter, keys) => {
    const { connect, retrieve } = testCloud();
    const { access } = await connect();
    const { text } = await retrieve(access, "DataExtension", ["CustomerKey"], filter);
    expect(
      results(text)
        .map(({ CustomerKey }) => CustomerKey)
        .sort(),
    ).toEqual(keys);
  });

  test.each([
    [
      "DataExtension",
      ["Name", "Shoe"],
      "",
      "Error: The Request Property(s) Shoe do not match with the fields of DataExtension retrieve",
    ],
    ["Teapot", ["Name"], "", /^Error: /],
    ["constructor", ["Name"], "", /^Error: /],
    ["DataExtensionObject[Nothing]", ["Name"], "", /^Error: /],
    ["DataExtension", ["Name"], simple("Shoe", "equals", "x"), /^Error: /],
    ["DataExtension", ["Name"], simple("Name", "sounds", "x"), /^Error: /],
    ["DataExtension", ["Name"], "<ContinueRequest>nothing</ContinueRequest>", /^Error: /],
  ])("%s %o %s is an error in the status", async (type, properties, more, text) => {
    const { connect, retrieve } = testCloud();
    const { access } = await connect();
    const answer = await retrieve(access, type, properties, more);
    expect(answer.status).toBe(200);
    expect(status(answer.text)).toEqual(
      text instanceof RegExp ? expect.stringMatching(text) : text,
    );
  });

  test("dotted properties come back nested; fields name their data extension", async () => {
    const { connect, retrieve } = testCloud();
    const { access } = await connect();
    const properties = [
      "Client.ID",
      "DataExtension.CustomerKey",
      "Name",
      "IsPrimaryKey",
      "FieldType",
    ];
    const filter = simple("DataExtension.CustomerKey", "equals", "Stores");
    const [first] = results(
      (await retrieve(access, "DataExtensionField", properties, filter)).text,
    );
    expect(first).toMatchObject({
      Client: { ID: "514012345" },
      Name: "StoreId",
      IsPrimaryKey: "true",
      FieldType: "Text",
      DataExtension: { CustomerKey: "Stores" },
    });
  });

  test("rows come in pages of 2500; a page continues by its request id, once the object is repeated", async () => {
    const { connect, retrieve } = testCloud();
    const { access } = await connect();
    const type = "DataExtensionObject[Orders]";
    const first = await retrieve(access, type, ["orderid", "Status"]);
    expect(status(first.text)).toBe("MoreDataAvailable");
    expect(results(first.text)).toHaveLength(2500);
    expect(results(first.text)[0].Properties.Property[0]).toEqual({
      Name: "OrderId",
      Value: "O000001",
    });
    const id = bodyOf(first.text).RetrieveResponseMsg.RequestID;
    const more = `<ContinueRequest>${id}</ContinueRequest>`;
    const second = await retrieve(access, type, ["OrderId", "Status"], more);
    expect([status(second.text), results(second.text).length]).toEqual(["OK", 1700]);
  });

  test("a page continues in its own business unit and for half an hour only", async () => {
    const { clock, connect, retrieve, refresh } = testCloud();
    const here = await connect();
    const there = await connect({}, halden.dana, { account_id: halden.mids.dach });
    const type = "DataExtensionObject[Orders]";
    const { text } = await retrieve(here.access, type, ["OrderId"]);
    const more = `<ContinueRequest>${bodyOf(text).RetrieveResponseMsg.RequestID}</ContinueRequest>`;
    expect(status((await retrieve(there.access, type, ["OrderId"], more)).text)).toMatch(/^Error/);
    clock.advanceSeconds(1801);
    const fresh = (await refresh(here.refresh)).json.access_token;
    expect(status((await retrieve(fresh, type, ["OrderId"], more)).text)).toMatch(/^Error/);
  });

  test("* gives rows without any property", async () => {
    const { connect, retrieve } = testCloud();
    const { access } = await connect();
    const [row] = results((await retrieve(access, "DataExtensionObject[Stores]", ["*"])).text);
    expect(row.Properties).toBe("");
  });

  test("folders and users", async () => {
    const { connect, retrieve } = testCloud();
    const { access } = await connect();
    const folders = await retrieve(
      access,
      "DataFolder",
      ["ID", "Name", "ContentType", "ParentFolder.ID", "ParentFolder.CustomerKey"],
      simple("ContentType", "IN", "dataextension", "hidden"),
    );
    expect(results(folders.text).length).toBeGreaterThan(4);
    const users = await retrieve(access, "AccountUser", ["UserID", "Email", "ActiveFlag"]);
    expect(results(users.text).map(({ UserID }) => UserID)).toEqual([halden.dana]);
  });
});

describe("writing", () => {
  const define = (verb: string, inside: string) =>
    `<${verb}Request xmlns="${api}"><Options/><Objects xsi:type="DataExtension">${inside}</Objects></${verb}Request>`;
  const nasty = `<CustomerKey>Fresh</CustomerKey><Name>Fish &amp; Chips &lt;"1"&gt;</Name><Fields><Field><Name>Id</Name><FieldType>Text</FieldType><MaxLength>10</MaxLength><IsPrimaryKey>true</IsPrimaryKey><IsRequired>true</IsRequired></Field><Field><Name>Note</Name></Field></Fields>`;
  const row = (verb: string, values: Record<string, string>, options = "") =>
    `<${verb}Request xmlns="${api}">${options}<Objects xsi:type="DataExtensionObject"><CustomerKey>Fresh</CustomerKey><Properties>${Object.entries(
      values,
    )
      .map(([name, value]) => `<Property><Name>${name}</Name><Value>${value}</Value></Property>`)
      .join("")}</Properties></Objects></${verb}Request>`;
  const upsert =
    "<Options><SaveOptions><SaveOption><PropertyName>*</PropertyName><SaveAction>UpdateAdd</SaveAction></SaveOption></SaveOptions></Options>";

  test("a data extension is created, filled, changed, emptied and deleted", async () => {
    const { connect, retrieve, soap } = testCloud();
    const { access } = await connect();
    const run = async (verb: string, body: string) => {
      const { status: http, text } = await soap(access, verb, body);
      const response = bodyOf(text)[`${verb}Response`];
      return [http, response.OverallStatus, response.Results.StatusMessage];
    };
    expect(await run("Create", define("Create", nasty))).toEqual([
      200,
      "OK",
      "Data Extension created.",
    ]);
    expect((await run("Create", define("Create", nasty)))[1]).toBe("Error");
    expect((await run("Create", row("Create", { Id: "1", Note: "a &lt; b" })))[1]).toBe("OK");
    expect((await run("Create", row("Create", { Id: "1" })))[1]).toBe("Error");
    expect((await run("Create", row("Create", { Id: "x".repeat(11) })))[1]).toBe("Error");
    expect((await run("Update", row("Update", { Id: "2" })))[1]).toBe("Error");
    expect((await run("Update", row("Update", { Id: "2", Note: "new" }, upsert)))[1]).toBe("OK");
    expect(
      (
        await run(
          "Update",
          define("Update", "<CustomerKey>Fresh</CustomerKey><Description>d</Description>"),
        )
      )[2],
    ).toBe("Data Extension updated.");

    const made = await retrieve(
      access,
      "DataExtension",
      ["Name"],
      simple("CustomerKey", "equals", "Fresh"),
    );
    expect(made.text).toContain("<Name>Fish &amp; Chips &lt;&quot;1&quot;&gt;</Name>");
    const rows = await retrieve(access, "DataExtensionObject[Fresh]", ["Id", "Note"]);
    expect(rows.text).toContain("<Value>a &lt; b</Value>");
    expect(results(rows.text)).toHaveLength(2);

    const keys = `<DeleteRequest xmlns="${api}"><Objects xsi:type="DataExtensionObject"><CustomerKey>Fresh</CustomerKey><Keys><Key><Name>Id</Name><Value>1</Value></Key></Keys></Objects></DeleteRequest>`;
    expect((await run("Delete", keys))[1]).toBe("OK");
    expect((await run("Delete", keys))[1]).toBe("Error");
    expect(await run("Delete", define("Delete", "<CustomerKey>Fresh</CustomerKey>"))).toEqual([
      200,
      "OK",
      "Data Extension deleted. / Data Extension Fields deleted",
    ]);
  });

  test("needs the right to write", async () => {
    const { connect, soap } = testCloud();
    const { access } = await connect({ scope: "data_extensions_read" });
    const { text } = await soap(access, "Create", define("Create", nasty));
    expect(bodyOf(text).CreateResponse.Results.StatusMessage).toBe("API Permission Failed.");
  });

  test("an automation is started by Perform", async () => {
    const { connect, retrieve, soap } = testCloud();
    const { access } = await connect();
    const [first] = results((await retrieve(access, "Program", ["ObjectID", "Name"])).text);
    const body = `<PerformRequestMsg xmlns="${api}"><Action>start</Action><Definitions><Definition xsi:type="Automation"><ObjectID>${first.ObjectID}</ObjectID></Definition></Definitions></PerformRequestMsg>`;
    const { text } = await soap(access, "Perform", body);
    expect(bodyOf(text).PerformResponseMsg.OverallStatus).toBe("OK");
  });
});

describe("faults", () => {
  const list = `<RetrieveRequestMsg xmlns="${api}"><RetrieveRequest><ObjectType>DataFolder</ObjectType><Properties>ID</Properties></RetrieveRequest></RetrieveRequestMsg>`;
  const faultOf = (text: string) => bodyOf(text)["soap:Fault"];

  test("an expired token is HTTP 500 with exactly the text that starts a refresh", async () => {
    const { clock, connect, soap } = testCloud();
    const { access } = await connect();
    clock.advanceSeconds(1200);
    const answer = await soap(access, "Retrieve", list);
    expect(answer.status).toBe(500);
    expect(faultOf(answer.text)).toEqual({
      faultcode: "q0:Security",
      faultstring: "Token Expired",
      faultactor: `https://${halden.subdomain}.soap.marketingcloudapis.com/Service.asmx`,
    });
  });

  test.each([
    ["a.b.c.d", "Login Failed"],
    ["", "Login Failed"],
    ["nonsense", /^SOAP Authorization failed for Oauth token: .* Reason: ParseError\.$/],
  ])("token %s", async (token, text) => {
    const { soap } = testCloud();
    const answer = await soap(token, "Retrieve", list);
    expect(answer.status).toBe(500);
    expect(faultOf(answer.text).faultstring).toEqual(
      text instanceof RegExp ? expect.stringMatching(text) : text,
    );
  });

  test("a token of another tenant is no login here", async () => {
    const { connect, send, url } = testCloud();
    const { access } = await connect();
    const answer = await send(
      "POST",
      url("soap", "/Service.asmx", "mc9w2r6v5s8jd0zl4t7k1xq3hb6n"),
      {
        headers: { "content-type": "text/xml", soapaction: "Retrieve" },
        body: `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header><fueloauth xmlns="http://exacttarget.com">${access}</fueloauth></Header><Body>${list}</Body></Envelope>`,
      },
    );
    expect([answer.status, faultOf(answer.text).faultstring]).toEqual([500, "Login Failed"]);
  });

  test("a document type is refused for what it is, before anything is parsed", async () => {
    const { send, url } = testCloud();
    const { text } = await send("POST", url("soap", "/Service.asmx"), {
      headers: { "content-type": "text/xml", soapaction: "Retrieve" },
      body: '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    });
    expect(faultOf(text).faultstring).toContain("DTD is prohibited");
  });

  test.each([
    ["Delete", list],
    ["Retrieve", "<Nothing/>"],
    ["Retrieve", list.replaceAll(api, "http://elsewhere.example/")],
  ])("action %s does not fit %s", async (action, body) => {
    const { connect, soap } = testCloud();
    const { access } = await connect();
    const answer = await soap(access, action, body);
    expect([answer.status, faultOf(answer.text).faultcode]).toEqual([500, "soap:Client"]);
  });

  test.each([
    ["nothing", ""],
    ["no XML", "{}"],
    ["an open tag", "<a"],
    ["a document type", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ["an entity of its own", "<a>&boom;</a>"],
    ["an undeclared prefix", "<x:a/>"],
    ["ten thousand levels", "<a>".repeat(10000) + "</a>".repeat(10000)],
    ["SOAP 1.2", '<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"/>'],
  ])("%s is refused quickly", async (_name, body) => {
    const { send, url } = testCloud();
    const answer = await send("POST", url("soap", "/Service.asmx"), {
      headers: { "content-type": "text/xml", soapaction: "Retrieve" },
      body,
    });
    expect(answer.status).toBe(500);
    expect(faultOf(answer.text)).toBeDefined();
  });

  test("prefixes and order are the client's own business", async () => {
    const { connect, send, url } = testCloud();
    const { access } = await connect();
    const answer = await send("POST", url("soap", "/Service.asmx"), {
      headers: { "content-type": "text/xml; charset=utf-8", soapaction: '"Retrieve"' },
      body: `<?xml version='1.0' encoding='utf-8'?><soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Header><e:fueloauth xmlns:e="http://exacttarget.com">${access}</e:fueloauth></soap-env:Header><soap-env:Body><ns0:RetrieveRequestMsg xmlns:ns0="${api}"><ns0:RetrieveRequest><ns0:ObjectType>DataFolder</ns0:ObjectType><ns0:Properties>ID</ns0:Properties></ns0:RetrieveRequest></ns0:RetrieveRequestMsg></soap-env:Body></soap-env:Envelope>`,
    });
    expect([answer.status, status(answer.text)]).toEqual([200, "OK"]);
  });

  test.each([
    ["token-expired", "Token Expired"],
    ["login-failed", "Login Failed"],
    ["server-error", "Internal Server Error"],
  ] as const)("%s can be switched on", async (value, text) => {
    const { connect, faults, soap } = testCloud();
    const { access } = await connect();
    faults.set(marketingCloudFaults.soap, value, { times: 1 });
    expect(faultOf((await soap(access, "Retrieve", list)).text).faultstring).toBe(text);
    expect((await soap(access, "Retrieve", list)).status).toBe(200);
  });
});
