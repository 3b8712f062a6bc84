import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import { ExtData, encode } from "@msgpack/msgpack";
import type { Provider } from "../../../../lib/provider/protocol/provider";
import { serveInProcess } from "../../../../lib/provider/protocol/serve";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";
import { grpcService } from "../../../../lib/provider/protocol/wire/grpc-services";
import type {
  AttributePathMessage,
  Calls,
  DiagnosticMessage,
  DynamicValue,
} from "../../../../lib/provider/protocol/wire/messages";
import { readMsgpack } from "./msgpack";

/** An engine's end of the wire, to a provider in this process. */
export interface TestClient {
  call<C extends keyof Calls>(name: C, request: Calls[C]["request"]): Promise<Calls[C]["response"]>;
  /** Sends these bytes in place of a request. */
  callRaw<C extends keyof Calls>(name: C, request: Uint8Array): Promise<Calls[C]["response"]>;
  close(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: a provider of any configuration
export async function connect<D>(provider: Provider<any, D>): Promise<TestClient> {
  const server = await serveInProcess(provider);
  const service = grpcService("tfplugin6.Provider");
  const Client = makeGenericClientConstructor(service, "Provider");
  const client = new Client(`unix:${server.socket}`, credentials.createInsecure(), {
    "grpc.max_send_message_length": -1,
    "grpc.max_receive_message_length": -1,
  });
  const request = (name: keyof Calls, bytes: Buffer) =>
    new Promise<never>((resolve, reject) => {
      const { path, responseDeserialize } = service[name] as (typeof service)[string];
      client.makeUnaryRequest(
        path,
        (raw: Buffer) => raw,
        responseDeserialize,
        bytes,
        (error, response) => (error ? reject(error) : resolve(response as never)),
      );
    });
  return {
    call: (name, message) =>
      request(name, (service[name] as (typeof service)[string]).requestSerialize(message)),
    callRaw: (name, bytes) => request(name, Buffer.from(bytes)),
    close: async () => {
      client.close();
      await server.close();
    },
  };
}

/** A value as an engine sends it. Written out here, apart from the code under test. */
export function wire(value: unknown): DynamicValue {
  return { msgpack: encode(toWire(value), { useBigInt64: true }) };
}

function toWire(value: unknown): unknown {
  if (value === UNKNOWN) return new ExtData(0, Uint8Array.of(0));
  if (typeof value === "number" && !Number.isInteger(value)) return String(value);
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== "object" || value === null || value instanceof ExtData) return value;
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, toWire(element)]));
}

/** What the provider answered, with unknown values as `UNKNOWN` and numbers as they were sent. */
export function unwire(value: DynamicValue | null | undefined): unknown {
  if (!value?.msgpack?.length) throw new Error("there is no value");
  return readMsgpack(value.msgpack);
}

export function unwireObject(value: DynamicValue | null | undefined): Record<string, unknown> {
  return unwire(value) as Record<string, unknown>;
}

export function errorsOf({ diagnostics }: { readonly diagnostics: readonly DiagnosticMessage[] }) {
  return diagnostics.filter(({ severity }) => severity === 1);
}

/** The steps of a path as plain names, keys and positions. */
export function stepsOf(path: AttributePathMessage | null | undefined): readonly (string | number)[] {
  return (path?.steps ?? []).map((step) => {
    const { attribute_name, element_key_string, element_key_int } = step as unknown as {
      readonly attribute_name?: string;
      readonly element_key_string?: string;
      readonly element_key_int: number;
    };
    return attribute_name || element_key_string || element_key_int;
  });
}
