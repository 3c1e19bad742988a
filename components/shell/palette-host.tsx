"use client";

import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { areSingleKeysOn } from "#components/shell/single-keys.ts";
import { isTyping } from "#components/shell/typing.ts";
import { Kbd } from "#components/ui/kbd.tsx";

const OPEN = "studio-palette-open";
const loadPalette = async () => (await import("#components/shell/palette.tsx")).Palette;
const loadSheet = async () => (await import("#components/shell/key-sheet.tsx")).KeySheet;

type Loaded<Load extends () => Promise<unknown>> = { Part: Awaited<ReturnType<Load>> };

/** Listens for ⌘K, Ctrl K and `?`; what they open is loaded on the first press. */
export function PaletteHost() {
  const [palette, setPalette] = useState<Loaded<typeof loadPalette> | null>(null);
  const [sheet, setSheet] = useState<Loaded<typeof loadSheet> | null>(null);
  const [open, setOpen] = useState<"palette" | "sheet" | null>(null);

  useEffect(() => {
    const show = (which: "palette" | "sheet") => {
      setOpen((now) => (now === which ? null : which));
      if (which === "palette") void loadPalette().then((Part) => setPalette({ Part }));
      else void loadSheet().then((Part) => setSheet({ Part }));
    };
    const onKey = (event: KeyboardEvent) => {
      const isInDialog = document.querySelector("[role=alertdialog]") !== null;
      if (event.defaultPrevented || event.altKey || isInDialog) return;
      if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        show("palette");
      } else if (event.key === "?" && !event.metaKey && !event.ctrlKey) {
        if (!areSingleKeysOn() || isTyping(event.target)) return;
        event.preventDefault();
        show("sheet");
      }
    };
    const onOpen = () => show("palette");
    document.addEventListener("keydown", onKey);
    window.addEventListener(OPEN, onOpen);
    return () => {
      document.removeEventListener("keydown", onKey);
      window.removeEventListener(OPEN, onOpen);
    };
  }, []);

  const showSheet = () => {
    setOpen("sheet");
    void loadSheet().then((Part) => setSheet({ Part }));
  };
  const close = (isOpen: boolean) => {
    if (!isOpen) setOpen((now) => now && null);
  };
  return (
    <>
      {palette && (
        <palette.Part isOpen={open === "palette"} onOpenChange={close} onShowKeys={showSheet} />
      )}
      {sheet && <sheet.Part isOpen={open === "sheet"} onOpenChange={close} />}
    </>
  );
}

/** The palette for whoever has no ⌘K, or does not know of it. */
export function FindButton({ className }: { className?: string }) {
  return (
    <button
      type="button"
      aria-keyshortcuts="Meta+K Control+K"
      onPointerEnter={() => void loadPalette()}
      onClick={() => window.dispatchEvent(new Event(OPEN))}
      className={className}
    >
      <Search aria-hidden strokeWidth={1.5} className="size-4 shrink-0" />
      <span className="flex-1 text-left">Find</span>
      <span aria-hidden className="max-md:hidden">
        <Kbd>⌘K</Kbd>
      </span>
    </button>
  );
}
