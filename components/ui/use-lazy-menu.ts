"use client";

import { useState } from "react";

/**
 * Keeps a menu's script out of a page's first load: it is fetched when the pointer or the focus
 * comes near, and shown, open, on the first press.
 *
 * @returns the menu once pressed, and what its stand-in trigger needs until then
 */
export function useLazyMenu<Menu>(load: () => Promise<Menu>): {
  menu: Menu | null;
  trigger: {
    "aria-haspopup": "menu";
    "aria-expanded": false;
    onPointerEnter: () => void;
    onFocus: () => void;
    onClick: () => void;
  };
} {
  const [menu, setMenu] = useState<{ loaded: Menu } | null>(null);
  const warm = () => void load();
  return {
    menu: menu?.loaded ?? null,
    trigger: {
      "aria-haspopup": "menu",
      "aria-expanded": false,
      onPointerEnter: warm,
      onFocus: warm,
      onClick: () => void load().then((loaded) => setMenu({ loaded })),
    },
  };
}
