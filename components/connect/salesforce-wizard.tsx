"use client";

import { useId, useMemo } from "react";
import { useForm, useWatch } from "react-hook-form";
import { definitionResolver, salesforceFormSchema } from "#components/connect/definition-rules.ts";
import { EditEffects, saveLabel } from "#components/connect/edit-effects.tsx";
import {
  peopleWhoReconnect,
  pointsElsewhere,
  salesforcePointsAt,
} from "#components/connect/edit-rules.ts";
import { EnvironmentPicker } from "#components/connect/environment-picker.tsx";
import { FormBar } from "#components/connect/form-bar.tsx";
import {
  MethodPicker,
  missingSetting,
  type SalesforceMethod,
} from "#components/connect/method-picker.tsx";
import { installLinkFor, loginFor } from "#components/connect/salesforce-login.ts";
import { SalesforceScopes } from "#components/connect/salesforce-scopes.tsx";
import { SetupGuide } from "#components/connect/setup-guide.tsx";
import { SurfacePicker } from "#components/connect/surface-picker.tsx";
import { canSignInHere, useConnectForm } from "#components/connect/use-connect-form.ts";
import { DraftCheck } from "#components/doctor/draft-check.tsx";
import { FormColumns } from "#components/shell/top-bar.tsx";
import { CheckboxLine } from "#components/ui/checkbox.tsx";
import { CopyField } from "#components/ui/copy-field.tsx";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { Field, Help, Input } from "#components/ui/field.tsx";
import { Note, Section } from "#components/ui/panel.tsx";
import type { ConnectionJson, ConnectOptions } from "#lib/connections/schema.ts";
import { requiredSalesforceScopes } from "#lib/providers/salesforce/scopes.ts";
import type { Environment, Surface } from "#lib/providers/vocabulary.ts";

type Values = {
  name: string;
  customDomain: string;
  surfaces: Surface[];
  clientId: string;
  clientSecret: string;
  scopes: string[];
  refusesPkce: boolean;
  removesSecret: boolean;
};

type Choice = { environment: Environment; method: SalesforceMethod };

