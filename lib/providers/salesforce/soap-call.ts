import {
  type ClassedCall,
  type ProxiedCall,
  removing,
  unknownCall,
  worstOf,
} from "#lib/providers/proxied-call.ts";
import { classOfIds, classOfObjects } from "#lib/providers/salesforce/object-class.ts";
import { changesData } from "#lib/providers/salesforce/soql.ts";
import { type SoapOperation, soapActionOf, soapOperationOf } from "#lib/providers/soap-body.ts";

const namespaces: Readonly<Record<string, string>> = {
  u: "urn:partner.soap.sforce.com",
  c: "urn:enterprise.soap.sforce.com",
};

const reads = words(`
  query queryAll queryMore search retrieve
  describeSObject describeSObjects describeGlobal describeGlobalTheme describeTheme
  describeLayout describeCompactLayouts describePrimaryCompactLayouts describeApprovalLayout
  describeSearchLayouts describeSearchScopeOrder describeSearchableEntities
  describeTabs describeAllTabs describeAppMenu describeNouns describeKnowledgeSettings
  describeDataCategoryGroups describeDataCategoryGroupStructures describeDataCategoryMappings
  describeQuickActions describeQuickActionsForRecordType describeAvailableQuickActions
  describeListViews describeSObjectListViews describeSoqlListViews describePathAssistants
  describeSoftphoneLayout describeVisualForce executeListView
  retrieveQuickActionTemplates retrieveMassQuickActionTemplates
  getDeleted getUpdated getServerTimestamp getUserInfo
  findDuplicates findDuplicatesByIds renderEmailTemplate`);

const writes = words(`
  create update upsert delete undelete merge emptyRecycleBin convertLead deleteByExample
  renderStoredEmailTemplate`);

const removals = words("delete deleteByExample emptyRecycleBin merge");

/** They start processes or actions an admin built, or send. */
const code = words(`
  process performQuickActions performMassQuickActions sendEmail sendEmailMessage`);

const credentials = words(`
  login logout invalidateSessions setPassword resetPassword changeOwnPassword`);

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}

/**
 * A call of the partner (`u`) or enterprise (`c`) API is what the one element of its body says; a
 * SOAPAction that says something else makes it unknown.
 *
 * @see SOAP API Developer Guide, core and utility calls
 */
export function classOfSoap(call: ProxiedCall, api: string): ClassedCall {
  const operation = soapOperationOf(call);
  if (!operation || operation.namespace !== namespaces[api.toLowerCase()]) return unknownCall;
  const { name } = operation;
  const action = soapActionOf(call.soapAction);
  if (action !== "" && action !== name) return unknownCall;
  if (credentials.has(name)) return { class: "credentials", operation: `soap.${name}` };
  if (code.has(name)) return { class: "code", operation: `soap.${name}` };
  if (writes.has(name)) {
    const written = classOfWrite(operation);
    // With it the org writes to people of the record, not only into it.
    const mails = operation.headersOf("EmailHeader").length > 0;
    return mails ? worstOf([written, { class: "code", operation: `soap.${name}` }]) : written;
  }
  if (!reads.has(name)) return unknownCall;
  const queries = [...operation.textsOf("queryString"), ...operation.textsOf("searchString")];
  const isWrite = queries.some(changesData);
  return { class: isWrite ? "write" : "read", operation: `soap.${name}` };
}

/** Partner API names the object in `type`, the enterprise API in `xsi:type`; a deletion names ids alone. */
function classOfWrite({ name, types, textsOf }: SoapOperation): ClassedCall {
  const byName = classOfObjects([...textsOf("type"), ...types]);
  const byId = classOfIds(textsOf("ids"));
  const operation = `soap.${name}`;
  const written = worstOf([
    { class: byName, operation },
    { class: byId, operation },
  ]);
  return removals.has(name) ? removing(written) : written;
}
