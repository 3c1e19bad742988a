"use client";

import {
  cloneElement,
  type ReactElement,
  type ReactNode,
  type Ref,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";

const OPEN_AFTER_MS = 300;
/** Long enough to move the pointer onto the words. */
const CLOSE_AFTER_MS = 120;
const EDGE = 8;

type TriggerProps = {
  ref?: Ref<HTMLElement>;
  "aria-describedby"?: string | undefined;
  onPointerEnter?: (event: React.PointerEvent) => void;
  onPointerLeave?: () => void;
  onPointerDown?: () => void;
  onFocus?: (event: React.FocusEvent) => void;
  onBlur?: () => void;
};

/**
 * Extra words on hover and on keyboard focus. The pointer may move onto them, Escape takes them
 * away, scrolling closes them. The child must be able to take focus.
 *
 * Our own rather than Radix's: a list page holds a hundred of these.
 *
 * @param props.gap - pixels between the child and the words
 */
export function Tooltip({
  content,
  side = "top",
  gap = 6,
  children,
}: {
  content: ReactNode;
  side?: "top" | "bottom";
  gap?: number;
  children: ReactElement<TriggerProps>;
}) {
  const id = useId();
  const [anchor, setAnchor] = useState<Element | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const after = (ms: number, then: () => void) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(then, ms);
  };
  const close = () => {
    clearTimeout(timer.current);
    setAnchor(null);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (anchor === null) return;
    const shut = () => setAnchor(null);
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") shut();
    };
    document.addEventListener("keydown", onKey);
    window.addEventListener("scroll", shut, { capture: true, passive: true });
    return () => {
      document.removeEventListener("keydown", onKey);
      window.removeEventListener("scroll", shut, { capture: true });
    };
  }, [anchor]);

  return (
    <>
      {cloneElement(children, {
        "aria-describedby": anchor === null ? undefined : id,
        onPointerEnter: (event) => {
          if (event.pointerType !== "mouse") return;
          const { currentTarget } = event;
          after(OPEN_AFTER_MS, () => setAnchor(currentTarget));
        },
        onPointerLeave: () => after(CLOSE_AFTER_MS, close),
        onPointerDown: close,
        onFocus: (event) => {
          if (event.currentTarget.matches(":focus-visible")) setAnchor(event.currentTarget);
        },
        onBlur: close,
      })}
      {anchor !== null && (
        <Words
          id={id}
          anchor={anchor}
          side={side}
          gap={gap}
          onEnter={() => clearTimeout(timer.current)}
          onLeave={() => after(CLOSE_AFTER_MS, close)}
        >
          {content}
        </Words>
      )}
    </>
  );
}

function Words({
  id,
  anchor,
  side,
  gap,
  onEnter,
  onLeave,
  children,
}: {
  id: string;
  anchor: Element;
  side: "top" | "bottom";
  gap: number;
  onEnter: () => void;
  onLeave: () => void;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (box.current === null) return;
    const at = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = box.current;
    const above = at.top - gap - height;
    const below = at.bottom + gap;
    const fitsAbove = above >= EDGE;
    const fitsBelow = below + height <= window.innerHeight - EDGE;
    const isAbove = side === "top" ? fitsAbove || !fitsBelow : !fitsBelow && fitsAbove;
    const left = Math.min(Math.max(at.left, EDGE), window.innerWidth - width - EDGE);
    box.current.style.left = `${Math.max(left, EDGE)}px`;
    box.current.style.top = `${isAbove ? above : below}px`;
  }, [anchor, side, gap]);
  return createPortal(
    <div
      ref={box}
      id={id}
      role="tooltip"
      onPointerEnter={onEnter}
      onPointerLeave={onLeave}
      className="fixed z-50 w-max max-w-[min(28rem,calc(100vw-1rem))] animate-menu rounded-2 border border-line bg-raised px-2 py-1 text-ink text-xs shadow-2 [overflow-wrap:anywhere]"
    >
      {children}
    </div>,
    document.getElementById("main") ?? document.body,
  );
}
