import { columns as c } from "./seed-columns.ts";
import { type DataExtensionPlan, plan } from "./seed-plan.ts";

const year = { length: 1, unit: 6, isRowBased: true, isDeletedAtEnd: false, isResetOnImport: true };
const remarks = [
  "",
  "Bitte nicht anrufen",
  "Wants the paper catalogue, 2×",
  "前回の返品について要確認",
  "لا يوجد رد على المكالمة",
  'line one\nline two, "quoted" & <tagged>',
];

/** What both industries have besides: consent, surveys, logs, leftovers of projects, other scripts. */
const common = (customer: string, customers: number): readonly DataExtensionPlan[] => [
  plan(
    "Audiences",
    "Engaged_30_Days",
    "Opened or clicked within thirty days; filled by a query",
    760,
    [
      c.key("SubscriberKey", customer),
      c.email(),
      c.number("Opens", 1, 40),
      c.number("Clicks", 0, 18),
      c.date("LastEngagedAt", 30),
    ],
  ),
  plan("Compliance", "Suppressed_Addresses", "Never to be mailed again", 480, [
    c.email("EmailAddress", true),
    c.oneOf("Reason", "complaint|legal|hard bounce|employee"),
    c.date("SuppressedAt", 1400),
  ]),
  {
    ...plan("Compliance", "Consent_Log", "Every consent given or withdrawn, appended", 3400, [
      c.key("ConsentId", "G"),
      c.email("EmailAddress"),
      c.oneOf("Channel", "email|sms|post"),
      c.flag("IsGranted", 8),
      c.sometimes(c.oneOf("Source", "web|store|call centre|import"), 1),
      c.date("RecordedAt", 1100),
    ]),
    retention: year,
  },
  plan("Surveys", "Survey_Answers", "One row an answer", 2250, [
    c.key("AnswerId", "A"),
    c.reference("SubscriberKey", customer, customers),
    c.number("Score", 0, 10),
    c.sometimes(c.note("Remark", remarks), 5),
    c.date("AnsweredAt", 300),
  ]),
  plan("Surveys", "Survey_Questions", "Texts of the surveys", 16, [
    c.key("QuestionId", "Q"),
    c.oneOf("Question", "Would you recommend us?|What was missing?|How was the delivery?"),
    c.locale,
  ]),
  {
    ...plan("Web", "Web_Events", "Page views of people who are signed in; ninety days", 7400, [
      c.key("EventId", "E"),
      c.reference("SubscriberKey", customer, customers),
      c.oneOf("Page", "/|/new|/offers|/stores|/account|/cart"),
      c.sometimes(c.oneOf("Referrer", "mail|search|social|direct"), 2),
      c.date("SeenAt", 90),
    ]),
    retention: { ...year, length: 90, unit: 3 },
  },
  plan("Web", "Web_Sessions", "One row a session", 2900, [
    c.key("SessionId", "W"),
    c.reference("SubscriberKey", customer, customers),
    c.number("Pages", 1, 60),
    c.oneOf("Device", "phone|tablet|desktop"),
    c.date("StartedAt", 90),
  ]),
  plan("Logs", "Send_Log", "What the send log keeps of each mail", 5200, [
    c.key("LogId", "J"),
    c.reference("SubscriberKey", customer, customers),
    c.number("JobId", 100000, 140000),
    c.oneOf("EmailName", "Welcome series 1|Newsletter|Win back 2|Receipt"),
    c.date("SentAt", 120),
  ]),
  plan("Logs", "Import_Errors", "Lines that an import could not read; no key", 140, [
    c.note("Line", ["C000941;;broken", '"unbalanced;quote', "a;b;c;d;e;f"]),
    c.oneOf("File", "customers_2026.csv|stock.csv|returns.csv"),
    c.date("SeenAt", 200),
  ]),
  plan("Reference", "Country_Codes", "ISO 3166", 11, [c.key("Code", "L"), c.country, c.city]),
  plan("Reference", "Translations", "Texts of mail blocks by language", 190, [
    c.key("TextId", "X"),
    c.locale,
    c.note("Text", ["Jetzt ansehen", "Se nå", "今すぐ見る", "شاهد الآن", "Voir maintenant"]),
  ]),
  plan("Reference", "Vouchers", "Codes of the running campaigns", 1500, [
    c.key("Code", "V"),
    c.number("PercentOff", 5, 40),
    c.sometimes(c.reference("RedeemedBy", customer, customers), 7),
    c.date("ValidFrom", 60),
  ]),
  plan(
    "Archive",
    "Old_Newsletter_2019",
    "Import of the former tool; nobody knows whether it is needed",
    860,
    [c.email("mail"), c.sometimes(c.firstName, 4), c.sometimes(c.city, 6)],
  ),
  plan("Archive", "test_mb_DELETE_ME", "", 3, [c.key("id", "T"), c.note("x", ["a", "b", "ü"])]),
  plan("Archive", "Copy_of_Copy_of_Segment", "", 220, [c.email("EmailAddress", true)]),
  plan("国際", "会員マスタ", "日本の会員", 640, [
    c.key("会員番号", "JP"),
    c.email(),
    c.note("氏名", ["山田 太郎", "佐藤 花子", "鈴木 一郎", "高橋 美咲"]),
    c.date("登録日", 900),
  ]),
  plan("国際", "عملاء_الخليج", "قائمة عملاء الخليج", 310, [
    c.key("رقم_العميل", "AE"),
    c.email(),
    c.note("الاسم", ["ليلى حداد", "عمر الفارسي", "نور \u200fالدين"]),
  ]),
  plan("Preferences", "Topic_Interests", "Topics people ticked", 1650, [
    c.key("InterestId", "H"),
    c.reference("SubscriberKey", customer, customers),
    c.oneOf("Topic", "hiking|camping|running|winter|family"),
  ]),
  plan("Preferences", "Sms_Optins", "Numbers that may be texted", 730, [
    c.key("OptinId", "B"),
    c.phone,
    c.country,
    c.date("OptedInAt", 500),
  ]),
];

