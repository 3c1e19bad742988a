"use client";

import type { Route } from "next";
import { useState } from "react";
import { MarketingCloudWizard } from "#components/connect/marketing-cloud-wizard.tsx";
import type { SalesforceMethod } from "#components/connect/method-picker.tsx";
import { SalesforceWizard } from "#components/connect/salesforce-wizard.tsx";
import { Breadcrumbs, PageBody, TopBar } from "#components/shell/top-bar.tsx";
import type { ConnectionJson, ConnectOptions } from "#lib/connections/schema.ts";

/** The form that made a connection, filled with what it is now. */
export function EditConnection({
  connection,
  options,
}: {
  connection: ConnectionJson;
  options: ConnectOptions;
}) {
  const [environment, setEnvironment] = useState(connection.environment);
  return (
    <>
      <TopBar>
        <Breadcrumbs
          crumbs={[
            { name: "Integrations", href: "/integrations" as Route },
            { name: connection.name, href: `/integrations/${connection.id}` as Route },
            { name: "Edit" },
          ]}
        />
      </TopBar>
      <PageBody>
        <h1 className="mb-6 text-xl tracking-[-0.018em]">Edit {connection.name}</h1>
        {connection.provider === "salesforce" ? (
          <SalesforceWizard
            options={options}
            from={connection}
            edits={connection}
            surface={null}
            environment={environment}
            method={connection.method as SalesforceMethod}
            onEnvironment={setEnvironment}
            onMethod={() => undefined}
          />
        ) : (
          <MarketingCloudWizard
            options={options}
            from={connection}
            edits={connection}
            surface={null}
          />
        )}
      </PageBody>
    </>
  );
}
