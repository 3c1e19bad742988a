"use client";

import { useMemo } from "react";
import { useForm, useWatch } from "react-hook-form";
import {
  authUriOf,
  definitionResolver,
  marketingCloudFormSchema,
  restUriOf,
  twoTenants,
} from "#components/connect/definition-rules.ts";
import { EditEffects, saveLabel } from "#components/connect/edit-effects.tsx";
import {
  marketingCloudPointsAt,
  peopleWhoReconnect,
  pointsElsewhere,
} from "#components/connect/edit-rules.ts";
import { FormBar } from "#components/connect/form-bar.tsx";
import { MarketingCloudScopes } from "#components/connect/marketing-cloud-scopes.tsx";
import { SetupGuide } from "#components/connect/setup-guide.tsx";
import { SurfacePicker } from "#components/connect/surface-picker.tsx";
import { useConnectForm } from "#components/connect/use-connect-form.ts";
import { DraftCheck } from "#components/doctor/draft-check.tsx";
import { FormColumns } from "#components/shell/top-bar.tsx";
import { Button } from "#components/ui/button.tsx";
import { EnvironmentBadge } from "#components/ui/environment-badge.tsx";
import { Field, Input } from "#components/ui/field.tsx";
import { Note, Panel, Section } from "#components/ui/panel.tsx";
import type { ConnectionJson, ConnectOptions } from "#lib/connections/schema.ts";
import { groupMid } from "#lib/grants/decoder.ts";
import { parseTenant } from "#lib/providers/marketing-cloud/hosts.ts";
import { presetScopes } from "#lib/providers/marketing-cloud/scopes.ts";
import type { Surface } from "#lib/providers/vocabulary.ts";

type Values = {
  name: string;
  surfaces: Surface[];
  clientId: string;
  authBaseUri: string;
  restBaseUri: string;
  accountId: string;
  scopes: string[];
};

type Demo = ConnectOptions["demoMarketingCloud"];

