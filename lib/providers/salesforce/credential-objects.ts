/**
 * Objects that are sessions, logins, keys or the doors to them: nothing is created, changed or deleted
 * in them. Names in lower case; what begins with one of the prefixes counts too.
 *
 * @see Object Reference for the Salesforce Platform
 */
const names: ReadonlySet<string> = new Set([
  "authconfig",
  "authconfigproviders",
  "authprovider",
  "authsession",
  "certificate",
  "connectedapplication",
  "connectedapp",
  "oauthcustomscope",
  "oauthcustomscopeapp",
  "oauthtoken",
  "oauthtokenexchangehandler",
  "oauthtokenexchhandlerapp",
  "loginip",
  "loginiprange",
  "namedcredential",
  "networkauthapisettings",
  "externaldatasource",
  "externaldatauserauth",
  "externalcredential",
  "externalcredentialparameter",
  "userexternalcredential",
  "userexternalcredentialsecret",
  "principalauthorizationparameter",
  "passwordlessloginsettings",
  "samlssoconfig",
  "sessionpermsetactivation",
  "thirdpartyaccountlink",
  "tempuserpassword",
  "transactionsecuritypolicy",
  "trustedurlsforredirects",
  "userlogin",
  "webauthncredential",
]);
const prefixes = [
  "twofactor",
  "externalclientapp",
  "extlclntapp",
  "namedcredential",
  "externalcredential",
];

/** True for an object whose rows are credentials or sessions. */
export function isCredentialObject(name: string): boolean {
  const lower = name.toLowerCase();
  return names.has(lower) || prefixes.some((prefix) => lower.startsWith(prefix));
}

/** Objects below which a password resource hangs. */
export const isUserObject = (name: string) => /^(?:user|selfserviceuser)$/i.test(name);

/** The shape of an object's API name. */
export const objectName = /^[A-Za-z][A-Za-z0-9_]{0,119}$/;
