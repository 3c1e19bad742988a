import {
  runAutomationOnce,
  startAutomation,
} from "#lib/providers/marketing-cloud/operations/automation-runs.ts";
import {
  pauseAutomation,
  scheduleAutomation,
} from "#lib/providers/marketing-cloud/operations/automation-schedule.ts";
import {
  getAutomation,
  listAutomations,
} from "#lib/providers/marketing-cloud/operations/automations.ts";
import { listBusinessUnits } from "#lib/providers/marketing-cloud/operations/business-units.ts";
import {
  createContact,
  updateContact,
} from "#lib/providers/marketing-cloud/operations/contact-changes.ts";
import { searchContacts } from "#lib/providers/marketing-cloud/operations/contacts.ts";
import {
  getContent,
  listContent,
  listFolders,
} from "#lib/providers/marketing-cloud/operations/content.ts";
import { createEmail } from "#lib/providers/marketing-cloud/operations/content-create.ts";
import { updateContent } from "#lib/providers/marketing-cloud/operations/content-update.ts";
import { createDataExtension } from "#lib/providers/marketing-cloud/operations/data-extension-create.ts";
import {
  getDataExtensionSchema,
  listDataExtensions,
} from "#lib/providers/marketing-cloud/operations/data-extensions.ts";
import { createJourney } from "#lib/providers/marketing-cloud/operations/journey-create.ts";
import { fireJourneyEvent } from "#lib/providers/marketing-cloud/operations/journey-event.ts";
import { publishJourney } from "#lib/providers/marketing-cloud/operations/journey-publish.ts";
import {
  deleteJourney,
  pauseJourney,
  resumeJourney,
  stopJourney,
} from "#lib/providers/marketing-cloud/operations/journey-runs.ts";
import { getJourney, listJourneys } from "#lib/providers/marketing-cloud/operations/journeys.ts";
import { deleteRows } from "#lib/providers/marketing-cloud/operations/rows-delete.ts";
import { readRows } from "#lib/providers/marketing-cloud/operations/rows-read.ts";
import { upsertRows } from "#lib/providers/marketing-cloud/operations/rows-upsert.ts";
import { sendMessages } from "#lib/providers/marketing-cloud/operations/send-messages.ts";
import { listDefinitions, sendStatus } from "#lib/providers/marketing-cloud/operations/sends.ts";
import { upsertSubscribers } from "#lib/providers/marketing-cloud/operations/subscriber-upsert.ts";
import { getSubscriber, listLists } from "#lib/providers/marketing-cloud/operations/subscribers.ts";
import { listTrackingEvents } from "#lib/providers/marketing-cloud/operations/tracking.ts";
import type { Operation } from "#lib/providers/operation.ts";

/** Everything the studio can do in a Marketing Cloud business unit, in the order in which it is shown. */
export const marketingCloudOperations: readonly Operation[] = [
  listDataExtensions,
  getDataExtensionSchema,
  readRows,
  createDataExtension,
  upsertRows,
  deleteRows,
  listJourneys,
  getJourney,
  createJourney,
  publishJourney,
  pauseJourney,
  resumeJourney,
  stopJourney,
  deleteJourney,
  fireJourneyEvent,
  listAutomations,
  getAutomation,
  runAutomationOnce,
  startAutomation,
  pauseAutomation,
  scheduleAutomation,
  listFolders,
  listContent,
  getContent,
  createEmail,
  updateContent,
  listDefinitions,
  sendMessages,
  sendStatus,
  searchContacts,
  createContact,
  updateContact,
  listLists,
  getSubscriber,
  upsertSubscribers,
  listTrackingEvents,
  listBusinessUnits,
];