export function MarketingCloudWizard({
  options,
  from,
  surface,
  edits = null,
}: {
  options: ConnectOptions;
  from: ConnectionJson | null;
  /** Saves over this one. */
  edits?: ConnectionJson | null;
  /** Chosen by a link, in place of those of `from`. */
  surface: Surface | null;
}) {
  const demo = options.demoMarketingCloud;
  const toDefinition = useMemo(() => definitionOf(demo), [demo]);
  const form = useForm<Values>({
    defaultValues: valuesFrom(edits ?? from, surface),
    resolver: definitionResolver<Values>(marketingCloudFormSchema, toDefinition),
    shouldFocusError: false,
  });
  const values = useWatch({ control: form.control }) as Values;
  const { errors } = form.formState;
  const isDemo = isDemoTenant(demo, values.authBaseUri);
  const people = edits ? peopleWhoReconnect(edits) : [];
  const environment = isDemo ? "demo" : "production";
  const endsAccess =
    edits !== null && pointsElsewhere(edits, marketingCloudPointsAt({ ...values, environment }));
  const { isBusy, submit } = useConnectForm(
    form,
    (value) => marketingCloudFormSchema.safeParse(value),
    toDefinition,
    edits && { connection: edits, voids: endsAccess ? people.length : 0, removesSecret: false },
  );
  const tenants = twoTenants(values.authBaseUri, values.restBaseUri);
  const set = <Name extends keyof Values>(name: Name, value: Values[Name]) =>
    form.setValue(name, value as never, {
      shouldDirty: true,
      shouldValidate: form.formState.isSubmitted,
    });

  /** One address fills the other, as long as the other says nothing of its own. */
  const fillFrom = (name: "authBaseUri" | "restBaseUri") => {
    const parsed = parseTenant(form.getValues(name));
    if (!parsed.ok) return;
    const other = name === "authBaseUri" ? "restBaseUri" : "authBaseUri";
    const uriOf = { authBaseUri: authUriOf, restBaseUri: restUriOf };
    set(name, uriOf[name](parsed.tenant));
    if (form.getValues(other).trim() === "") set(other, uriOf[other](parsed.tenant));
  };

  const errorCount = Object.keys(errors).filter((name) => name !== "root").length;
  const address = (name: "authBaseUri" | "restBaseUri") =>
    form.register(name, {
      onBlur: () => fillFrom(name),
    });

  return (
    <FormColumns
      aside={
        <SetupGuide
          method="public-app"
          facts={{
            surfaces: values.surfaces,
            redirectUris: options.redirectUris["marketing-cloud"],
            scopes: values.scopes,
            installUrl: null,
          }}
        />
      }
    >
      <form
        noValidate
        onSubmit={submit}
        aria-label={edits ? `Edit ${edits.name}` : "Connect Marketing Cloud"}
      >
        {demo && edits === null && (
          <DemoOffer
            demo={demo}
            isDemo={isDemo}
            onFill={(mid) => {
              set("authBaseUri", demo.authBaseUri);
              set("restBaseUri", demo.restBaseUri);
              set("clientId", demo.clientId);
              set("accountId", mid === null ? "" : String(mid));
              const nameOf = (unit: number | null) =>
                `${demo.accountIds.find((account) => account.mid === unit)?.name ?? "Marketing Cloud"} demo`;
              // A name of ours may follow the business unit; a person's own stays.
              const ours = [null, ...demo.accountIds.map((account) => account.mid)].map(nameOf);
              if (["", ...ours].includes(form.getValues("name"))) set("name", nameOf(mid));
            }}
          />
        )}
        <Section title="Name and surfaces">
          <div className="grid gap-4">
            <Field label="Connection name" error={errors.name?.message} isRequired>
              <Input {...form.register("name")} autoComplete="off" placeholder="Production MCE" />
            </Field>
            <SurfacePicker
              value={values.surfaces}
              onChange={(surfaces) => set("surfaces", surfaces)}
              error={errors.surfaces?.message}
              desktopWords="The MeshMesh app on a computer"
            />
            <Note>
              If your package registers both redirect URIs, one connection serves both surfaces. If
              it takes only one, make a second package and connect it as{" "}
              <b className="font-label text-ink">
                {values.name.trim() || "Production MCE"} — Desktop
              </b>
              .
            </Note>
          </div>
        </Section>

        <Section title="From the Installed Package">
          <div className="grid gap-4">
            <Field label="Client ID" error={errors.clientId?.message} isRequired>
              <Input isMono {...form.register("clientId")} autoComplete="off" />
            </Field>
            <Field
              label="Auth Base URI"
              hint="Paste any one base URI, it fills the rest"
              error={errors.authBaseUri?.message}
              isRequired
            >
              <Input
                isMono
                {...address("authBaseUri")}
                onPaste={() => setTimeout(() => fillFrom("authBaseUri"))}
                autoComplete="off"
                inputMode="url"
                placeholder="https://mc….auth.marketingcloudapis.com/"
              />
            </Field>
            <Field
              label="REST Base URI"
              error={
                tenants ? (
                  <>
                    Two tenants: Auth is <b className="mono">{tenants.first.subdomain}</b>, REST is{" "}
                    <b className="mono">{tenants.second.subdomain}</b>. Both come from one package.{" "}
                    <button
                      type="button"
                      className="underline underline-offset-3"
                      onClick={() => {
                        set("restBaseUri", restUriOf(tenants.first));
                        form.clearErrors("restBaseUri");
                      }}
                    >
                      Use the first
                    </button>
                  </>
                ) : (
                  errors.restBaseUri?.message
                )
              }
            >
              <Input
                isMono
                {...address("restBaseUri")}
                onPaste={() => setTimeout(() => fillFrom("restBaseUri"))}
                autoComplete="off"
                inputMode="url"
                placeholder="https://mc….rest.marketingcloudapis.com/"
              />
            </Field>
            <Field
              className="max-w-[19rem]"
              label="Account ID (MID)"
              hint="Optional"
              help="Set it to pin this connection to one business unit."
              error={errors.accountId?.message}
            >
              <Input
                isMono
                {...form.register("accountId")}
                autoComplete="off"
                inputMode="numeric"
              />
            </Field>
          </div>
        </Section>

        <MarketingCloudScopes
          value={values.scopes}
          onChange={(scopes) => set("scopes", scopes)}
          error={errors.scopes?.message}
        />

        <DraftCheck definition={toDefinition(values)} />

        {edits && <EditEffects people={people} ends={endsAccess} />}
        <FormBar
          {...(edits && { cancelHref: `/integrations/${edits.id}` })}
          label={edits ? saveLabel(endsAccess ? people.length : 0) : "Connect with Marketing Cloud"}
          opensWindow={edits === null}
          isBusy={isBusy}
          errorCount={errorCount}
          rootError={errors.root?.message}
        />
      </form>
    </FormColumns>
  );
}

