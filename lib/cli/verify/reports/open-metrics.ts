import { printableLine } from "../../../shared/printable";
import { type Result, type Summary, worst } from "../judgement/summary";
import { serverNameOf } from "../questions/question";
import type { Report } from "./report";

/** For Prometheus, by the textfile collector of its node exporter: text that OpenMetrics and Prometheus both read. */
export class OpenMetricsReport implements Report {
  readonly #right: string[] = [];
  readonly #notAfter: string[] = [];
  readonly #findings = new Map<string, number>();

  constructor(private readonly at: Date) {}

  begin(): string {
    return "";
  }

  add(result: Result): string {
    const { question, outcome, findings } = result;
    const { endpoint, address, asked } = question;
    const labels = labelled({
      host: endpoint.host,
      service: endpoint.service ?? "",
      address: address ?? "",
      port: String(endpoint.port),
      protocol: endpoint.protocol,
      asked: asked.kind === "version" ? asked.version : asked.kind,
      name: serverNameOf(question) ?? "",
    });
    this.#right.push(`mail_sni_served_right${labels} ${worst(findings) === "error" ? 0 : 1}`);
    if (outcome.kind === "presented" && asked.kind === "name") {
      const seconds = +new Date(outcome.presentation.certificates[0].validTo) / 1000;
      if (!Number.isNaN(seconds))
        this.#notAfter.push(`mail_sni_served_not_after_seconds${labels} ${seconds}`);
    }
    for (const { code, severity } of findings) {
      const series = `mail_sni_findings${labelled({ code, severity })}`;
      this.#findings.set(series, (this.#findings.get(series) ?? 0) + 1);
    }
    return "";
  }

  end({ exitCode }: Summary): string {
    const findings = [...this.#findings].map(([series, count]) => `${series} ${count}`);
    return [
      ...family("served_right", "Whether a handshake had no errors.", this.#right),
      ...family("served_not_after_seconds", "When the certificate that is served ends.", this.#notAfter),
      ...family("findings", "How many findings there are.", findings),
      ...family("verify_exit_code", "Exit status of the last run.", [
        `mail_sni_verify_exit_code ${exitCode}`,
      ]),
      ...family("verify_timestamp_seconds", "When the last run began.", [
        `mail_sni_verify_timestamp_seconds ${Math.floor(+this.at / 1000)}`,
      ]),
      "# EOF\n",
    ].join("\n");
  }
}

/** Sorted, so that two runs can be compared. */
function family(name: string, help: string, lines: readonly string[]): string[] {
  return [`# HELP mail_sni_${name} ${help}`, `# TYPE mail_sni_${name} gauge`, ...[...lines].sort()];
}

function labelled(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return printableLine(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
