/** `8:46`; never below `0:00`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** For a screen reader, once a minute: "9 minutes left". */
export function minutesText(seconds: number): string {
  if (seconds <= 0) return "No time left";
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "Less than a minute left" : `${minutes} minutes left`;
}
