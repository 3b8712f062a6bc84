import {
  Server,
  type ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { printable } from "../../shared/text/printable";
import type { Handlers } from "./provider-server";
import { addAuxiliaryServices, type Lifecycle } from "./wire/auxiliary-services";
import { grpcService } from "./wire/grpc-services";

/** Starts a gRPC server on the Unix socket `socket`. It accepts calls once the promise is fulfilled. */
export async function startGrpcServer(
  socket: string,
  credentials: ServerCredentials,
  handlers: Handlers,
  lifecycle: Lifecycle,
): Promise<Server> {
  const server = new Server({
    // No limit: a large state or configuration may exceed the library's default of 4 MiB.
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    // No client queries these statistics.
    "grpc.enable_channelz": 0,
  });
  server.addService(grpcService("tfplugin6.Provider"), implementation(handlers));
  addAuxiliaryServices(server, lifecycle);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, credentials, (error) => (error ? reject(error) : resolve()));
  });
  return server;
}

function implementation(handlers: Handlers): UntypedServiceImplementation {
  const calls: UntypedServiceImplementation = {};
  for (const [name, handle] of Object.entries(handlers)) {
    calls[name] = (call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) => {
      handle(call.request as never).then(
        (response) => answer(null, response),
        // Handlers answer errors with diagnostics. This only keeps a fault in a handler from ending the
        // process.
        (error) => answer({ code: status.INTERNAL, details: printable(String(error)) }),
      );
    };
  }
  return calls;
}
