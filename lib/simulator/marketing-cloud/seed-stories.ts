/** What the companies do: names and descriptions of their journeys; mails and definitions follow them. */
export const stories = {
  retail: [
    ["Welcome series", "Three mails over ten days for new sign-ups"],
    ["Abandoned cart", "One reminder after an hour, one after a day"],
    ["Birthday treat", "A voucher in the week of the birthday"],
    ["Win back", "People who opened nothing for half a year"],
    ["Spring catalogue", "Kept as a draft for next year"],
    ["Post-purchase care", "How to look after what was bought, then a review request"],
    ["Back in stock", "One mail when a watched product returns"],
    ["Loyalty tier up", "Thanks and new benefits on reaching Silver or Gold"],
    ["Store opening", "Invitation to people within 40 km of a new store"],
    ["Trail season", "Routes and gear, May to September"],
  ],
  freight: [
    ["Booking confirmation", "Mail and text when a load is booked"],
    ["Delay notice", "Tells the shipper when a load runs late"],
    ["Driver onboarding", "Papers and first week for new drivers"],
    ["Contract renewal", "Starts ninety days before the end"],
    ["Lane price alert", "Weekly prices of watched lanes"],
    ["Proof of delivery", "The signed paper, an hour after delivery"],
    ["Quarterly review", "Figures of the quarter to contract shippers"],
    ["Winter safety", "Chains, sleep and fuel for drivers"],
  ],
} as const;

/** The same story told once more: for a country, a test, a pilot. */
export const variants = ["", "Canada", "DACH", "Pilot 2026", "Copy of"] as const;

/** Names as people type them in other scripts; the last reads from right to left with a mark inside. */
export const otherScripts = [
  ["誕生日クーポン", "誕生月の会員にクーポンを送ります"],
  ["Добро пожаловать", "Приветственная серия для новых подписчиков"],
  ["ברוכים הבאים – מועדון", "סדרת קבלת פנים לחברי המועדון"],
  ["حملة رمضان \u200f2026", "رسائل الشهر الكريم، بتوقيت المشترك"],
] as const;

export function told(name: string, variant: string): string {
  if (variant === "") return name;
  return variant === "Copy of" ? `Copy of ${name}` : `${name} ${variant}`;
}
