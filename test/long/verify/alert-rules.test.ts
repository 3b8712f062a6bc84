import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ran } from "../../cli/support/ran";
import { TlsServers } from "../../cli/support/tls-servers";
import { issue } from "../../support/certificates";
import { promtool } from "../../support/machine";
import { findPromtool } from "../../support/promtool";
import { describeIf } from "../../support/requirements";

const DAY_MS = 86_400_000;

describeIf([promtool], "the metrics of verify, and the alert rules of the docs, for Prometheus", () => {
  let directory: string;
  let metrics: string;
  let port: number;
  const servers = new TlsServers();
  const checker = findPromtool() ?? "";

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-rules-"));
    const [example = ""] = /groups:\n[\s\S]*?(?=```)/.exec(readFileSync("docs/verify.md", "utf8")) ?? [];
    writeFileSync(join(directory, "rules.yaml"), example);
    const [now, soon] = [Date.now(), Date.now() + 3 * DAY_MS];
    const ca = await issue({ subject: "CN=CA", ca: true, notAfter: new Date(now + 99 * DAY_MS) });
    const validity = { issuer: ca, notBefore: new Date(now - 99 * DAY_MS), notAfter: new Date(soon) };
    const leaf = await issue({ ...validity, dnsNames: ["right.test"] });
    port = await servers.start({ leaf });
    writeFileSync(join(directory, "root.pem"), ca.pem);
    const options = ["--connect", "127.0.0.1", "--ports", `${port}:tls`, "--ca", join(directory, "root.pem")];
    const file = join(directory, "metrics.prom");
    await ran(["verify", "right.test", "wrong.test", ...options, "--open-metrics", file]);
    metrics = readFileSync(file, "utf8");
  });

  afterAll(async () => {
    await servers.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("THEN promtool has no complaint about the metrics", () => {
    const { status, stdout, stderr } = spawnSync(checker, ["check", "metrics"], {
      input: metrics,
      encoding: "utf8",
    });
    expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: "" });
  });

  it("THEN it accepts the rules", () => {
    const output = execFileSync(checker, ["check", "rules", join(directory, "rules.yaml")], {
      encoding: "utf8",
    });
    expect(output).toContain("SUCCESS: 4 rules found");
  });

  it("GIVEN the metrics of a run, one name wrong and all ending soon THEN the rules fire for those, and later for a run that is missing", () => {
    const series = metrics
      .split("\n")
      .filter((line) => /^mail_sni_/.test(line))
      .map((line) => /^(?<series>.*) (?<value>\S+)$/.exec(line)?.groups ?? {});
    // In promtool's tests time begins at the epoch.
    const begin = Number(
      series.find(({ series: name }) => name === "mail_sni_verify_timestamp_seconds")?.value,
    );
    const shifted = (name: string, value: number) => (/_seconds(\{|$)/.test(name) ? value - begin : value);
    const labels = { host: "127.0.0.1", port: String(port) };
    const test = {
      rule_files: ["rules.yaml"],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: series.map(({ series: name = "", value }) => ({
            series: name,
            values: `${shifted(name, Number(value))}x4500`,
          })),
          promql_expr_test: [
            {
              expr: 'count by (alertname, name, host, port) (ALERTS{alertstate="firing"})',
              eval_time: "45m",
              exp_samples: [
                sample("MailCertificateEndsSoon", "right.test"),
                sample("MailCertificateEndsSoon", "wrong.test"),
                sample("MailCertificateWrong", "wrong.test"),
              ],
            },
            {
              expr: 'count by (alertname) (ALERTS{alertname="MailSniVerifyDoesNotRun"})',
              eval_time: "3d",
              exp_samples: [{ labels: '{alertname="MailSniVerifyDoesNotRun"}', value: 1 }],
            },
          ],
        },
        {
          interval: "1m",
          // Two optional ports: one that was never in use, and one that answers for a day.
          input_series: [unusedSeries(995, "1x1600"), unusedSeries(110, "0x1440 1x160")],
          promql_expr_test: [
            {
              expr: 'count by (alertname, port) (ALERTS{alertstate="firing"})',
              eval_time: "25h",
              exp_samples: [{ labels: '{alertname="MailPortNoLongerAnswers", port="110"}', value: 1 }],
            },
          ],
        },
      ],
    };
    function unusedSeries(unused: number, values: string) {
      return { series: `mail_sni_port_unused{host="mx1",service="dovecot",port="${unused}"}`, values };
    }
    function sample(alertname: string, name: string) {
      return {
        labels: `{alertname="${alertname}", host="${labels.host}", name="${name}", port="${labels.port}"}`,
        value: 1,
      };
    }
    // JSON is YAML too.
    writeFileSync(join(directory, "test.yaml"), JSON.stringify(test));
    const { status, stdout, stderr } = spawnSync(checker, ["test", "rules", "test.yaml"], {
      cwd: directory,
      encoding: "utf8",
    });
    expect({ status, output: stdout + stderr }).toMatchObject({ status: 0 });
  });
});
