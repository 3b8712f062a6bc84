import { qmailLookupProperty } from "../../e2e/lookup/qmail-lookup";

qmailLookupProperty();
