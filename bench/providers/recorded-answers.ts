import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { Server, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { RECORDED_ANSWERS_VARIABLE } from "../recorded-answers-variable";

/**
 * The provider without any work of its own: it answers what it was asked before from a file, byte for byte, and neither
 * decodes the request nor encodes the answer. What is left is Node and its gRPC library.
 */

// biome-ignore lint/suspicious/noExplicitAny: requests and answers of any method
type Any = any;

const file = process.env[RECORDED_ANSWERS_VARIABLE];
const answers =
  file !== undefined && existsSync(file) ? readAnswers(readFileSync(file)) : new Map<string, Buffer>();

const { addService } = Server.prototype;
Server.prototype.addService = function (service: Any, implementation: Any) {
  const names = Object.keys(service);
  // Of the engine's services this one alone has resources. What it configures is different in each process.
  if (file === undefined || !names.includes("PlanResourceChange"))
    return addService.call(this, service, implementation);
  const recorded = names.map(
    (name) => [name, answeredFromFile(name, service[name], implementation[name], file)] as const,
  );
  return addService.call(
    this,
    Object.fromEntries(recorded.map(([name, { method }]) => [name, method])),
    Object.fromEntries(recorded.map(([name, { handler }]) => [name, handler])),
  );
};

function answeredFromFile(name: string, method: Any, handle: Any, path: string) {
  const asIs = (bytes: Buffer) => bytes;
  const handler = ({ request }: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
    const key = `${name} ${request.toString("latin1")}`;
    const known = name === "ConfigureProvider" ? undefined : answers.get(key);
    if (known !== undefined) return answer(null, known);
    handle({ request: method.requestDeserialize(request) }, (error: Any, response: object) => {
      if (error) return answer(error);
      const bytes = method.responseSerialize(response);
      appendFileSync(path, Buffer.concat([framed(Buffer.from(key, "latin1")), framed(bytes)]));
      answer(null, bytes);
    });
  };
  return { method: { ...method, requestDeserialize: asIs, responseSerialize: asIs }, handler };
}

function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function readAnswers(bytes: Buffer): Map<string, Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  const pairs = parts.flatMap((part, index) =>
    index % 2 ? [] : [[part.toString("latin1"), parts[index + 1]] as const],
  );
  return new Map(pairs as [string, Buffer][]);
}

require("../../lib/provider/main");
