import { healthyHost, testCa } from "../test/cli/import/support/article";
import { SshServer } from "../test/support/ssh-server";
import { runApp } from "./child";
import { inPairs, timed } from "./pairs";
import { count, megabytes, type Row, row, seconds } from "./report";

const DOMAINS = 1000;
const MOST_MILLISECONDS = 5000;

/**
 * The processor time of `mail-sni import` of a host by ssh with a thousand domains of four names, for qmail and Dovecot, next to
 * the start of the command alone. That of ssh and of the host is not in it.
 */
export async function benchImport(times: number): Promise<Row[]> {
  const server = await SshServer.start();
  const host = await healthyHost(await testCa(), "2.4", DOMAINS);
  try {
    const ssh = ["--ssh-config", server.file("ssh_config", ""), "--identity", server.identityFile];
    const args = [
      "import",
      server.address,
      ...ssh,
      "--host-key",
      server.hostKey,
      "--root",
      host.root,
      "--no-dns",
    ];
    let [peakBytes, elapsed] = [0, 0];
    const ours = async () => {
      let milliseconds = 0;
      elapsed = await timed(async () => {
        const finished = await runApp("mail-sni", args);
        milliseconds = finished.milliseconds;
        peakBytes = Math.max(peakBytes, finished.peakBytes);
      });
      return milliseconds;
    };
    const start = async () => (await runApp("mail-sni", ["--version"])).milliseconds;
    const comparison = await inPairs(times, ours, start);
    return [
      {
        ...row(
          `Import of ${count(DOMAINS)} domains over SSH, in processor time`,
          comparison,
          "mail-sni --version",
        ),
        target: { text: "at most 5 s", met: comparison.ours <= MOST_MILLISECONDS },
      },
      { measured: "… the time until its end, which the host takes for its keys", ours: seconds(elapsed) },
      { measured: "… its peak memory", ours: megabytes(peakBytes) },
    ];
  } finally {
    host.remove();
    await server.stop();
  }
}
