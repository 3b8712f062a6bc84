import { printableLine } from "../../../shared/text/printable";
import { isAtUnusedPort, type Result, type Summary, worst } from "../judgement/summary";
import { serverNameOf } from "../questions/question";
import type { Report } from "./report";

/** For Prometheus, by the textfile collector of its node exporter: text that OpenMetrics and Prometheus both read. */
export class OpenMetricsReport implements Report {
  /** By labels. Prometheus refuses a file that has a series twice, as two stacks with hosts of one name would make it. */
  readonly #right = new Map<string, number>();
  readonly #notAfter = new Map<string, number>();
  readonly #findings = new Map<string, number>();
  readonly #unused = new Map<string, number>();

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
    keepLeast(this.#right, labels, worst(findings) === "error" ? 0 : 1);
    if (outcome.kind === "presented" && asked.kind === "name") {
      const seconds = +new Date(outcome.presentation.certificates[0].validTo) / 1000;
      if (!Number.isNaN(seconds)) keepLeast(this.#notAfter, labels, seconds);
    }
    if (question.expected.answer === "optional") this.#addOptional(result);
    for (const { code, severity } of findings) {
      const finding = labelled({ code, severity });
      this.#findings.set(finding, (this.#findings.get(finding) ?? 0) + 1);
    }
    return "";
  }

  #addOptional(result: Result): void {
    const { endpoint, address } = result.question;
    const { host, service, port, protocol } = endpoint;
    const labels = { host, service: service ?? "", address: address ?? "", port: String(port), protocol };
    keepLeast(this.#unused, labelled(labels), isAtUnusedPort(result) ? 1 : 0);
  }

  end({ exitCode }: Summary): string {
    const seconds = Math.floor(+this.at / 1000);
    return [
      ...family("served_right", "Whether a handshake had no errors.", this.#right),
      ...family("served_not_after_seconds", "When the certificate that is served ends.", this.#notAfter),
      ...family("findings", "How many findings there are.", this.#findings),
      ...family(
        "port_unused",
        "Whether an optional port is closed, while others of its service answer.",
        this.#unused,
      ),
      ...family("verify_exit_code", "Exit status of the last run.", [["", exitCode]]),
      ...family("verify_timestamp_seconds", "When the last run began.", [["", seconds]]),
      "# EOF\n",
    ].join("\n");
  }
}

/** Of handshakes that have the same labels, the worst counts. */
function keepLeast(series: Map<string, number>, labels: string, value: number): void {
  series.set(labels, Math.min(series.get(labels) ?? value, value));
}

/** Sorted, so that two runs can be compared. */
function family(
  name: string,
  help: string,
  series: Iterable<readonly [labels: string, value: number]>,
): string[] {
  const lines = [...series].map(([labels, value]) => `mail_sni_${name}${labels} ${value}`);
  return [`# HELP mail_sni_${name} ${help}`, `# TYPE mail_sni_${name} gauge`, ...lines.sort()];
}

function labelled(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return printableLine(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
