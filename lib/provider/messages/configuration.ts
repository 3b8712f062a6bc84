import { catalogue } from "../../shared/summary";

/** "About a configuration that is written by hand" in docs/messages.md, without the protocol's own. */
export const CONFIGURATION = catalogue({
  notFilePath: "Not a valid file path",
  notDirectoryPath: "Not a valid directory path",
  notMode: "Not a valid mode",
  notText: "Text with a NUL character",
  emptyText: "Empty text",
  tooLarge: "File too large",
  notReachable: "Invalid connection setting",
  sshWithoutAddress: "SSH setting without an address",
  notPattern: "Not a valid regular expression",
  noProgram: "Command without a program",
  notRenewer: "Not a known client of a CA",
  notHostId: "Not a valid host id",
  notServiceName: "Not a valid service name",
  notStateId: "Not a state identity",
  notStack: "Not a valid stack name",
  pathTwice: "Path declared twice",
  fileWithoutContents: "File without contents",
  fileWithTwoContents: "File with two contents",
  pemForNoFile: "PEM for an undeclared file",
  linkToNowhere: "Invalid link target",
  notHostName: "Not a valid host name",
  halfPlaceholder: "Incomplete placeholder",
});

/** "About the engine and the provider", without the protocol's own. */
export const ENVIRONMENT = catalogue({
  notPassphrase: "Not a valid key passphrase",
});
