import { PostgresqlServer } from "../../support/postgresql-server";
import { StateServer } from "../../support/state-server";

/** A server that keeps the states of stacks, each by a name. */
export interface RemoteStates {
  /** The `backend` of a stack. */
  backend(name: string): object;
  /** Of a stack's engine. */
  environment(name: string): Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function httpStates(): Promise<RemoteStates> {
  const server = await StateServer.start();
  return {
    backend: (name) => ({ http: { address: server.address(name) } }),
    environment(name) {
      // An engine that is killed would keep the lock.
      const {
        TF_HTTP_LOCK_ADDRESS: _l,
        TF_HTTP_UNLOCK_ADDRESS: _u,
        ...environment
      } = server.environment(name);
      return environment;
    },
    stop: () => server.stop(),
  };
}

export async function postgresqlStates(): Promise<RemoteStates> {
  const server = await PostgresqlServer.start();
  return {
    backend: (name) => ({ pg: { schema_name: name.replaceAll(/\W/g, "_").toLowerCase() } }),
    environment: () => ({ PG_CONN_STR: server.connection({ withPassword: true }) }),
    stop: () => server.stop(),
  };
}