/** Environment and method stand in the address; everything else is the form's. */
export function SalesforceWizard({
  options,
  from,
  surface,
  environment,
  method: chosenMethod,
  onEnvironment,
  onMethod,
  edits = null,
}: {
  options: ConnectOptions;
  from: ConnectionJson | null;
  /** Saves over this one; its method stays. */
  edits?: ConnectionJson | null;
  /** Chosen by a link, in place of those of `from`. */
  surface: Surface | null;
  environment: Environment;
  method: SalesforceMethod | null;
  onEnvironment: (environment: Environment) => void;
  onMethod: (method: SalesforceMethod) => void;
}) {
  const method = chosenMethod ?? firstUsable(options, environment);
  const toDefinition = useMemo(() => definitionOf({ environment, method }), [environment, method]);
  const form = useForm<Values>({
    defaultValues: edits ? valuesOf(edits) : valuesFrom(from, surface),
    resolver: definitionResolver<Values>(salesforceFormSchema, toDefinition),
    shouldFocusError: false,
  });
  const values = useWatch({ control: form.control }) as Values;
  const { errors } = form.formState;
  const people = edits ? peopleWhoReconnect(edits) : [];
  const { customDomain } = values;
  const clientId = method === "custom-app" ? values.clientId.trim() : null;
  const endsAccess =
    edits !== null &&
    pointsElsewhere(edits, salesforcePointsAt({ environment, customDomain, clientId }));
  const { isBusy, submit } = useConnectForm(
    form,
    (value) => salesforceFormSchema.safeParse(value),
    toDefinition,
    edits && {
      connection: edits,
      voids: endsAccess ? people.length : 0,
      removesSecret: values.removesSecret,
    },
  );
  const set = <Name extends keyof Values>(name: Name, value: Values[Name]) =>
    form.setValue(name, value as never, {
      shouldDirty: true,
      shouldValidate: form.formState.isSubmitted,
    });
  const login = loginFor(environment, values.customDomain);
  const isCustomApp = method === "custom-app";
  const isUsable = missingSetting(options, method, environment) === null;
  const signsInHere = canSignInHere({ provider: "salesforce", surfaces: values.surfaces });
  const noteId = useId();

  return (
    <FormColumns
      aside={
        <SetupGuide
          method={method}
          facts={{
            surfaces: values.surfaces,
            redirectUris: options.redirectUris.salesforce,
            scopes: values.scopes,
            installUrl: installLinkFor(environment, login, options.packageId),
          }}
        />
      }
    >
      <form
        noValidate
        onSubmit={submit}
        aria-label={edits ? `Edit ${edits.name}` : "Connect Salesforce"}
      >
        <Section title="Where the org is">
          <EnvironmentPicker
            environment={environment}
            hasDemo={options.demo}
            demoOrigin={options.demoOrigin}
            login={login}
            onEnvironment={(next) => {
              form.clearErrors("customDomain");
              onEnvironment(next);
            }}
            domainField={
              <Field
                className="mt-3"
                label="My Domain"
                hint="An address from the org's browser bar does too"
                error={errors.customDomain?.message}
                isRequired
              >
                <Input
                  isMono
                  {...form.register("customDomain")}
                  autoComplete="off"
                  inputMode="url"
                  placeholder="acme--uat.sandbox.my.salesforce.com"
                />
              </Field>
            }
          />
        </Section>

        {edits === null && (
          <Section title="How you connect">
            <MethodPicker
              options={options}
              environment={environment}
              method={method}
              onMethod={onMethod}
            />
          </Section>
        )}

        <Section title="Name and surfaces">
          <div className="grid gap-4">
            <Field label="Connection name" error={errors.name?.message} isRequired>
              <Input {...form.register("name")} autoComplete="off" placeholder="Acme uat" />
            </Field>
            <SurfacePicker
              value={values.surfaces}
              onChange={(surfaces) => set("surfaces", surfaces)}
              error={errors.surfaces?.message}
              desktopWords="The MeshMesh companion on a computer"
            />
            {values.surfaces.includes("desktop") && (
              <Note id={noteId}>
                The desktop companion signs in at{" "}
                <span className="mono">{options.redirectUris.salesforce.desktop}</span> on the
                person's own computer and is installed separately.
                {!signsInHere &&
                  " With desktop alone, this form saves the connection and the companion signs in."}
              </Note>
            )}
          </div>
        </Section>

        {isCustomApp && (
          <Section title="From your app">
            <div className="grid gap-4">
              <Field
                label="Client ID"
                hint="Salesforce calls it Consumer Key"
                error={errors.clientId?.message}
                isRequired
              >
                <Input isMono {...form.register("clientId")} autoComplete="off" />
              </Field>
              <Field
                label="Client Secret"
                hint="Only if the app requires one"
                help={
                  edits?.hasClientSecret
                    ? endsAccess
                      ? "The stored one is only for the app and host before: enter it again, or remove it."
                      : "One is stored and stays. Enter another to replace it."
                    : from?.hasClientSecret
                      ? "The earlier connection has one. It is never shown again, so enter it anew."
                      : "Sealed when you save, and never shown again."
                }
                error={errors.clientSecret?.message}
              >
                <Input
                  isMono
                  type="password"
                  {...form.register("clientSecret")}
                  autoComplete="new-password"
                />
              </Field>
              {edits?.hasClientSecret && (
                <CheckboxLine
                  label="Remove the stored secret"
                  help="For an app that needs none."
                  checked={values.removesSecret}
                  onChange={(event) => set("removesSecret", event.target.checked)}
                />
              )}
              <div>
                <p className="mb-1.5 font-label">Callback URL to register</p>
                <div className="grid gap-2">
                  {values.surfaces.map((surface) => (
                    <CopyField
                      key={surface}
                      value={options.redirectUris.salesforce[surface]}
                      name={`the ${surface} callback URL`}
                    />
                  ))}
                </div>
              </div>
            </div>
          </Section>
        )}

        <Section
          isLast
          title="Scopes"
          aside={`${values.scopes.length} asked for${isCustomApp ? ", add the same ones to the app" : ""}`}
        >
          {isCustomApp ? (
            <SalesforceScopes
              value={values.scopes}
              onChange={(scopes) => set("scopes", scopes)}
              error={errors.scopes?.message}
            />
          ) : (
            <>
              <Help className="mb-2">
                Enough for records and for staying connected. More can be asked for where the app
                allows it.
              </Help>
              <Disclosure
                summary="Choose the scopes"
                isOpen={
                  errors.scopes !== undefined ||
                  values.scopes.length > requiredSalesforceScopes.length
                }
              >
                <div className="mt-2">
                  <SalesforceScopes
                    value={values.scopes}
                    onChange={(scopes) => set("scopes", scopes)}
                    error={errors.scopes?.message}
                  />
                </div>
              </Disclosure>
            </>
          )}
          {isCustomApp && (
            <Disclosure className="mt-4" summary="Advanced" isOpen={values.refusesPkce}>
              <CheckboxLine
                className="mt-2"
                label="This app refuses PKCE"
                help="Only for an old app that answers with an error to S256. Sign-ins are less protected with it, and newer orgs insist on PKCE: a new External Client App is the better way."
                checked={values.refusesPkce}
                onChange={(event) => set("refusesPkce", event.target.checked)}
              />
            </Disclosure>
          )}
        </Section>

        <DraftCheck definition={toDefinition(values)} />

        {edits && <EditEffects people={people} ends={endsAccess} />}
        <FormBar
          {...(edits && { cancelHref: `/integrations/${edits.id}` })}
          label={
            edits
              ? saveLabel(endsAccess ? people.length : 0)
              : signsInHere
                ? "Connect with Salesforce"
                : "Save the connection"
          }
          opensWindow={signsInHere && edits === null}
          isBusy={isBusy}
          isDisabled={!isUsable && edits === null}
          errorCount={Object.keys(errors).filter((name) => name !== "root").length}
          rootError={errors.root?.message}
        />
      </form>
    </FormColumns>
  );
}

