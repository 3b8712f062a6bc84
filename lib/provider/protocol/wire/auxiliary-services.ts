import type {
  Server,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from "@grpc/grpc-js";
import { grpcService } from "./grpc-services";

/** Events of the engine's plugin library that end the provider's process. */
export interface Lifecycle {
  /** The engine is done and waits for the process to end. */
  shutdown(): void;
  /** The engine has disappeared: most likely it was killed. */
  abandoned(): void;
}

const SERVING = 1;

/**
 * Adds the services that every plugin must have. Without the controller an engine waits two seconds and kills
 * the process. Nothing is sent on the output stream: its end shows that the engine is gone.
 */
export function addAuxiliaryServices(server: Server, lifecycle: Lifecycle): void {
  const streams = new Set<ServerWritableStream<object, object>>();
  server.addService(grpcService("plugin.GRPCController"), {
    Shutdown: (_call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) => {
      answer(null, {});
      for (const stream of streams) stream.end();
      streams.clear();
      lifecycle.shutdown();
    },
  });
  server.addService(grpcService("plugin.GRPCStdio"), {
    StreamStdio: (stream: ServerWritableStream<object, object>) => {
      streams.add(stream);
      stream.once("cancelled", () => {
        if (streams.delete(stream)) lifecycle.abandoned();
      });
    },
  });
  server.addService(grpcService("plugin.GRPCBroker"), {
    StartStream: (stream: ServerDuplexStream<object, object>) => {
      stream.on("data", () => {}); // Brokered connections are for plugins that call the engine, which this one does not.
      stream.once("end", () => stream.end());
      stream.on("error", () => {});
    },
  });
  server.addService(grpcService("grpc.health.v1.Health"), {
    Check: (_call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) =>
      answer(null, { status: SERVING }),
  });
}
