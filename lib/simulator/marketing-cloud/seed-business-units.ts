import type { BusinessUnit } from "./world.ts";

export const unit = (
  mid: number,
  name: string,
  timeZone: string,
  locale = "en_US",
  more: Pick<BusinessUnit, "parentMid" | "isActive"> = {},
): BusinessUnit => ({
  mid,
  name,
  timeZone,
  locale,
  email: `marketing@${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}.example`,
  ...more,
});

/** Units of the demo tenant besides the four that its people live in. */
export const northpineMids = {
  canada: 100000052,
  storesWest: 100000061,
  japan: 100000065,
  outlet: 100000078,
} as const;

export const northpineFurtherUnits: readonly BusinessUnit[] = [
  unit(northpineMids.canada, "Northpine Canada", "America/Toronto", "en_CA"),
  unit(northpineMids.storesWest, "Northpine Stores West", "America/Los_Angeles", "en_US", {
    parentMid: 100000014,
  }),
  unit(northpineMids.japan, "Northpine Japan", "Asia/Tokyo", "ja_JP"),
  unit(northpineMids.outlet, "Northpine Outlet", "America/Chicago", "en_US", { isActive: false }),
];

const shopCount = 2_637;
const regionNames = ["Benelux", "British Isles", "Iberia", "Nordics"];

/** `first` is a shop; every hundredth shop is closed, `closed` is the first of them. */
export const meridianMids = { parent: 527000001, first: 527001000, closed: 527001099 } as const;

/** The parent, four regions under it, and 2,637 shops under the regions: more than one page of SOAP. */
export function meridianUnits(): BusinessUnit[] {
  const regions = regionNames.map((name, at) =>
    unit(meridianMids.parent + 1 + at, `Meridian ${name}`, "Europe/Berlin", "en_GB"),
  );
  const shops = Array.from({ length: shopCount }, (_, at) =>
    unit(
      meridianMids.first + at,
      `Meridian shop ${String(at + 1).padStart(4, "0")}`,
      "Europe/Berlin",
      "en_GB",
      { parentMid: regions[at % regions.length]?.mid ?? 0, isActive: (at + 1) % 100 !== 0 },
    ),
  );
  return [
    unit(meridianMids.parent, "Meridian Franchise Group", "Europe/Berlin", "en_GB"),
    ...regions,
    ...shops,
  ];
}
