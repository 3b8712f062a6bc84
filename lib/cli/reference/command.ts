import { Argument, Command } from "commander";
import type { Io } from "../process/io";
import { bashCompletion } from "./completion/bash";
import { fishCompletion } from "./completion/fish";
import { zshCompletion } from "./completion/zsh";
import { type CommandModel, commandModel } from "./model/command-model";

const SHELLS: ReadonlyMap<string, (program: CommandModel) => string> = new Map([
  ["bash", bashCompletion],
  ["zsh", zshCompletion],
  ["fish", fishCompletion],
]);

/** The command `completion`: it writes a script of the program that it is a part of. */
export function completionCommand(io: Io): Command {
  return new Command("completion")
    .summary("write a script with which a shell completes commands and options")
    .description(
      "Writes a script with which a shell completes commands, options, files and directories. It is made of the same definitions as the help.",
    )
    .addArgument(new Argument("<shell>", "the shell").choices([...SHELLS.keys()]))
    .action((shell: string, _flags: object, self: Command) => {
      const script = SHELLS.get(shell) as (program: CommandModel) => string;
      io.stdout.write(script(commandModel(self.parent as Command)));
    });
}
