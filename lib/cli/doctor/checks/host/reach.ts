import { rfc3339 } from "../../../../shared/time/rfc3339";
import { clockDifference } from "../../../../shared/transport/clock-difference";
import { missingTools } from "../../../../shared/transport/missing-tools";
import { sentence } from "../../../../shared/transport/sentence";
import { SessionLost } from "../../../../shared/transport/session";
import type { Trouble } from "../../../../shared/transport/trouble";
import { HostUnreachable } from "../../../../shared/transport/unreachable";
import type { Check } from "../../examination/check";
import { type Finding, failure, skipped, warning, well } from "../../examination/finding";
import { type HostThere, throughShell } from "./host-there";

export const ssh: Check<HostThere> = {
  id: "ssh",
  looksAt: "the SSH connection to each host, with the settings of the deploy",
  reports: "no connection, no login, a host key that is unknown (with the key) or has changed",
  async findings(host) {
    const { ssh: settings } = host.declared.connection;
    if (!settings) return [skipped("it is this machine")];
    const unreachable = await host.connected();
    return [unreachable === null ? well(`ssh reaches ${settings.address}`) : troubleFinding(unreachable)];
  },
};

export const shell: Check<HostThere> = {
  id: "shell",
  looksAt: "a shell on each host, through `become` where that is set",
  reports: "no shell, `become` asks for a password or is not allowed",
  async findings(host) {
    if ((await host.connected()) !== null) return [skipped("the host cannot be reached")];
    try {
      await host.call("clock");
      return [well("a shell runs there")];
    } catch (error) {
      if (error instanceof SessionLost || error instanceof HostUnreachable) return [troubleFinding(error)];
      throw error;
    }
  },
};

function troubleFinding({ problem, remedy, keyLine }: Trouble): Finding {
  const advice = remedy === undefined ? "Log in to it by hand, with ssh -v, to see more." : sentence(remedy);
  return failure(sentence(problem), keyLine === undefined ? advice : `${advice}\n\n  ${keyLine}`);
}

export const tools: Check<HostThere> = {
  id: "tools",
  looksAt: "the tools that a deploy runs on each host: coreutils, `grep`, `flock`",
  reports: "missing tools",
  findings: (host) =>
    throughShell(async () => {
      const missing = missingTools(await host.call("missing_tools"));
      if (missing.length === 0) return [well("it has the tools")];
      return [
        failure(
          `Tools are missing there: ${missing.join(", ")}. Every change to the host will be refused.`,
          "Install coreutils, grep and util-linux on the host.",
        ),
      ];
    }),
};

export const clock: Check<HostThere> = {
  id: "clock",
  looksAt: "the clock of each host, against that of this machine",
  reports: "a difference of five minutes or more",
  findings: (host) =>
    throughShell(async () => {
      const answer = await host.call("clock");
      const now = host.now();
      const difference = clockDifference(answer, now);
      if (difference === undefined) return [well("its clock agrees with that of this machine")];
      return [
        warning(
          `Its clock is ${difference.apart}: it is ${rfc3339(difference.there)} there, and ${rfc3339(now)} here. Certificates are dated by the clock here.`,
          "Find out which one is wrong, and set it with NTP.",
        ),
      ];
    }),
};
