import { columns as c } from "./seed-columns.ts";
import { moreByIndustry } from "./seed-data-extensions-more.ts";
import { type DataExtensionPlan, plan } from "./seed-plan.ts";
import { portion, type UnitSize } from "./unit-seed.ts";

const shared = [
  plan("Audiences", "Winback_Audience", "Filled by the nightly query; empty between runs", 0, [
    c.key("SubscriberKey", "C"),
    c.email(),
    c.date("LastOpened", 365),
  ]),
  // No primary key, and names that only XML must escape: both happen in real tenants.
  plan("Logs", "Click_Log", "Raw clicks <from & for> the portal, appended", 700, [
    c.email("SubscriberKey"),
    c.oneOf("Link", "home|offer|unsubscribe|store finder|track & trace"),
    c.date("ClickedAt", 60),
  ]),
  plan("Preferences", "Email_Preferences", "Preference centre choices", 1100, [
    c.email("EmailAddress", true),
    c.flag("Newsletter", 7),
    c.flag("Offers", 5),
    c.date("UpdatedAt", 400),
  ]),
  plan("Audiences", "Seed_List", "Colleagues who get every send", 12, [
    c.email("EmailAddress", true),
    c.firstName,
    c.lastName,
  ]),
];

const plansByIndustry: Record<"retail" | "freight", readonly DataExtensionPlan[]> = {
  retail: [
    plan(
      "Customers",
      "Customers",
      "Master record of everybody who bought or signed up",
      1840,
      [
        c.key("CustomerId", "C"),
        c.email(),
        c.firstName,
        c.lastName,
        c.phone,
        c.city,
        c.country,
        c.locale,
        c.oneOf("Tier", "Base|Silver|Gold"),
        c.date("CreatedAt", 1500),
      ],
      "CustomerId",
    ),
    plan("Orders", "Orders", "Orders of the last two years", 4200, [
      c.key("OrderId", "O"),
      c.reference("CustomerId", "C", 1840),
      c.date("OrderedAt", 730),
      c.oneOf("Status", "placed|shipped|delivered|returned"),
      c.money("Total", 12, 640),
    ]),
    plan("Orders", "Order_Items", "Lines of the orders", 2600, [
      c.key("OrderItemId", "I"),
      c.reference("OrderId", "O", 4200),
      c.product,
      c.number("Quantity", 1, 4),
      c.money("Price", 9, 420),
    ]),
    plan(
      "Customers",
      "Newsletter_Subscribers",
      "Double opt-in sign-ups",
      960,
      [c.email("EmailAddress", true), c.firstName, c.locale, c.date("OptedInAt", 900)],
      "EmailAddress",
    ),
    plan("Orders", "Abandoned_Carts", "Carts left for over an hour", 310, [
      c.key("CartId", "K"),
      c.email(),
      c.product,
      c.money("CartValue", 20, 500),
      c.date("AbandonedAt", 21),
    ]),
    plan("Reference", "Product_Catalog", "Nightly copy of the catalogue", 420, [
      c.key("Sku", "P"),
      c.product,
      c.oneOf("Category", "jackets|tents|packs|shoes|kitchen"),
      c.money("ListPrice", 9, 700),
      c.flag("InStock", 8),
    ]),
    plan("Reference", "Stores", "Opening hours and addresses", 24, [
      c.key("StoreId", "S"),
      c.city,
      c.country,
      c.number("SquareMetres", 90, 1200),
    ]),
    plan(
      "Customers",
      "Loyalty_Members",
      "Points and tiers",
      1300,
      [c.key("MemberId", "M"), c.email(), c.number("Points", 0, 9000), c.date("JoinedAt", 1200)],
      "MemberId",
    ),
    ...shared,
  ],
  freight: [
    plan(
      "Shippers",
      "Shippers",
      "Companies that book with us",
      820,
      [
        c.key("ShipperId", "S"),
        c.email(),
        c.firstName,
        c.lastName,
        c.phone,
        c.city,
        c.country,
        c.oneOf("Segment", "spot|contract|broker"),
      ],
      "ShipperId",
    ),
    plan("Shipments", "Shipments", "Loads of the last year", 3900, [
      c.key("ShipmentId", "L"),
      c.reference("ShipperId", "S", 820),
      c.oneOf("Lane", "DEN-CHI|TOR-CHI|DEN-LAX|TOR-NYC"),
      c.date("PickedUpAt", 365),
      c.oneOf("Status", "booked|in transit|delivered|late"),
      c.number("WeightKg", 120, 21000),
    ]),
    plan(
      "Drivers",
      "Drivers",
      "Owner-operators and staff",
      540,
      [
        c.key("DriverId", "D"),
        c.email(),
        c.firstName,
        c.lastName,
        c.phone,
        c.date("HiredAt", 2500),
      ],
      "DriverId",
    ),
    plan("Shipments", "Delay_Notices", "One row for each notice sent", 260, [
      c.key("NoticeId", "N"),
      c.reference("ShipmentId", "L", 3900),
      c.number("DelayMinutes", 15, 900),
      c.date("SentAt", 90),
    ]),
    plan("Reference", "Terminals", "Docks and hours", 18, [
      c.key("TerminalId", "T"),
      c.city,
      c.country,
      c.number("Docks", 2, 40),
    ]),
    ...shared,
  ],
};

const all = {
  retail: [...plansByIndustry.retail, ...moreByIndustry.retail],
  freight: [...plansByIndustry.freight, ...moreByIndustry.freight],
};

/** The data extensions that a business unit of this industry and size is founded with. */
export const plansFor = (
  industry: "retail" | "freight",
  size: UnitSize,
): readonly DataExtensionPlan[] =>
  size === "full" ? all[industry] : portion(plansByIndustry[industry], size, 12);
