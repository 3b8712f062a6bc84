import { qmailLookupProperty } from "./qmail-lookup";

// 100 sets, and 300 in test/long.
qmailLookupProperty(2);
