import { dovecotLookupProperty } from "../../e2e/lookup/dovecot-lookup";

dovecotLookupProperty("2.3");
