import { expect, test } from "vitest";
import { usedToday } from "#lib/agents/agent-activity.ts";
import type { AgentBudget } from "#lib/core/principal.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const agents = await listenForAgents(deps);

async function reader(where: "halden" | "haldenUnit", budget: Partial<AgentBudget> = {}) {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions[where]);
  const username = where === "halden" ? "dana.kowalczyk@halden.example" : "d.kowalczyk@halden";
  await studio.connect(owner, connectionId, username);
  const agent = await givenAgent(deps, owner, { connections: [connectionId], budget });
  const call = (path: string, options: Parameters<typeof agents.call>[1] = {}) =>
    agents.call(`/api/broker/proxy/${connectionId}${path}`, { credential: agent.key, ...options });
  const rowsToday = async () => {
    await deps.agentActivity.flush();
    return (await usedToday(deps, agent.agentId)).rows;
  };
  return { agent, call, rowsToday };
}

const queryOf = (soql: string) => `/rest/services/data/v64.0/query?q=${encodeURIComponent(soql)}`;
const records = (body: Record<string, unknown>) => body.records as unknown[];

test("[BRK-13] records of Salesforce count as rows as they pass, held or streamed", async () => {
  const { call, rowsToday } = await reader("halden");
  const small = await call(queryOf("SELECT Id, Name FROM Account LIMIT 3"));
  expect(records(small.body)).toHaveLength(3);
  expect(await rowsToday()).toBe(3);
  const large = await call(
    queryOf(
      "SELECT Id, FirstName, LastName, Email, Phone, Title, AccountId, CreatedDate FROM Contact",
    ),
  );
  expect(large.text.length).toBeGreaterThan(64 * 1024);
  expect(await rowsToday()).toBe(3 + records(large.body).length);
});

test("[BRK-13] rows of a data extension and objects of SOAP count too; what is no row does not", async () => {
  const { agent, call, rowsToday } = await reader("haldenUnit");
  const rowset = await call("/rest/data/v1/customobjectdata/key/Stores/rowset?$pageSize=20");
  const rows = (rowset.body.items as unknown[]).length;
  expect(rows).toBeGreaterThan(0);
  await call("/rest/platform/v1/tokenContext");
  expect(await rowsToday()).toBe(rows);
  const soap = await call("/soap/Service.asmx", {
    method: "POST",
    credential: undefined,
    headers: { "content-type": "text/xml", soapaction: "Retrieve" },
    body: `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><RetrieveRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><RetrieveRequest><ObjectType>DataExtension</ObjectType><Properties>Name</Properties></RetrieveRequest></RetrieveRequestMsg></Body><Header><fueloauth xmlns="http://exacttarget.com">${agent.key}</fueloauth></Header></Envelope>`,
  });
  const objects = soap.text.match(/<Results/g)?.length ?? 0;
  expect(objects).toBeGreaterThan(0);
  expect(await rowsToday()).toBe(rows + objects);
});

test("[BRK-9] an agent that has read its rows of the day through the proxy reads no more", async () => {
  const { call, rowsToday } = await reader("halden", { rowsPerDay: 5 });
  const query = queryOf("SELECT Id FROM Account LIMIT 5");
  expect((await call(query)).status).toBe(200);
  expect(await rowsToday()).toBe(5);
  const refused = await call(query);
  expect([refused.status, refused.headers["x-studio-code"]]).toEqual([429, "agents.budget_spent"]);
});