/** The demo tenant, one press away: fills the form, so that a person sees what belongs where. */
function DemoOffer({
  demo,
  isDemo,
  onFill,
}: {
  demo: NonNullable<Demo>;
  isDemo: boolean;
  onFill: (mid: number | null) => void;
}) {
  return (
    <Panel className="mb-6">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <EnvironmentBadge environment="demo" />
        <p className="min-w-48 flex-1">
          {isDemo
            ? "This form points at the demo tenant. Choose the business unit to pin."
            : "No package at hand? Fill in the demo tenant and try everything with it."}
        </p>
        {!isDemo && (
          <Button size="sm" onClick={() => onFill(null)}>
            Fill in the demo
          </Button>
        )}
      </div>
      {isDemo && (
        <div className="mt-3 flex flex-wrap gap-2">
          {demo.accountIds.map((account) => (
            <Button key={account.mid} size="sm" onClick={() => onFill(account.mid)}>
              {account.name} <span className="mono text-ink-3">{groupMid(account.mid)}</span>
            </Button>
          ))}
        </div>
      )}
    </Panel>
  );
}

function isDemoTenant(demo: Demo, authBaseUri: string): boolean {
  if (!demo) return false;
  const given = parseTenant(authBaseUri);
  const known = parseTenant(demo.authBaseUri);
  return given.ok && known.ok && given.tenant.subdomain === known.tenant.subdomain;
}

const definitionOf =
  (demo: Demo) =>
  (values: Values): Record<string, unknown> => {
    const mid = values.accountId.replaceAll(/\s/g, "");
    return {
      provider: "marketing-cloud",
      method: "public-app",
      name: values.name,
      environment: isDemoTenant(demo, values.authBaseUri) ? "demo" : "production",
      surfaces: values.surfaces,
      clientId: values.clientId,
      authBaseUri: values.authBaseUri,
      ...(values.restBaseUri.trim() !== "" && { restBaseUri: values.restBaseUri }),
      ...(mid !== "" && { accountId: Number(mid) }),
      scopes: values.scopes,
    };
  };

function valuesFrom(from: ConnectionJson | null, surface: Surface | null): Values {
  return {
    name: from?.name ?? "",
    surfaces: surface ? [surface] : (from?.surfaces ?? ["web"]),
    clientId: from?.clientId ?? "",
    authBaseUri: from?.tenantSubdomain
      ? `https://${from.tenantSubdomain}.auth.marketingcloudapis.com/`
      : "",
    restBaseUri: from?.tenantSubdomain
      ? `https://${from.tenantSubdomain}.rest.marketingcloudapis.com/`
      : "",
    accountId: from?.accountId ? String(from.accountId) : "",
    scopes: from?.scopes ?? [...presetScopes],
  };
}
