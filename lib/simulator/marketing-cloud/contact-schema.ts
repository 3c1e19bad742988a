/** The attribute sets that a contact has, and what is in them. */
export const contactSchema: Readonly<
  Record<string, readonly { name: string; dataType: string; maxLength: number }[]>
> = {
  "Email Addresses": [
    { name: "Email Address", dataType: "EmailAddress", maxLength: 254 },
    { name: "HTML Enabled", dataType: "Boolean", maxLength: 5 },
  ],
  "Email Demographics": [
    { name: "First Name", dataType: "Text", maxLength: 50 },
    { name: "Last Name", dataType: "Text", maxLength: 80 },
    { name: "City", dataType: "Text", maxLength: 60 },
    { name: "Country", dataType: "Text", maxLength: 60 },
    { name: "Preferred Language", dataType: "Locale", maxLength: 5 },
    { name: "Birthday", dataType: "Date", maxLength: 10 },
  ],
  "MobileConnect Demographics": [
    { name: "Mobile Number", dataType: "Phone", maxLength: 50 },
    { name: "Locale", dataType: "Locale", maxLength: 5 },
  ],
};

/** The set and attribute as they are written, whatever the case; undefined when there is none. */
export function findAttribute(set: string, name: string) {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const setName = Object.keys(contactSchema).find((known) => same(known, set));
  const found = setName && contactSchema[setName]?.find((one) => same(one.name, name));
  return setName && found ? { set: setName, ...found } : undefined;
}
