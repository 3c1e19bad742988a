import { cn } from "#components/ui/cn.ts";
import { partsOf } from "#components/ui/hidden-characters.ts";

/**
 * A stranger's text as text (WEB-9): characters that nobody would see stand as chips with their code
 * point, in place, and its direction of reading ends with it (PLN-9).
 */
export function PlainText({ text, className }: { text: string; className?: string }) {
  return (
    <bdi className={cn("whitespace-pre-wrap [overflow-wrap:anywhere]", className)}>
      {partsOf(text).map((part, index) => {
        const key = `${index}`;
        if (part.kind === "text") return <bdi key={key}>{part.text}</bdi>;
        return part.kind === "hidden" ? (
          <Chip key={key} title={`${part.name}, ${part.code}`} said={`, hidden: ${part.name},`}>
            {part.code}
          </Chip>
        ) : (
          <Chip key={key} title={part.words} said={`, ${part.words},`}>
            {part.words}
          </Chip>
        );
      })}
    </bdi>
  );
}

function Chip({ title, said, children }: { title: string; said: string; children: string }) {
  return (
    <span className="whitespace-nowrap">
      <span className="sr-only">{said}</span>
      <span
        aria-hidden
        title={title}
        className="mx-[3px] inline-block rounded-[2px] bg-warn-solid px-[3px] align-[1px] font-label font-mono text-[10px] text-[oklch(0.2_0.03_70)] leading-[14px] tracking-none no-underline"
      >
        {children}
      </span>
    </span>
  );
}
