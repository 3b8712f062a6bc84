import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { type Message, Root, type Service, type Type } from "protobufjs/light";
import { log } from "../../../shared/log";
import { definitions } from "./definitions";

/** A service of the interface definitions, for a gRPC server or client. */
export function grpcService(name: string): ServiceDefinition {
  root ??= resolvedDefinitions();
  const service = root.lookupService(name);
  return Object.fromEntries(service.methodsArray.map((method) => [method.name, grpcMethod(service, method)]));
}

let root: Root | undefined;

function resolvedDefinitions(): Root {
  const loaded = Root.fromJSON(definitions);
  loaded.resolveAll();
  return loaded;
}

function grpcMethod(
  service: Service,
  method: Service["methodsArray"][number],
): MethodDefinition<object, object> {
  const [request, response] = [codec(method.resolvedRequestType), codec(method.resolvedResponseType)];
  return {
    path: `/${service.fullName.slice(1)}/${method.name}`,
    requestStream: method.requestStream === true,
    responseStream: method.responseStream === true,
    requestSerialize: request.serialize,
    requestDeserialize: request.deserializeOrEmpty,
    responseSerialize: response.serialize,
    responseDeserialize: response.deserialize,
  };
}

function codec(type: Type | null) {
  if (type === null) throw new Error("a message of an interface definition is not defined");
  const plain = (message: Message) =>
    type.toObject(message, { longs: Number, enums: Number, defaults: true, oneofs: false });
  return {
    // No conversion: `messages.ts` has the types of all messages.
    serialize: (message: object): Buffer => type.encode(message as Message).finish() as Buffer,
    deserialize: (bytes: Buffer): object => plain(type.decode(bytes)),
    /**
     * A request that cannot be decoded becomes an empty one. It lacks required fields, so it is answered with
     * diagnostics.
     */
    deserializeOrEmpty: (bytes: Buffer): object => {
      try {
        return plain(type.decode(bytes));
      } catch (error) {
        log("error", "The engine sent a message that cannot be read", {
          type: type.name,
          error: String(error),
        });
        return plain(type.create());
      }
    },
  };
}