/** Quick Connect where the operator set it up; else the customer's own app, which always works. */
function firstUsable(options: ConnectOptions, environment: Environment): SalesforceMethod {
  return missingSetting(options, "quick", environment) === null ? "quick" : "custom-app";
}

const definitionOf =
  ({ environment, method }: Choice) =>
  (values: Values): Record<string, unknown> => ({
    provider: "salesforce",
    method,
    name: values.name,
    environment,
    ...(environment === "custom" && { customDomain: values.customDomain }),
    surfaces: values.surfaces,
    ...(method === "custom-app" && {
      clientId: values.clientId,
      ...(values.clientSecret !== "" &&
        !values.removesSecret && { clientSecret: values.clientSecret }),
    }),
    scopes: values.scopes,
    pkce: method === "custom-app" && values.refusesPkce ? "off" : "required",
  });

function valuesFrom(from: ConnectionJson | null, surface: Surface | null): Values {
  return {
    name: from?.name ?? "",
    customDomain: from?.environment === "custom" ? (from.loginHost ?? "") : "",
    surfaces: surface ? [surface] : (from?.surfaces ?? ["web"]),
    clientId: from?.method === "custom-app" ? from.clientId : "",
    clientSecret: "",
    scopes: from?.scopes ?? [...requiredSalesforceScopes],
    // A link to this form never carries the exception on: with PKCE is how a new connection starts.
    refusesPkce: false,
    removesSecret: false,
  };
}

const valuesOf = (edits: ConnectionJson): Values => ({
  ...valuesFrom(edits, null),
  refusesPkce: edits.pkce === "off",
});
