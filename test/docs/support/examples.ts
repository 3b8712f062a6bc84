import { type CodeBlock, textOf } from "./code-blocks";
import type { Program } from "./programs";
import type { Project } from "./project";

/** The codes that a page has a section for. */
export function codesOfPage(page: string): string[] {
  return [...textOf(page).matchAll(/^### (.*)$/gm)].map(([, heading]) => heading as string);
}

/** The message that a page has for a code. */
export function messageFor(blocks: readonly CodeBlock[], code: string): string {
  return blocks.find(({ heading, language }) => heading === code && language === "text")?.code ?? "";
}

/** What a program throws, what it is refused for as a whole, or what it is warned of: one message each. */
export function messagesOf(project: Project, program: Program): string[] {
  try {
    return [...project.run(program).annotations];
  } catch (error) {
    const { name, message } = error as Error;
    return name === "MailSniError"
      ? [message]
      : message.split("\n").map((line) => line.replace(/^ *\[\S+\] /, ""));
  }
}

/** Without what differs from one run, one line width or one machine to the next. */
export function comparable(message: string): string {
  return message
    .replaceAll(/[│╷╵\s]+/g, " ")
    .replaceAll(/TOKEN\.\d+/g, "TOKEN.0")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME")
    .trim();
}