/** Beyond the twelve that every unit has: about forty in a full one. */
export const moreByIndustry: Record<"retail" | "freight", readonly DataExtensionPlan[]> = {
  retail: [
    ...common("C", 1840),
    plan(
      "Customers",
      "VIP_Customers",
      "Gold tier with a personal contact",
      86,
      [c.key("CustomerId", "C"), c.email(), c.firstName, c.sometimes(c.phone, 3)],
      "CustomerId",
    ),
    plan("Customers", "Households", "Customers under one roof", 540, [
      c.key("HouseholdId", "U"),
      c.reference("CustomerId", "C", 1840),
      c.number("Members", 1, 6),
    ]),
    plan("Reference", "Stock_Levels", "Nightly, per store and product", 3300, [
      c.key("StockId", "Y"),
      c.reference("StoreId", "S", 24),
      c.reference("Sku", "P", 420),
      c.number("Pieces", 0, 90),
    ]),
    plan("Reference", "Price_Changes", "Announced to the press desk first", 260, [
      c.key("ChangeId", "Z"),
      c.reference("Sku", "P", 420),
      c.money("OldPrice", 9, 700),
      c.money("NewPrice", 9, 700),
      c.date("ChangesAt", 40),
    ]),
    plan("Web", "Wishlists", "Products people keep for later", 1900, [
      c.key("WishId", "F"),
      c.reference("CustomerId", "C", 1840),
      c.product,
      c.date("AddedAt", 400),
    ]),
    plan("Web", "Back_In_Stock_Watch", "Who waits for what", 410, [
      c.key("WatchId", "Q"),
      c.email(),
      c.product,
      c.flag("IsNotified", 4),
    ]),
    plan("Surveys", "Store_Visits", "Counted at the door", 1440, [
      c.key("VisitId", "D"),
      c.reference("StoreId", "S", 24),
      c.number("Visitors", 20, 900),
      c.date("CountedAt", 60),
    ]),
    plan("Audiences", "Lapsed_180_Days", "Bought nothing for half a year", 620, [
      c.key("SubscriberKey", "C"),
      c.email(),
      c.money("LifetimeValue", 20, 4000),
    ]),
    plan("Audiences", "Event_Guests_Oslo", "Autumn evening, by invitation", 58, [
      c.email("EmailAddress", true),
      c.firstName,
      c.flag("IsComing", 6),
    ]),
  ],
  freight: [
    ...common("S", 820),
    plan("Shippers", "Contracts", "Running and ended", 460, [
      c.key("ContractId", "K"),
      c.reference("ShipperId", "S", 820),
      c.date("EndsAt", 700),
      c.money("YearlyVolume", 900, 90000),
    ]),
    plan("Shipments", "Tracking_Pings", "Position every quarter of an hour", 6100, [
      c.key("PingId", "P"),
      c.reference("ShipmentId", "L", 3900),
      c.city,
      c.date("SeenAt", 30),
    ]),
    plan("Drivers", "Driver_Papers", "Licences and medicals", 1080, [
      c.key("PaperId", "B"),
      c.reference("DriverId", "D", 540),
      c.oneOf("Kind", "licence|medical|hazmat"),
      c.date("ExpiresAt", 500),
    ]),
    plan("Shipments", "Claims", "Damage and loss", 130, [
      c.key("ClaimId", "M"),
      c.reference("ShipmentId", "L", 3900),
      c.money("Amount", 50, 20000),
      c.sometimes(c.note("Remark", remarks), 3),
    ]),
    plan("Audiences", "Contract_Renewals_Q1", "Ends within ninety days", 74, [
      c.key("SubscriberKey", "S"),
      c.email(),
    ]),
    plan("Reference", "Lanes", "Prices of the week", 36, [
      c.key("LaneId", "N"),
      c.oneOf("Lane", "DEN-CHI|TOR-CHI|DEN-LAX|TOR-NYC"),
      c.money("PricePerMile", 1, 6),
    ]),
  ],
};
