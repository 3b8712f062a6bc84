import { listed } from "../../../../shared/errors/wording";
import type { Check } from "../../examination/check";
import { failure, orWell, skipped } from "../../examination/finding";
import { type HostThere, throughShell } from "./host-there";

/** `getent` has an exit status of its own for a key that is in no database. */
const NOT_FOUND = 2;

export const owners: Check<HostThere> = {
  id: "owners",
  looksAt: "users and groups that files are declared with, such as `vchkpw`",
  reports: "those that the host does not have",
  findings: (host) =>
    throughShell(async () => {
      const { files, declared } = host;
      if (!declared.connection.applyOwnership) return [skipped("a deploy sets no owners there")];
      const asked = [
        ...files.owners.map((name) => ({ kind: "user", database: "passwd", name })),
        ...files.groups.map((name) => ({ kind: "group", database: "group", name })),
      ];
      if (asked.length === 0) return [skipped("no file has a declared owner")];
      const said = await host.ask(asked.map(({ database, name }) => ["getent", database, name]));
      const missing = asked.filter((_, index) => said[index]?.status === NOT_FOUND);
      if (said.every((answer) => answer === undefined || answer.status > NOT_FOUND))
        return [skipped("the host has no getent")];
      return orWell(
        missing.length === 0
          ? []
          : [
              failure(
                `There is no ${listed(missing.map(({ kind, name }) => `${kind} ${name}`))} on the host: the files that are declared with it cannot be written.`,
                "Create it there, or install the package that does, or declare another owner.",
              ),
            ],
        `it has ${listed(asked.map(({ kind, name }) => `${kind} ${name}`))}`,
      );
    }),
};
