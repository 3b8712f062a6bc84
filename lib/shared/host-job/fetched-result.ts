import type { Answer } from "../transport/answers";
import { complaint } from "../transport/complaint";
import type { Call } from "../transport/session";
import { type JobResult, JobResultUnreadable, parseJobResult } from "./job-result";

/** The call that reads a result file on a host. It follows no link, and reads four megabytes at most. */
export function fetchResult(path: string): Call {
  return ["fetch", path];
}

/** What the answer to {@link fetchResult} says; undefined if the file does not exist. */
export function fetchedResult({ status, output }: Answer): JobResult | JobResultUnreadable | undefined {
  if (status !== 0)
    return output.includes("No such file") ? undefined : new JobResultUnreadable(complaint(output));
  try {
    return parseJobResult(Buffer.from(output.trim(), "base64").toString("utf8"));
  } catch (error) {
    if (error instanceof JobResultUnreadable) return error;
    throw error;
  }
}
