/**
 * The environment in which the engine runs: that of this command, without questions, and without looking for new versions. One
 * host that is down must not hide what happens on the others, so the provider only warns of it, unless the user has chosen.
 *
 * A log of the engine on standard error has the values of the state, keys included, and this command shows a line of standard
 * error. So a log is written only if `TF_LOG_PATH` sends it elsewhere.
 */
export function engineEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isLogged = (environment.TF_LOG_PATH ?? "") !== "";
  const kept = Object.entries(environment).filter(([name]) => isLogged || !/^TF_LOG(_|$)/.test(name));
  return {
    MAIL_SNI_ON_UNREACHABLE: "warn",
    ...Object.fromEntries(kept),
    ...{ CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0" },
  };
}
