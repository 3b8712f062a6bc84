import { shellQuote } from "../transport/shell-quote";
import commands from "./commands.awk";
import script from "./find-renewers.sh";
import lines from "./lines.awk";
import { RENEWERS } from "./renewers";
import words from "./words.awk";

const VARIABLES = {
  programs: RENEWERS.join(" "),
  commands_awk: commands,
  lines_awk: lines,
  words_awk: words,
};

const assignments = Object.entries(VARIABLES).map(([name, value]) => `${name}=${shellQuote(value)}`);

/** The functions of `find-renewers.sh`, and what they need but `root`, for a script that sets that. */
export const FIND_RENEWERS = [...assignments, script].join("\n");
