import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Finished, REVIEW_LINE, runApp } from "./child";
import { resourcesOf } from "./engine";
import { inPairs, median } from "./pairs";
import { count, megabytes, type Row, row } from "./report";

const DOMAINS = 1000;
const RESOURCES = resourcesOf(DOMAINS);

/**
 * What cdktf itself needs for the attributes: it looks for tokens in each of their names and texts three times. The rest is
 * ours: names are parsed and checked, the rules asked, the table written.
 */
const MOST_TIMES_SAME = 1.7;
/** Bare resources have one short text each, ours dozens: the limit keeps attributes from becoming too many. */
const MOST_TIMES_BARE = 3;

/**
 * The processor time that cdktf takes to synthesize a thousand domains, next to as many resources that have nothing to
 * them, and to the same resources and output with the same attributes.
 */
export async function benchSynth(
  directory: string,
  providerDirectory: string,
  times: number,
): Promise<Row[]> {
  const peaks = { ours: [] as number[], bare: [] as number[], same: [] as number[] };
  const synth = async (of: keyof typeof peaks, run: (outdir: string) => Promise<Finished>) => {
    const outdir = join(directory, `synth-${of}`);
    rmSync(outdir, { recursive: true, force: true });
    const { milliseconds, peakBytes } = await run(outdir);
    peaks[of].push(peakBytes);
    return milliseconds;
  };
  const ours = () =>
    synth("ours", (outdir) => runApp("domains", [outdir, providerDirectory, "/srv/mx1", String(DOMAINS)]));
  const bare = () => synth("bare", (outdir) => runApp("bare-resources", [outdir, String(RESOURCES), "20"]));
  const stackFile = join(directory, "stack.json");
  const same = () => synth("same", (outdir) => runApp("same-resources", [outdir, stackFile]));
  // The first run of each fills the caches of the operating system and of the TypeScript loader.
  await inPairs(1, ours, bare);
  const comparison = await inPairs(times, ours, bare);
  copyFileSync(join(directory, "synth-ours/stacks/bench/cdk.tf.json"), stackFile);
  await inPairs(1, ours, same);
  const comparisonWithSame = await inPairs(times, ours, same);
  const peak = median(peaks.ours);
  return [
    row(
      `Synth of ${count(DOMAINS)} domains on a host`,
      comparison,
      `${count(RESOURCES)} bare resources`,
      MOST_TIMES_BARE,
    ),
    row("… the same", comparisonWithSame, "the same stack, in plain cdktf", MOST_TIMES_SAME),
    {
      measured: "… its peak memory",
      ours: megabytes(peak),
      compared: `${megabytes(median(peaks.bare))} (bare resources), ${megabytes(median(peaks.same))} (the same)`,
      target: { text: "at most 300 MB", met: peak <= 300e6 },
    },
  ];
}

/** What part of the synthesis of four hosts the rules and the table of who is served what are. */
export async function benchReview(
  directory: string,
  providerDirectory: string,
  times: number,
): Promise<Row[]> {
  const runs: { readonly ours: number; readonly theirs: number }[] = [];
  // The first run fills caches.
  for (let run = 0; run <= times; run++) {
    const outdir = join(directory, "review");
    rmSync(outdir, { recursive: true, force: true });
    const { milliseconds, output } = await runApp("hosts", [outdir, providerDirectory, String(DOMAINS)]);
    const reviewing = Number(new RegExp(`^${REVIEW_LINE} (.+)$`, "m").exec(output)?.[1]);
    if (!(reviewing > 0)) throw new Error(`bench/apps/hosts.ts did not measure: ${output}`);
    if (run > 0) runs.push({ ours: reviewing, theirs: milliseconds });
  }
  const comparison = {
    ours: median(runs.map(({ ours }) => ours)),
    theirs: median(runs.map(({ theirs }) => theirs)),
    ratio: median(runs.map(({ ours, theirs }) => ours / theirs)),
  };
  const what = `${count(DOMAINS)} domains × 6 names × 4 hosts × 2 services`;
  return [row(`Table and rules of ${what}`, comparison, "the whole synth", 0.1)];
}
