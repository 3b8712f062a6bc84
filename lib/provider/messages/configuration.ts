import { catalogue } from "../../shared/summary";

/** "About a configuration that is written by hand" in docs/operations.md, beside what the protocol says of one. */
export const CONFIGURATION = catalogue({
  notFilePath: "Not a path of a file",
  notDirectoryPath: "Not a path of a directory",
  notMode: "Not a mode",
  notText: "Not a text",
  notReachable: "Not a way to reach a host",
  sshWithoutAddress: "A setting of ssh without an address",
  notPattern: "Not a regular expression",
  notHostId: "Not a host's name",
  notServiceName: "Not a service's name",
  notStateId: "Not the identity of a state",
  notStack: "Not a stack's name",
  pathTwice: "One path, two things",
  fileWithoutContents: "A file without contents",
  fileWithTwoContents: "A file with two contents",
  pemForNoFile: "A PEM for no file",
  linkToNowhere: "A link to nowhere",
  notHostName: "Not a host name",
  halfPlaceholder: "Half a placeholder",
});

/** "About the engine and the provider", beside what the protocol says. */
export const ENVIRONMENT = catalogue({
  notPassphrase: "Not a passphrase for keys",
});
